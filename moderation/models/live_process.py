"""Which processes hold sockets, and live."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Max

from rooms.channel_keys import new_name

# A socket that is gone keeps its place for so long.
LEASE = timedelta(seconds=30)
# A process says so often that it lives; its word is good until it could have said it again.
RENEWAL = timedelta(seconds=2)
# While the database is away nobody can say that they live; after this long, they no longer need to.
LONGEST_OUTAGE = timedelta(minutes=10)


class LiveProcessQuerySet(models.QuerySet["LiveProcess"]):
    def renew(self, process_id: str, now: datetime, *, after_outage: bool = False) -> None:
        """Say that a process lives; after a time in which nobody could, that all do that did before."""
        if after_outage and not self.filter(seen_at__gte=now - LEASE).exists():
            self.filter(seen_at__gte=now - LONGEST_OUTAGE).update(seen_at=now)
        self.update_or_create(pk=process_id, defaults={"seen_at": now})

    def dead(self, now: datetime) -> Self:
        """Those that have been silent for longer than the latest one and a lease."""
        newest = self.aggregate(at=Max("seen_at"))["at"] or now
        return self.filter(seen_at__lt=max(newest - LEASE - RENEWAL, now - LONGEST_OUTAGE))


class LiveProcess(models.Model):
    """A process that holds sockets. All it holds is gone when it has been silent for too long."""

    id = models.CharField(primary_key=True, max_length=22, default=new_name, editable=False)
    seen_at = models.DateTimeField()

    objects = LiveProcessQuerySet.as_manager()

    def __str__(self) -> str:
        return self.id
