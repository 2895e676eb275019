"""Coming and going: who is in a room, by which socket."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from moderation.announcements import Close
from moderation.document import encode, snapshot, updates_since
from moderation.facts import drop_lapsed, opened
from moderation.models import Action, Notice, ParticipantState
from rooms.admission import Wish, admit_person
from rooms.callers import Participant

# A gap wider than this is bridged by a snapshot.
MAX_GAP = 100


class Gone(Exception):
    """The socket has gone before it could come in."""


def _never() -> bool:
    return False


def join(
    ticket: Participant,
    connection: str,
    process_id: str,
    now: datetime,
    is_gone: Callable[[], bool] = _never,
) -> dict[str, Any]:
    """Take a socket in as the one that counts for its user; an older one is closed. Returns its snapshot.

    Raises `Gone` if it is gone by the time it is its turn: its user may have come in by a newer one.
    Refuses with `room_not_found`, `room_ended`, `banned` or `not_a_member`.
    """
    with opened(ticket.room_id, now) as ledger:
        if is_gone():
            raise Gone
        drop_lapsed(ledger)
        admission = admit_person(ticket.room_id, ticket, Wish(), now)
        # By alias, for they may have been seen in the channel before, and by no other name.
        alias = ledger.alias_of(ticket.user_id)
        participant = ledger.participants.filter(alias=alias).first() or ParticipantState(
            room_id=ticket.room_id, alias=alias
        )
        replaced, was_present = participant.connection, participant.present
        participant.user_id, participant.ban_known = ticket.user_id, False
        participant.name = admission.name
        participant.role, participant.ticket_role = admission.role, ticket.role
        participant.connect(connection, process_id)
        participant.settle(ledger.state)
        ledger.act_as(ticket)
        ledger.record_of(Action.JOIN, participant, closes={replaced: Close.REPLACED} if replaced else {})
        if not was_present:
            ledger.tell_app(Notice.PARTICIPANT_JOINED, participant)
        return snapshot(participant, ledger.state)


def disconnect(room_id: str, connections: Collection[str], now: datetime) -> None:
    """Note that sockets are gone; their users keep place and seats for as long as the lease."""
    with opened(room_id, now) as ledger:
        for participant in ledger.participants.filter(connection__in=connections):
            participant.disconnect(now)
            ledger.record_of(Action.DISCONNECT, participant)


def bridge(room_id: str, connection: str, since: int, now: datetime) -> tuple[list[str], int]:
    """Return the frames that bring a socket from a version it knows to the one that is also returned."""
    with opened(room_id, now) as ledger:
        version = ledger.state.version
        if not 0 <= version - since <= MAX_GAP:
            participant = ledger.participants.filter(connection=connection).first()
            return [] if participant is None else [encode(snapshot(participant, ledger.state))], version
    # Only now is everything written that the room had to catch up with.
    return [frame for number, frame in updates_since(room_id, since) if number <= version], version
