"""Who may publish: the permission rule, which clients apply as well."""

from django.db import models

from rooms.roles import Role


class Medium(models.TextChoices):
    AUDIO = "audio"
    VIDEO = "video"


class Override(models.TextChoices):
    """A host's setting for one participant and medium; it takes precedence over the room's flags."""

    INHERIT = "inherit"
    ALLOW = "allow"
    DENY = "deny"


def may_publish(role: Role, override: Override, *, forbidden: bool) -> bool:
    """Tell whether a participant may publish a medium; `forbidden` is the room's flag for it.

    A subscriber never may. `deny` and `allow` decide; with `inherit` the room decides, except for hosts.
    """
    if role is Role.SUBSCRIBER or override is Override.DENY:
        return False
    return override is Override.ALLOW or role is Role.HOST or not forbidden
