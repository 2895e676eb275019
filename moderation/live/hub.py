"""The registry of this process's sockets, and the tasks that serve them.

Announcements bring updates at once. When one is lost or late, as while Redis is unavailable, the poller finds
the room at a newer version and replays the event log.
"""

import asyncio
import logging
from collections.abc import Iterable
from time import monotonic
from weakref import WeakKeyDictionary

from prometheus_client import Gauge

from moderation.broker import Update, broker, decode
from moderation.close_codes import ALL, CloseCode
from moderation.live.connection import CLOSE_GRACE, Connection
from moderation.live.local_room import LocalRoom
from moderation.live.poller import Poller
from moderation.live.process_heartbeat import ProcessHeartbeat
from rooms.random_ids import new_id

HEARTBEAT_INTERVAL = 15.0
# Seconds between attempts to receive after an error.
RECEIVE_PAUSE = 0.5

# A socket closed with one of these is no longer its participant's connection, or is about to be replaced.
_NO_DISCONNECT = {CloseCode.REMOVED, CloseCode.REPLACED, CloseCode.ENDED, CloseCode.GOING_AWAY}

_log = logging.getLogger(__name__)
_SOCKETS = Gauge("tokensvc_live_sockets", "Open live sockets", multiprocess_mode="livesum")


class Hub:
    """One for each event loop. Its tasks run while there are sockets."""

    def __init__(self) -> None:
        self.process_id = new_id()
        self.rooms: dict[str, LocalRoom] = {}
        self.closing = False
        self._heartbeat = ProcessHeartbeat(self.process_id)
        self._poller = Poller(self.rooms, self._heartbeat)
        self._subscription = broker().subscription()
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def enter(self, connection: Connection) -> LocalRoom:
        """Register a socket; its room's updates reach it from now on. Raises `django.db.Error`."""
        async with self._lock:
            await self._poller.refresh_heartbeat()
            room_id = connection.holder.room_id
            room = self.rooms.setdefault(room_id, LocalRoom())
            room.connections[connection.id] = connection
            _SOCKETS.inc()
            if len(room.connections) == 1:
                await self._subscription.add(room_id)
            if self._task is None:
                self._task = asyncio.get_running_loop().create_task(self._run())
            return room

    async def leave(self, connection: Connection) -> None:
        """Remove a socket, and have the poller write down that it is disconnected."""
        room_id = connection.holder.room_id
        async with self._lock:
            room = self.rooms[room_id]
            del room.connections[connection.id]
            _SOCKETS.dec()
            if connection.close_code not in _NO_DISCONNECT:
                self._poller.disconnected[connection.id] = room_id
            if not room.connections:
                del self.rooms[room_id]
                await self._subscription.discard(room_id)
            self._poller.wake()

    async def shut_down(self) -> None:
        """Close all sockets, so that their clients go to another process, and accept no more."""
        self.closing = True
        deadline = monotonic() + 3 * CLOSE_GRACE
        while self._task is not None and monotonic() < deadline:
            for room in self.rooms.values():  # repeated, for sockets that were just entering
                room.close({ALL: CloseCode.GOING_AWAY})
            await asyncio.sleep(0.05)

    async def _run(self) -> None:
        tasks = [asyncio.create_task(work) for work in (self._receive(), self._send_heartbeats())]
        while True:
            await self._poller.wait()
            await self._poller.poll()
            async with self._lock:
                if not self.rooms and not self._poller.disconnected:
                    await self._stop(tasks)
                    return

    async def _stop(self, tasks: Iterable[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._subscription.close()
        self._heartbeat.reset()
        self._task = None

    async def _receive(self) -> None:
        while True:
            try:
                self._deliver(*decode(await self._subscription.receive()))
            except Exception:  # the poller makes up for the message
                _log.exception("receiving an announcement failed")
                await asyncio.sleep(RECEIVE_PAUSE)

    def _deliver(self, room_id: str, updates: list[Update]) -> None:
        room = self.rooms.get(room_id)
        if room is not None and not room.deliver(updates):
            self._poller.wake()

    async def _send_heartbeats(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_INTERVAL)
            for room in self.rooms.values():
                room.send_heartbeat()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def current_hub() -> Hub:
    """Return the hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
