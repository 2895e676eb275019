"""Who may publish: the one rule, for servers and clients alike."""

from django.db import models

from rooms.roles import Role


class Medium(models.TextChoices):
    AUDIO = "audio"
    VIDEO = "video"


class Override(models.TextChoices):
    """What a host has said of one person and one medium, whatever the room says of everybody."""

    INHERIT = "inherit"
    ALLOW = "allow"
    DENY = "deny"


def may_publish(role: Role, override: Override, *, forbidden: bool) -> bool:
    """Tell whether somebody may publish a medium that the room forbids, or does not, to everybody.

    A subscriber never may. `deny` and `allow` decide; with `inherit` the room decides, except for hosts.
    """
    if role is Role.SUBSCRIBER or override is Override.DENY:
        return False
    return override is Override.ALLOW or role is Role.HOST or not forbidden
