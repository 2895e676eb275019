"""Coming and going: who is in a room, by which socket."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from moderation.broker.announcements import Close
from moderation.document import snapshot, updates_since
from moderation.locked_room import locked_room
from moderation.models import Action, Notice, ParticipantState
from moderation.transitions import expire_leases
from rooms.admission import AdmissionRequest, admit_person
from rooms.callers import TicketHolder
from tokensvc.web.renderers import encode_json

# A gap wider than this is bridged by a snapshot.
MAX_GAP = 100


class Gone(Exception):
    """The socket has gone before it could come in."""


def _never() -> bool:
    return False


def join(
    holder: TicketHolder,
    connection: str,
    process_id: str,
    now: datetime,
    is_gone: Callable[[], bool] = _never,
) -> dict[str, Any]:
    """Take a socket in as the one that counts for its user; an older one is closed. Returns its snapshot.

    Raises `Gone` if it is gone by the time it is its turn: its user may have come in by a newer one.
    Refuses with `room_not_found`, `room_ended`, `banned` or `not_a_member`.
    """
    with locked_room(holder.room_id, now) as room:
        if is_gone():
            raise Gone
        expire_leases(room)
        admission = admit_person(holder.room_id, holder, AdmissionRequest(), now)
        # By alias, for they may have been seen in the channel before, and by no other name.
        alias = room.alias_of(holder.user_id)
        participant = room.participants.filter(alias=alias).first() or ParticipantState(
            room_id=holder.room_id, alias=alias
        )
        replaced, was_present = participant.connection, participant.present
        participant.user_id, participant.ban_known = holder.user_id, False
        participant.name = admission.name
        participant.role, participant.ticket_role = admission.role, holder.role
        participant.connect(connection, process_id)
        participant.release_forbidden_seats(room.state)
        room.actor = holder
        closes = {replaced: Close.REPLACED} if replaced else {}
        room.record_participant(Action.JOIN, participant, closes=closes)
        if not was_present:
            room.notify_app(Notice.PARTICIPANT_JOINED, participant)
        return snapshot(participant, room.state)


def disconnect(room_id: str, connections: Collection[str], now: datetime) -> None:
    """Note that sockets are gone; their users keep place and seats for as long as the lease."""
    with locked_room(room_id, now) as room:
        for participant in room.participants.filter(connection__in=connections):
            participant.disconnect(now)
            room.record_participant(Action.DISCONNECT, participant)


def bridge(room_id: str, connection: str, since: int, now: datetime) -> tuple[list[str], int]:
    """Return the frames that bring a socket from a version it knows to the one that is also returned."""
    with locked_room(room_id, now) as room:
        version = room.state.version
        if not 0 <= version - since <= MAX_GAP:
            participant = room.participants.filter(connection=connection).first()
            return [] if participant is None else [encode_json(snapshot(participant, room.state))], version
    # Only now is everything written that the room had to catch up with.
    return [frame for number, frame in updates_since(room_id, since) if number <= version], version
