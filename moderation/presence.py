"""Presence: which participants are in a room, and by which socket."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from moderation.close_codes import CloseCode
from moderation.document import snapshot, updates_since
from moderation.locked_room import LockedRoom, locked_room
from moderation.models import Action, Notice, ParticipantState
from moderation.transitions import expire_leases
from rooms.admission import AdmissionRequest, admit_person
from rooms.callers import TicketHolder
from tokensvc.web.renderers import encode_json

# A wider gap of versions is answered with a snapshot.
MAX_GAP = 100


class SocketGone(Exception):
    """The client disconnected before the join."""


def _never() -> bool:
    return False


def join(
    holder: TicketHolder,
    connection: str,
    process_id: str,
    now: datetime,
    is_gone: Callable[[], bool] = _never,
) -> dict[str, Any]:
    """Make a socket its user's connection, which closes an older one; return the snapshot.

    Raises `SocketGone` if `is_gone()` once the room is locked: a newer socket may have joined meanwhile.
    Refuses with `room_not_found`, `room_ended`, `banned` or `not_a_member`.
    """
    with locked_room(holder.room_id, now) as room:
        if is_gone():
            raise SocketGone
        expire_leases(room)
        admission = admit_person(holder.room_id, holder, AdmissionRequest(), now)
        participant = _participant(room, holder.user_id)
        replaced, was_present = participant.connection, participant.present
        participant.user_id, participant.ban_known = holder.user_id, False
        participant.name = admission.name
        participant.role, participant.ticket_role = admission.role, holder.role
        participant.connect(connection, process_id)
        participant.release_forbidden_seats(room.state)
        room.actor = holder
        closes = {replaced: CloseCode.REPLACED} if replaced else {}
        room.record_participant(Action.JOIN, participant, closes=closes)
        if not was_present:
            room.notify_app(Notice.PARTICIPANT_JOINED, participant)
        return snapshot(participant, room.state)


def _participant(room: LockedRoom, user_id: str) -> ParticipantState:
    """Return the user's participant, by alias: one seen only in the channel has no user id yet."""
    alias = room.alias_of(user_id)
    found = room.participants.filter(alias=alias).first()
    return found or ParticipantState(room_id=room.state.room_id, alias=alias)


def disconnect(room_id: str, connections: Collection[str], now: datetime) -> None:
    """Record that sockets are gone; their participants keep place and seats until the lease expires."""
    with locked_room(room_id, now) as room:
        for participant in room.participants.filter(connection__in=connections):
            participant.disconnect(now)
            room.record_participant(Action.DISCONNECT, participant)


def resync(room_id: str, connection: str, since: int, now: datetime) -> tuple[list[str], int]:
    """Return the frames that lead a socket from version `since` to the current one, and that version."""
    with locked_room(room_id, now) as room:
        version = room.state.version
        if not 0 <= version - since <= MAX_GAP:
            participant = room.participants.filter(connection=connection).first()
            return [] if participant is None else [encode_json(snapshot(participant, room.state))], version
    # After the transaction, which may have reconciled the room and written events.
    return [frame for number, frame in updates_since(room_id, since) if number <= version], version
