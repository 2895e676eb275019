"""This process's heartbeat in the database, which keeps the leases of its sockets."""

from datetime import datetime, timedelta
from math import inf
from time import monotonic

from django.utils import timezone

from moderation.live.database import run_in_database_thread
from moderation.models import RENEWAL, LiveProcess

# Refreshed this much earlier than it has to be: a poll may be late.
MARGIN = timedelta(seconds=0.5)
_DELETE_AFTER = timedelta(hours=1)


class ProcessHeartbeat:
    def __init__(self, process_id: str) -> None:
        self._process_id = process_id
        self._refreshed_at = -inf

    async def refresh(self, *, after_outage: bool) -> None:
        """Write the heartbeat if it is due. Raises `django.db.Error`."""
        if monotonic() - self._refreshed_at >= (RENEWAL - MARGIN).total_seconds():
            await run_in_database_thread(renew, self._process_id, timezone.now(), after_outage=after_outage)
            self._refreshed_at = monotonic()

    def reset(self) -> None:
        """Make the heartbeat due: nothing has refreshed it for a while."""
        self._refreshed_at = -inf


def renew(process_id: str, now: datetime, *, after_outage: bool = False) -> None:
    """Refresh the heartbeat of a process, and delete processes that have had none for an hour."""
    LiveProcess.objects.renew(process_id, now, after_outage=after_outage)
    LiveProcess.objects.filter(seen_at__lt=now - _DELETE_AFTER).delete()
