"""What a client may say on the socket: each frame is checked whole before anything is done."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from rest_framework.exceptions import ValidationError

from moderation import actions, seats
from moderation.locked_room import ActContext
from moderation.rule import Medium, Override
from moderation.serializers import AliasedKick, AliasedParticipantChange, Nothing, RoomChange, Seat, Sync
from rooms.callers import TicketHolder
from tokensvc.web.refusals import Refusal, invalid
from tokensvc.web.validation import StrictSerializer, refusal_of

MAX_FRAME = 4096

Act = Callable[[TicketHolder, Mapping[str, Any], datetime], Mapping[str, Any]]


class Command(NamedTuple):
    """A checked frame: what to do, with what, and the id to answer with."""

    type: str
    id: str | int | None
    fields: Mapping[str, Any]


def _context(holder: TicketHolder, fields: Mapping[str, Any], now: datetime) -> ActContext:
    return ActContext(holder.room_id, holder, now, fields.get("expected_version"))


def _set_room(holder: TicketHolder, fields: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    flags = {name: fields[name] for name in RoomChange.choices if name in fields}
    return actions.set_room(_context(holder, fields, now), flags)


def _set_participant(holder: TicketHolder, fields: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    wanted = {medium: Override(fields[medium]) for medium in Medium if medium in fields}
    return actions.set_participant(_context(holder, fields, now), fields["alias"], wanted)


def _kick(holder: TicketHolder, fields: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    ban, seconds = fields["ban"], fields["seconds"]
    return actions.kick(_context(holder, fields, now), fields["alias"], ban=ban, seconds=seconds)


def _end(holder: TicketHolder, fields: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    return actions.end(_context(holder, fields, now))


def _take_seat(holder: TicketHolder, fields: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    return seats.take(holder, Medium(fields["media"]), now)


def _release_seat(holder: TicketHolder, fields: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    return seats.release(holder, Medium(fields["media"]), now)


ACTS: Mapping[str, tuple[StrictSerializer, Act]] = {
    "seat.request": (Seat(), _take_seat),
    "seat.release": (Seat(), _release_seat),
    "room.set": (RoomChange(), _set_room),
    "participant.set": (AliasedParticipantChange(), _set_participant),
    "participant.kick": (AliasedKick(), _kick),
    "room.end": (Nothing(), _end),
}
"""The commands that change something, with what each takes."""

_EXPECTED: Mapping[str, StrictSerializer] = {
    **{name: expected for name, (expected, _) in ACTS.items()},
    "sync": Sync(),
    "ping": Nothing(),
}


def read(text: str | None) -> dict[str, Any]:
    """Return the object a frame holds, None for a binary one. Refuses with `invalid`."""
    if text is None or len(text) > MAX_FRAME:
        raise Refusal("invalid", f"Send text frames of at most {MAX_FRAME} characters.")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise Refusal("invalid", "Each frame must be one JSON object.")
    return message


def id_of(message: Mapping[str, Any]) -> str | int | None:
    """Return the id to answer with, if there is one."""
    id_ = message.get("id")
    return id_ if type(id_) in {str, int} else None


def check(message: Mapping[str, Any]) -> Command:
    """Return the command that an object holds. Refuses with `invalid`, naming what is wrong."""
    type_, id_ = str(message.get("type")), id_of(message)
    expected = _EXPECTED.get(type_)
    if expected is None:
        raise invalid("type", "unknown", f"This must be one of {', '.join(_EXPECTED)}.")
    if message.get("id") is not None and id_ is None:
        raise invalid("id", "wrong_type", "This must be a string or an integer.")
    given = {name: value for name, value in message.items() if name not in {"type", "id"}}
    try:
        return Command(type_, id_, expected.run_validation(given))
    except ValidationError as error:
        raise refusal_of(error) from None
    except RecursionError:
        raise Refusal("invalid", "This is nested too deeply.") from None
