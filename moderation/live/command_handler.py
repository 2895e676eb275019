"""Carries out the commands of one socket, and answers them."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from django.db import Error as DatabaseError
from django.utils import timezone

from moderation import presence
from moderation.act_context import ActContext
from moderation.close_codes import CloseCode
from moderation.live import commands
from moderation.live.connection import Connection
from moderation.live.database import run_in_database_thread
from moderation.live.rate_limit import TokenBucket
from tokensvc.web.refusals import Refusal

_log = logging.getLogger(__name__)


class CommandHandler:
    def __init__(self, connection: Connection) -> None:
        self.idle = asyncio.Event()
        self.idle.set()
        self._connection = connection
        self._commands = TokenBucket(burst=100, per_second=50)
        self._bad_frames = TokenBucket(burst=5, per_second=0.1)

    async def handle(self, text: str | None) -> None:
        """Check a frame, carry out its command and answer; too many bad frames close the socket."""
        message: dict[str, Any] = {}
        try:
            message = commands.parse(text)
            command = commands.validate(message)
            self._throttle()
        except Refusal as refusal:
            self._refuse(commands.id_of(message), refusal)
            if not self._bad_frames.use():
                self._connection.close(CloseCode.BAD_FRAMES)
        else:
            await self._carry_out(command)

    def _throttle(self) -> None:
        if not self._commands.use():
            raise Refusal("throttled", "Slow down: 50 commands a second, 100 at once.")

    async def _carry_out(self, command: commands.Command) -> None:
        """Turn every error of a command into an answer; the socket stays open."""
        self.idle.clear()
        try:
            answer = await self._do(command)
        except Refusal as refusal:
            self._refuse(command.id, refusal)
        except DatabaseError:
            _log.exception("command not carried out: the database is unavailable")
            self._refuse(command.id, Refusal("unavailable", "The database does not answer just now."))
        except Exception:
            _log.exception("command failed")
            self._refuse(command.id, Refusal("internal_error", "This is our fault; it has been logged."))
        else:
            self._connection.say({"type": "reply", "id": command.id, **answer})
        finally:
            self.idle.set()

    async def _do(self, command: commands.Command) -> Mapping[str, Any]:
        if command.type in commands.VERBS:
            holder, fields = self._connection.holder, dict(command.fields)
            version = fields.pop("expected_version", None)
            context = ActContext(holder.room_id, holder, timezone.now(), version)
            return await run_in_database_thread(commands.VERBS[command.type].act, context, fields)
        if command.type == "sync":
            await self._sync(command.fields["since"])
        return {"version": self._connection.version}

    async def _sync(self, since: int) -> None:
        """Send what the client has missed; updates announced meanwhile follow."""
        connection = self._connection
        frames, version = list[str](), 0
        connection.hold()
        try:
            frames, version = await run_in_database_thread(
                presence.resync, connection.holder.room_id, connection.id, since, timezone.now()
            )
        finally:
            connection.resume(frames, version)

    def _refuse(self, id_: str | int | None, refusal: Refusal) -> None:
        error = {"type": "error", "id": id_, "code": refusal.code, "detail": refusal.detail}
        self._connection.say(error | refusal.members)
