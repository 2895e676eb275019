"""Delivering what is in the outbox to the app.

In a room one notice goes after the other; rooms do not wait for each other. A notice is delivered at least
once: when a process dies, or loses the database, between the receiver's yes and the row's end, the notice is
sent again with the same `webhook-id`. None is ever given up, however long the receiver is away; only
`purge_rooms` forgets those that name people when it forgets their room.
"""

import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from prometheus_client import Counter

from moderation.models import Webhook
from moderation.webhooks.endpoint import GONE, Endpoint, Failed

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=15)

_log = logging.getLogger(__name__)
_SENT = Counter("tokensvc_webhooks", "Webhooks sent, by what became of them", ["outcome"])


def pause_after(attempts: int, chance: float) -> timedelta:
    """Return how long to wait after so many failures: doubling, and by a chance of 0 to 1 up to half less."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(attempts - 1, 10)
    return min(doubled, LONGEST_PAUSE) * (1 - chance / 2)


class Tally(NamedTuple):
    """How many notices were taken, and how many tries failed."""

    delivered: int = 0
    failed: int = 0

    def __add__(self, other: object) -> "Tally":
        if not isinstance(other, Tally):
            return NotImplemented
        return Tally(self.delivered + other.delivered, self.failed + other.failed)


def deliver_room(receiver: Endpoint, room_id: str, keep_on: Callable[[], bool] = lambda: True) -> Tally:
    """Send a room's notices in their order, as far as they are taken and it is to keep on."""
    tally = Tally()
    while keep_on():
        webhook = Webhook.objects.claim(room_id, timezone.now())
        if webhook is None:
            break
        if not deliver(receiver, webhook, timezone.now()):
            return tally + Tally(failed=1)
        tally += Tally(delivered=1)
    return tally


def deliver(receiver: Endpoint, webhook: Webhook, now: datetime) -> bool:
    """Send a notice that is claimed; tell whether it was taken, and write down what became of it."""
    fields: dict[str, object] = {"webhook": webhook.message_id, "type": webhook.type, "room": webhook.room_id}
    try:
        receiver.post(webhook.message_id, webhook.payload, now)
    except Failed as failed:
        attempts = webhook.attempts + 1
        pause = pause_after(attempts, random.random())  # noqa: S311 (spreads retries, hides nothing)
        webhook.failed(str(failed), timezone.now() + pause)
        _SENT.labels("failed").inc()
        fields |= {"error": str(failed), "attempts": attempts, "retry_in": round(pause.total_seconds(), 1)}
        if failed.status == GONE:
            _log.error("the receiver wants no more webhooks", extra={"fields": fields})
        else:
            _log.warning("webhook not delivered", extra={"fields": fields})
        return False
    webhook.delivered(timezone.now())
    _SENT.labels("delivered").inc()
    _log.info("webhook delivered", extra={"fields": fields})
    return True
