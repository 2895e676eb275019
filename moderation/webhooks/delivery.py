"""Delivering the outbox to the app's endpoint, one room at a time and in its order.

Delivery is at least once: when a process dies or loses the database between the endpoint's 2xx and the row's
deletion, the notice is sent again with the same `webhook-id`. A notice is never given up; only `purge_rooms`
deletes those that name people, when it purges their room.
"""

import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import NamedTuple

from django.utils import timezone
from prometheus_client import Counter

from moderation.models import Webhook
from moderation.webhooks.endpoint import DeliveryFailed, Endpoint
from tokensvc.jobs.backoff import Backoff

BACKOFF = Backoff(first=timedelta(seconds=5), longest=timedelta(minutes=15), jitter=(1.0, 0.5))

_log = logging.getLogger(__name__)
_SENT = Counter("tokensvc_webhooks", "Webhooks sent, by outcome", ["outcome"])


class DeliveryCounts(NamedTuple):
    """How many notices were delivered, and how many tries failed."""

    delivered: int = 0
    failed: int = 0

    def __add__(self, other: object) -> "DeliveryCounts":
        if not isinstance(other, DeliveryCounts):
            return NotImplemented
        return DeliveryCounts(self.delivered + other.delivered, self.failed + other.failed)


def deliver_room(
    endpoint: Endpoint, room_id: str, may_continue: Callable[[], bool] = lambda: True
) -> DeliveryCounts:
    """Send a room's notices in their order until one fails, none is left, or it may not continue."""
    counts = DeliveryCounts()
    while may_continue():
        webhook = Webhook.objects.claim_first(room_id, timezone.now())
        if webhook is None:
            break
        if not deliver(endpoint, webhook, timezone.now()):
            return counts + DeliveryCounts(failed=1)
        counts += DeliveryCounts(delivered=1)
    return counts


def deliver(endpoint: Endpoint, webhook: Webhook, now: datetime) -> bool:
    """Send a claimed notice and record the outcome; return whether it was accepted."""
    try:
        endpoint.post(webhook.message_id, webhook.payload, now)
    except DeliveryFailed as failure:
        _put_off(webhook, failure)
        return False
    webhook.record_delivered(timezone.now())
    _SENT.labels("delivered").inc()
    _log.info("webhook delivered", extra={"fields": _log_fields(webhook)})
    return True


def _put_off(webhook: Webhook, failure: DeliveryFailed) -> None:
    attempts = webhook.attempts + 1
    pause = BACKOFF.pause_after(attempts, random.random())  # noqa: S311 (spreads retries)
    webhook.put_off(str(failure), timezone.now() + pause)
    _SENT.labels("failed").inc()
    retry_in = round(pause.total_seconds(), 1)
    fields = {**_log_fields(webhook), "error": str(failure), "attempts": attempts, "retry_in": retry_in}
    if failure.status == HTTPStatus.GONE:
        _log.error("webhook endpoint is gone", extra={"fields": fields})
    else:
        _log.warning("webhook not delivered", extra={"fields": fields})


def _log_fields(webhook: Webhook) -> dict[str, object]:
    return {"webhook": webhook.message_id, "type": webhook.type, "room": webhook.room_id}
