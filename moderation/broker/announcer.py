"""Announcing updates. A lost announcement delays an update until the next poll (`live.poller`)."""

import logging
from collections.abc import Sequence
from time import monotonic

from moderation.broker.configured import broker
from moderation.broker.protocol import BrokerUnavailable
from moderation.broker.update import Update, encode

_log = logging.getLogger(__name__)

# Seconds without announcements after one has failed.
PAUSE = 1.0


class Announcer:
    """Publishes updates. Pauses after a failure, so that not every act waits for a time-out."""

    def __init__(self) -> None:
        self._paused_until = 0.0

    def __call__(self, room_id: str, updates: Sequence[Update]) -> None:
        """Publish the updates of one act as one message."""
        if monotonic() < self._paused_until:
            return
        try:
            broker().publish(room_id, encode(room_id, updates))
        except BrokerUnavailable as error:
            self._paused_until = monotonic() + PAUSE
            fields = {"room": room_id, "error": str(error)}
            _log.warning("updates not announced: the broker is unavailable", extra={"fields": fields})


announce = Announcer()
