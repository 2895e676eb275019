"""The commands of the live socket: each frame is validated as a whole before it is carried out."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import Error as DatabaseError
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from moderation import actions, presence
from moderation.act_context import ActContext
from moderation.actions.verb import NoFields, Verb
from moderation.close_codes import CloseCode
from moderation.live.connection import Connection
from moderation.live.database import run_in_database_thread
from moderation.live.frames import id_of, parse
from moderation.live.rate_limit import TokenBucket
from tokensvc.web.refusals import Refusal, invalid
from tokensvc.web.validation import StrictSerializer, refusal_of

_log = logging.getLogger(__name__)


class Command(NamedTuple):
    """A validated frame; the reply carries its `id`."""

    type: str
    id: str | int | None
    fields: Mapping[str, Any]


class Sync(StrictSerializer):
    since = serializers.IntegerField(min_value=0)


VERBS: Mapping[str, Verb] = {verb.command: verb for verb in actions.VERBS}
"""The commands that are acts."""

_FIELDS: Mapping[str, StrictSerializer] = {
    **{command: verb.fields for command, verb in VERBS.items()},
    "sync": Sync(),
    "ping": NoFields(),
}


def validate(message: Mapping[str, Any]) -> Command:
    """Return the command in a message. Refuses with `invalid`, naming each invalid field."""
    type_, id_ = str(message.get("type")), id_of(message)
    expected = _FIELDS.get(type_)
    if expected is None:
        raise invalid("type", "unknown", f"This must be one of {', '.join(_FIELDS)}.")
    if message.get("id") is not None and id_ is None:
        raise invalid("id", "wrong_type", "This must be a string or an integer.")
    given = {name: value for name, value in message.items() if name not in {"type", "id"}}
    try:
        return Command(type_, id_, expected.run_validation(given))
    except ValidationError as error:
        raise refusal_of(error) from None
    except RecursionError:
        raise Refusal("invalid", "This is nested too deeply.") from None


class CommandHandler:
    """Carries out the commands of one socket, one after another, and answers each."""

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
            message = parse(text)
            command = validate(message)
            self._throttle()
        except Refusal as refusal:
            self._refuse(id_of(message), refusal)
            if not self._bad_frames.use():
                self._connection.close(CloseCode.BAD_FRAMES)
        else:
            await self._carry_out(command)

    def _throttle(self) -> None:
        if not self._commands.use():
            raise Refusal("throttled", "Slow down: 50 commands a second, 100 at once.")

    async def _carry_out(self, command: Command) -> None:
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

    async def _do(self, command: Command) -> Mapping[str, Any]:
        if command.type in VERBS:
            holder, fields = self._connection.holder, dict(command.fields)
            version = fields.pop("expected_version", None)
            context = ActContext(holder.room_id, holder, timezone.now(), version)
            return await run_in_database_thread(VERBS[command.type].act, context, fields)
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
