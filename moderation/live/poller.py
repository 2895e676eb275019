"""Polls the database twice a second for what announcements did not bring.

That is: lost announcements, changes made elsewhere, expired leases, rooms that ended or were deleted.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from itertools import islice
from math import inf
from time import monotonic
from typing import NamedTuple

from django.utils import timezone

from moderation.close_codes import ALL, CloseCode
from moderation.leases import expire_leases_in, refresh
from moderation.live.database import run_in_database_thread
from moderation.live.local_room import LocalRoom
from moderation.live.process_heartbeat import ProcessHeartbeat
from moderation.live.replay import replay_since
from moderation.models import RoomState
from moderation.presence import disconnect
from tokensvc.web.refusals import Refusal

POLL_INTERVAL = 0.5
# Leases are long, and the query for expired ones costs twice as much as a poll.
EXPIRY_INTERVAL = 2.0
# Disconnects written in one poll: acts wait for it.
MAX_DISCONNECTS = 50

_log = logging.getLogger(__name__)


class PollResult(NamedTuple):
    """Rooms with a newer version, and rooms that no longer exist."""

    ahead: list[str]
    missing: set[str]


class Poller:
    """Polls for the rooms of one process. `rooms` is the hub's own mapping."""

    def __init__(self, rooms: Mapping[str, LocalRoom], heartbeat: ProcessHeartbeat) -> None:
        # Rooms of sockets that are gone, by connection id.
        self.disconnected: dict[str, str] = {}
        self._rooms = rooms
        self._heartbeat = heartbeat
        self._wake = asyncio.Event()
        self._expired_at = -inf
        self._database_down = False

    def wake(self) -> None:
        """Poll at once."""
        self._wake.set()

    async def wait(self) -> None:
        """Return when the next poll is due."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), POLL_INTERVAL)
        self._wake.clear()

    async def refresh_heartbeat(self) -> None:
        await self._heartbeat.refresh(after_outage=self._database_down)

    async def poll(self) -> None:
        """Poll once. Logs the first of several failures; sockets stay open in any case."""
        try:
            await self._poll()
        except Exception:
            if not self._database_down:
                _log.exception("polling the rooms failed")
            self._database_down = True
        else:
            self._database_down = False

    async def _poll(self) -> None:
        await self.refresh_heartbeat()
        versions = {id_: room.version for id_, room in self._rooms.items() if room.version is not None}
        await self._expire_leases(versions)
        disconnected = dict(islice(self.disconnected.items(), MAX_DISCONNECTS))
        result = await run_in_database_thread(poll, versions, disconnected, timezone.now())
        for connection_id in disconnected:
            del self.disconnected[connection_id]
        if self.disconnected:
            self.wake()
        for room_id in result.missing & self._rooms.keys():
            self._rooms[room_id].close({ALL: CloseCode.NO_ROOM})
        for room_id in result.ahead:
            await self._catch_up(room_id)

    async def _expire_leases(self, versions: Mapping[str, int]) -> None:
        if monotonic() - self._expired_at >= EXPIRY_INTERVAL:
            await run_in_database_thread(expire_leases_in, timezone.now(), list(versions))
            self._expired_at = monotonic()

    async def _catch_up(self, room_id: str) -> None:
        room = self._rooms.get(room_id)
        if room is None or room.version is None:
            return
        users = {one.id: one.holder.user_id for one in room.connections.values() if one.is_live}
        room.deliver(await run_in_database_thread(replay_since, room_id, room.version, users))


def poll(versions: Mapping[str, int], disconnected: Mapping[str, str], now: datetime) -> PollResult:
    """Compare rooms with the versions their sockets have.

    Writes down disconnects (room by connection id), and reconciles rooms with changes made elsewhere.
    """
    for room_id in set(disconnected.values()):
        connections = [connection for connection, room in disconnected.items() if room == room_id]
        with suppress(Refusal):  # the room may be deleted
            disconnect(room_id, connections, now)
    ahead, found = [], set()
    for room in RoomState.objects.watch(versions, now):
        found.add(room.room_id)
        if not room.is_reconciled:
            with suppress(Refusal):
                refresh(room.room_id, now)
            ahead.append(room.room_id)
        elif room.version > versions[room.room_id]:
            ahead.append(room.room_id)
    return PollResult(ahead, versions.keys() - found)
