"""Roles: host > publisher > subscriber."""

from django.db import models


class Role(models.TextChoices):
    """A user's role in a room. A host publishes and moderates, a subscriber only receives."""

    HOST = "host"
    PUBLISHER = "publisher"
    SUBSCRIBER = "subscriber"

    @property
    def publishes(self) -> bool:
        return self is not Role.SUBSCRIBER

    def covers(self, other: "Role") -> bool:
        """Tell whether this role includes `other`."""
        return _RANK[self] >= _RANK[other]


_RANK = {Role.HOST: 3, Role.PUBLISHER: 2, Role.SUBSCRIBER: 1}
