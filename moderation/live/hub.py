"""The sockets of one process, and what keeps them right.

An announcement brings an update at once. Should it be lost or late, as when Redis is away, a look at the
rooms' versions twice a second shows that there is more, and the event log has it. The same look notices facts
that were changed elsewhere, leases that have run out, and rooms that have reached their end.
"""

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress
from itertools import islice
from math import inf
from time import monotonic
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.utils import timezone
from prometheus_client import Gauge

from moderation.broker.announcements import ALL, Close, Update, channel_layer, group_of
from moderation.broker.redis_layer import REDIS_ERRORS
from moderation.leases import expire_leases_in
from moderation.live import poller
from moderation.live.connection import CLOSE_GRACE, Connection
from moderation.live.local_room import LocalRoom
from moderation.models import RENEWAL
from rooms.channel_keys import new_name

POLL_INTERVAL = 0.5
# Leases are long, and asking for those that have run out takes twice as long as a look.
EXPIRY_INTERVAL = 2.0
HEARTBEAT_EVERY = 15.0
# How many sockets that are gone are noted in one look, so that acts need not wait long for it.
DEPARTURES = 50

# Closed with these, a socket has stopped counting before, or its user is about to come back elsewhere.
_SETTLED = {Close.REMOVED, Close.REPLACED, Close.ENDED, Close.GOING_AWAY}

_log = logging.getLogger(__name__)
_SOCKETS = Gauge("tokensvc_live_sockets", "Open live sockets", multiprocess_mode="livesum")


class Hub:
    """Works as long as there are sockets. Each event loop has its own."""

    def __init__(self) -> None:
        self.process_id = new_name()
        self.rooms: dict[str, LocalRoom] = {}
        self.closing = False
        self._departed: dict[str, str] = {}
        self._layer = channel_layer()
        self._channel: str | None = None
        self._renewed_at = self._expired_at = -inf
        self._database_down = False
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def enter(self, connection: Connection) -> LocalRoom:
        """Let a socket hear of its room from now on. Raises `django.db.Error` when the database is away."""
        async with self._lock:
            await self._renew()
            room_id = connection.holder.room_id
            room = self.rooms.setdefault(room_id, LocalRoom())
            room.connections[connection.id] = connection
            _SOCKETS.inc()
            await self._subscribe(room_id, room)
            if self._task is None:
                self._task = asyncio.get_running_loop().create_task(self._run())
            return room

    async def leave(self, connection: Connection) -> None:
        """Forget a socket, and have the database know that it is gone."""
        room_id = connection.holder.room_id
        async with self._lock:
            room = self.rooms[room_id]
            del room.connections[connection.id]
            _SOCKETS.dec()
            if connection.close_code not in _SETTLED:
                self._departed[connection.id] = room_id
            if not room.connections:
                del self.rooms[room_id]
                with suppress(*REDIS_ERRORS):
                    if room.subscribed and self._channel is not None:
                        await self._layer.group_discard(group_of(room_id), self._channel)
            self._wake.set()

    async def shut_down(self) -> None:
        """Close all sockets, so that their clients go to another process, and take no more.

        Also waits for the look at hand: an announcement in it would wait for ever for a stopped loop.
        """
        self.closing = True
        deadline = monotonic() + 3 * CLOSE_GRACE
        while self._task is not None and monotonic() < deadline:
            for room in self.rooms.values():  # each time, for some may be coming in just now
                room.close({ALL: Close.GOING_AWAY})
            await asyncio.sleep(0.05)

    async def _run(self) -> None:
        helpers = [asyncio.create_task(work) for work in (self._listen(), self._beat())]
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), POLL_INTERVAL)
            self._wake.clear()
            await self._try_to_look()
            async with self._lock:
                if not self.rooms and not self._departed:
                    await self._stop(helpers)
                    return

    async def _stop(self, helpers: list[asyncio.Task[None]]) -> None:
        for helper in helpers:
            helper.cancel()
        await asyncio.gather(*helpers, return_exceptions=True)
        self._task = self._channel = None
        self._renewed_at = -inf

    async def _listen(self) -> None:
        while True:
            if self._channel is None:  # Redis has been away since the first socket came
                await asyncio.sleep(POLL_INTERVAL)
                continue
            try:
                message = await self._layer.receive(self._channel)
                self._deliver(message["room"], [Update(*update) for update in message["updates"]])
            except Exception:  # whatever it is, looking does what listening did not
                _log.exception("an announcement was not understood")
                await asyncio.sleep(POLL_INTERVAL)

    def _deliver(self, room_id: str, updates: list[Update]) -> None:
        room = self.rooms.get(room_id)
        if room is not None and not room.deliver(updates):
            self._wake.set()

    async def _subscribe(self, room_id: str, room: LocalRoom) -> None:
        """Ask for the room's announcements; while Redis is away, looking has to do."""
        if room.subscribed:
            return
        with suppress(*REDIS_ERRORS):
            self._channel = self._channel or await self._layer.new_channel()
            await self._layer.group_add(group_of(room_id), self._channel)
            room.subscribed = True

    async def _renew(self) -> None:
        # The next look would be too late for a word that runs out before it.
        if monotonic() - self._renewed_at >= RENEWAL.total_seconds() - POLL_INTERVAL:
            renew = database_sync_to_async(poller.renew)
            await renew(self.process_id, timezone.now(), after_outage=self._database_down)
            self._renewed_at = monotonic()

    async def _expire_leases(self, room_ids: Collection[str]) -> None:
        if monotonic() - self._expired_at >= EXPIRY_INTERVAL:
            await database_sync_to_async(expire_leases_in)(timezone.now(), list(room_ids))
            self._expired_at = monotonic()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_EVERY)
            for room in self.rooms.values():
                room.beat()

    async def _try_to_look(self) -> None:
        """Look, and say so once when it has become impossible: the sockets go on in any case."""
        try:
            await self._look()
        except Exception:
            if not self._database_down:
                _log.exception("the rooms cannot be looked at")
            self._database_down = True
        else:
            self._database_down = False

    async def _look(self) -> None:
        await self._renew()
        versions = {id_: room.version for id_, room in self.rooms.items() if room.version is not None}
        await self._expire_leases(versions.keys())
        departed = dict(islice(self._departed.items(), DEPARTURES))
        findings = await database_sync_to_async(poller.look)(versions, departed, timezone.now())
        for connection_id in departed:
            del self._departed[connection_id]
        if self._departed:
            self._wake.set()
        for room_id in findings.missing & self.rooms.keys():
            self.rooms[room_id].close({ALL: Close.NO_ROOM})
        for room_id in findings.ahead:
            await self._catch_up(room_id)
        for room_id, room in list(self.rooms.items()):
            await self._subscribe(room_id, room)

    async def _catch_up(self, room_id: str) -> None:
        room = self.rooms.get(room_id)
        if room is None or room.version is None:
            return
        users = {one.id: one.holder.user_id for one in room.connections.values() if one.is_live}
        room.deliver(await database_sync_to_async(poller.missed)(room_id, room.version, users))


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def current_hub() -> Hub:
    """Return the hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
