"""The ASGI application behind `/ws/rooms/{id}/`: checks the ticket, and serves the socket until it closes."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from django.db import Error as DatabaseError
from django.utils import timezone

from moderation import presence
from moderation.close_codes import CloseCode
from moderation.live.commands import CommandHandler
from moderation.live.connection import CLOSE_GRACE, Connection, Send
from moderation.live.database import run_in_database_thread
from moderation.live.hub import current_hub
from moderation.live.local_room import LocalRoom
from moderation.live.origins import is_allowed_origin
from rooms import tickets
from rooms.callers import TicketHolder
from rooms.credentials import PROTOCOL
from tokensvc.web.refusals import Refusal

Receive = Callable[[], Awaitable[dict[str, Any]]]

_PATH = re.compile(r"/ws/rooms/(?P<room_id>[^/]+)/")
_TICKET = "ticket."
_CLOSE_CODES: Mapping[str, CloseCode] = {
    "room_not_found": CloseCode.NO_ROOM,
    "room_ended": CloseCode.ENDED,
    "banned": CloseCode.REMOVED,
}

# Frames that are read ahead of the command being carried out; further ones wait in the network.
MAX_WAITING = 20

_log = logging.getLogger(__name__)


async def live(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    """Serve one socket. Refused ones are accepted first and then closed, so that browsers see the code."""
    await receive()
    if not is_allowed_origin(dict(scope["headers"])):
        await send({"type": "websocket.close"})  # not accepted: the browser sees status 403
        return
    offered = scope["subprotocols"]
    await send({"type": "websocket.accept", "subprotocol": PROTOCOL if PROTOCOL in offered else None})
    path = _PATH.fullmatch(scope["path"])
    if path is None:
        await send({"type": "websocket.close", "code": CloseCode.NO_ROOM})
        return
    try:
        holder = _ticket_holder(offered, path["room_id"])
    except Refusal as refusal:
        _log.info("socket refused", extra={"fields": {"code": refusal.code}})
        await send({"type": "websocket.close", "code": CloseCode.BAD_TICKET})
        return
    await Socket(holder, receive, send).serve()


def _ticket_holder(offered: Sequence[str], room_id: str) -> TicketHolder:
    """Return the holder of the ticket among the offered subprotocols. Refuses tickets of other rooms."""
    holder = tickets.read(next((name[len(_TICKET) :] for name in offered if name.startswith(_TICKET)), ""))
    holder.claimed_role(room_id)
    return holder


class Socket:
    """A participant's socket, from the snapshot to the close."""

    def __init__(self, holder: TicketHolder, receive: Receive, send: Send) -> None:
        self._holder = holder
        self._receive, self._send = receive, send
        self._connection = Connection(holder, send, self._stop)
        self._commands = CommandHandler(self._connection)
        self._is_gone = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._inbox: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(MAX_WAITING)

    async def serve(self) -> None:
        hub = current_hub()
        if hub.closing:
            await self._send({"type": "websocket.close", "code": CloseCode.GOING_AWAY})
            return
        try:
            room = await hub.enter(self._connection)
        except DatabaseError as error:
            await self._send({"type": "websocket.close", "code": self._close_code(error)})
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
        """Stop reading, once the current command is answered."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._commands.idle.wait(), CLOSE_GRACE)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _read(self) -> None:
        """Read frames, also during the join: a client that leaves meanwhile must not join."""
        try:
            while (event := await self._receive())["type"] != "websocket.disconnect":
                await self._inbox.put(event)
        finally:
            self._is_gone = True
        await self._inbox.put(None)

    async def _work(self, room: LocalRoom) -> None:
        await self._join(room)
        while (event := await self._inbox.get()) is not None:
            if self._connection.close_code is None:
                await self._commands.handle(event.get("text"))

    async def _join(self, room: LocalRoom) -> None:
        arriving = self._holder, self._connection.id, current_hub().process_id, timezone.now()
        try:
            snapshot = await run_in_database_thread(presence.join, *arriving, lambda: self._is_gone)
        except presence.SocketGone:
            pass
        except (Refusal, DatabaseError) as error:
            self._connection.close(self._close_code(error))
        else:
            room.arrived(self._connection, snapshot)

    def _close_code(self, error: Refusal | DatabaseError) -> CloseCode:
        """Log why the socket is refused, and return the code that tells the client."""
        if isinstance(error, Refusal):
            fields = {"room": self._holder.room_id, "code": error.code}
            _log.info("socket refused", extra={"fields": fields})
            return _CLOSE_CODES.get(error.code, CloseCode.BAD_TICKET)
        _log.error("socket refused: the database is unavailable", exc_info=error)
        return CloseCode.TRY_AGAIN
