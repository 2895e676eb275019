"""The ASGI application behind `/ws/rooms/{id}/`: who comes in, what they say, and how it ends."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from channels.db import database_sync_to_async
from django.db import Error as DatabaseError
from django.utils import timezone

from moderation import presence
from moderation.act_context import ActContext
from moderation.broker.announcements import Close
from moderation.live import commands
from moderation.live.connection import CLOSE_GRACE, Connection, Send
from moderation.live.hub import current_hub
from moderation.live.local_room import LocalRoom
from moderation.live.rate_limit import TokenBucket
from rooms import tickets
from rooms.callers import TicketHolder
from rooms.credentials import PROTOCOL
from tokensvc.web.refusals import Refusal

Receive = Callable[[], Awaitable[dict[str, Any]]]

_ADDRESS = re.compile(r"/ws/rooms/(?P<room_id>[^/]+)/")
_TICKET = "ticket."
_REFUSED: Mapping[str, int] = {
    "room_not_found": Close.NO_ROOM,
    "room_ended": Close.ENDED,
    "banned": Close.REMOVED,
}

# Frames that are taken in before they are obeyed; more wait in the network.
MAX_WAITING = 20

_log = logging.getLogger(__name__)


async def live(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    """Serve one socket. What is refused is accepted first and then closed, so that browsers see the code."""
    await receive()
    offered = scope["subprotocols"]
    await send({"type": "websocket.accept", "subprotocol": PROTOCOL if PROTOCOL in offered else None})
    address = _ADDRESS.fullmatch(scope["path"])
    if address is None:
        await send({"type": "websocket.close", "code": Close.NO_ROOM})
        return
    try:
        holder = _ticket_holder(offered, address["room_id"])
    except Refusal as refusal:
        _log.info("socket refused", extra={"fields": {"code": refusal.code}})
        await send({"type": "websocket.close", "code": Close.BAD_TICKET})
        return
    await Socket(holder, receive, send).serve()


def _ticket_holder(offered: Sequence[str], room_id: str) -> TicketHolder:
    """Return who holds the ticket among the offered subprotocols, if it is for this room."""
    holder = tickets.read(next((name[len(_TICKET) :] for name in offered if name.startswith(_TICKET)), ""))
    holder.claimed_role(room_id)
    return holder


class Socket:
    """A participant's socket, from the snapshot to the close."""

    def __init__(self, holder: TicketHolder, receive: Receive, send: Send) -> None:
        self._holder = holder
        self._receive, self._send = receive, send
        self._connection = Connection(holder, send, self._stop)
        self._is_gone = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._inbox: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(MAX_WAITING)
        self._idle = asyncio.Event()
        self._idle.set()
        self._commands = TokenBucket(burst=100, per_second=50)
        self._bad_frames = TokenBucket(burst=5, per_second=0.1)

    async def serve(self) -> None:
        hub = current_hub()
        if hub.closing:
            await self._send({"type": "websocket.close", "code": Close.GOING_AWAY})
            return
        try:
            room = await hub.enter(self._connection)
        except DatabaseError:
            _log.exception("socket refused: the database is away")
            await self._send({"type": "websocket.close", "code": Close.TRY_AGAIN})
            return
        self._tasks = {asyncio.create_task(self._read()), asyncio.create_task(self._work(room))}
        try:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_EXCEPTION)
            await self._connection.finished()
            for task in self._tasks:
                if task.done() and not task.cancelled():
                    task.result()
        finally:
            for task in self._tasks:
                task.cancel()
            await hub.leave(self._connection)

    async def _stop(self) -> None:
        """Read no more, once the command at hand is answered."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), CLOSE_GRACE)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _read(self) -> None:
        """Take in what the client says, also while it comes in: who leaves meanwhile is not to come in."""
        try:
            while (event := await self._receive())["type"] != "websocket.disconnect":
                await self._inbox.put(event)
        finally:
            self._is_gone = True
        await self._inbox.put(None)

    async def _work(self, room: LocalRoom) -> None:
        await self._come_in(room)
        while (event := await self._inbox.get()) is not None:
            if self._connection.close_code is None:
                await self._hear(event.get("text"))

    async def _come_in(self, room: LocalRoom) -> None:
        arriving = self._holder, self._connection.id, current_hub().process_id, timezone.now()
        try:
            snapshot = await database_sync_to_async(presence.join)(*arriving, lambda: self._is_gone)
            room.arrived(self._connection, snapshot)
        except presence.Gone:
            pass
        except Refusal as refusal:
            fields = {"room": self._holder.room_id, "code": refusal.code}
            _log.info("socket refused", extra={"fields": fields})
            self._connection.close(_REFUSED.get(refusal.code, Close.BAD_TICKET))
        except DatabaseError:
            _log.exception("socket refused: the database is away")
            self._connection.close(Close.TRY_AGAIN)

    async def _hear(self, text: str | None) -> None:
        message: dict[str, Any] = {}
        try:
            message = commands.parse(text)
            command = commands.validate(message)
            self._count()
        except Refusal as refusal:
            self._refuse(commands.id_of(message), refusal)
            if not self._bad_frames.use():
                self._connection.close(Close.BAD_FRAMES)
        else:
            await self._carry_out(command)

    def _count(self) -> None:
        if not self._commands.use():
            raise Refusal("throttled", "Slow down: 50 commands a second, 100 at once.")

    async def _carry_out(self, command: commands.Command) -> None:
        """Do what a command says and answer it: the one place where it may go wrong."""
        self._idle.clear()
        try:
            answer = await self._do(command)
        except Refusal as refusal:
            self._refuse(command.id, refusal)
        except DatabaseError:
            _log.exception("command not carried out: the database is away")
            self._refuse(command.id, Refusal("unavailable", "The database does not answer just now."))
        except Exception:
            _log.exception("command failed")
            self._refuse(command.id, Refusal("internal_error", "This is our fault; it has been logged."))
        else:
            self._connection.say({"type": "reply", "id": command.id, **answer})
        finally:
            self._idle.set()

    async def _do(self, command: commands.Command) -> Mapping[str, Any]:
        if command.type in commands.VERBS:
            fields = dict(command.fields)
            version = fields.pop("expected_version", None)
            context = ActContext(self._holder.room_id, self._holder, timezone.now(), version)
            act = database_sync_to_async(commands.VERBS[command.type].act)
            reply: Mapping[str, Any] = await act(context, fields)
            return reply
        if command.type == "sync":
            await self._sync(command.fields["since"])
        return {"version": self._connection.version}

    async def _sync(self, since: int) -> None:
        frames, version = list[str](), 0
        self._connection.hold()
        try:
            gap = self._holder.room_id, self._connection.id, since, timezone.now()
            frames, version = await database_sync_to_async(presence.bridge)(*gap)
        finally:
            self._connection.resume(frames, version)

    def _refuse(self, id_: str | int | None, refusal: Refusal) -> None:
        error = {"type": "error", "id": id_, "code": refusal.code, "detail": refusal.detail}
        self._connection.say(error | refusal.members)
