"""Telling the processes that hold sockets what has happened, over the channel layer.

State is in the database; an announcement that is lost costs time and nothing else (see `live.hub`).
"""

import logging
from collections.abc import Mapping, Sequence
from math import inf
from time import monotonic
from typing import Any, NamedTuple

from asgiref.sync import async_to_sync
from channels.layers import BaseChannelLayer, get_channel_layer
from django.core.exceptions import ImproperlyConfigured

from moderation.broker.redis_layer import REDIS_ERRORS, RedisLayer

_log = logging.getLogger(__name__)


class Close:
    """Why a socket is closed: the codes of the protocol."""

    BAD_FRAMES = 4400
    BAD_TICKET = 4401
    REMOVED = 4403
    NO_ROOM = 4404
    TOO_SLOW = 4408
    REPLACED = 4409
    ENDED = 4410
    # From IANA's registry for RFC 6455: "service restart", "try again later".
    GOING_AWAY = 1012
    TRY_AGAIN = 1013


ALL = "*"
# Seconds without announcements after one has failed.
PAUSE = 1.0


class Update(NamedTuple):
    """One version of a room: its frame, and which sockets it closes, by connection id or `ALL`."""

    version: int
    frame: str
    closes: Mapping[str, int]


def group_of(room_id: str) -> str:
    return f"room.{room_id}"


def channel_layer() -> BaseChannelLayer:
    """Return the channel layer of the settings: Redis pub/sub, or one process's memory."""
    layer = get_channel_layer()
    if layer is None:
        raise ImproperlyConfigured("CHANNEL_LAYERS has no default.")
    return layer


class _Announcer:
    """Sends announcements. After a failure it is quiet for a while, so that nobody waits again and again."""

    def __init__(self) -> None:
        self._quiet_until = 0.0

    def stop(self) -> None:
        """Announce no more, for this process is ending, and its event loop before its last act."""
        self._quiet_until = inf

    def __call__(self, room_id: str, updates: Sequence[Update]) -> None:
        if monotonic() < self._quiet_until:
            return
        message = {"type": "updates", "room": room_id, "updates": [tuple(update) for update in updates]}
        try:
            _send(group_of(room_id), message)
        except REDIS_ERRORS as error:
            self._quiet_until = max(self._quiet_until, monotonic() + PAUSE)
            fields = {"room": room_id, "error": repr(error)}
            _log.warning("not announced: Redis is away", extra={"fields": fields})


def _send(group: str, message: dict[str, Any]) -> None:
    layer = channel_layer()
    if isinstance(layer, RedisLayer):
        layer.publish(group, message)
    else:
        async_to_sync(layer.group_send)(group, message)


announce = _Announcer()
"""Sends updates, `(room_id, updates)`, to every process that has sockets in the room, as one message."""
