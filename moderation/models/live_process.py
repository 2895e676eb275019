"""The processes that hold live sockets, and their heartbeats."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Max

from rooms.random_ids import new_id

# A participant whose socket is gone keeps their place for this long.
LEASE = timedelta(seconds=30)
# Interval between heartbeats; one is valid for a lease and one interval.
RENEWAL = timedelta(seconds=2)
# After a database outage of up to this long, processes alive before it count as alive.
LONGEST_OUTAGE = timedelta(minutes=10)


class LiveProcessQuerySet(models.QuerySet["LiveProcess"]):
    def renew(self, process_id: str, now: datetime, *, after_outage: bool = False) -> None:
        """Refresh a process's heartbeat; after a database outage, also those of processes alive before it."""
        if after_outage and not self.filter(seen_at__gte=now - LEASE).exists():
            self.filter(seen_at__gte=now - LONGEST_OUTAGE).update(seen_at=now)
        self.update_or_create(pk=process_id, defaults={"seen_at": now})

    def dead(self, now: datetime) -> Self:
        """Processes whose heartbeat is more than a lease older than the newest."""
        newest = self.aggregate(at=Max("seen_at"))["at"] or now
        return self.filter(seen_at__lt=max(newest - LEASE - RENEWAL, now - LONGEST_OUTAGE))


class LiveProcess(models.Model):
    """A process that holds sockets. Once it is dead, the leases of its sockets expire."""

    id = models.CharField(primary_key=True, max_length=22, default=new_id, editable=False)
    seen_at = models.DateTimeField()

    objects = LiveProcessQuerySet.as_manager()

    def __str__(self) -> str:
        return self.id
