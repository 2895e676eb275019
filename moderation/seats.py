"""Seats: leases on a room's places for publishing, counted under the room's lock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from moderation.facts import drop_lapsed, opened
from moderation.ledger import Ledger
from moderation.models import Action, ParticipantState
from moderation.rule import Medium
from rooms.callers import Participant
from rooms.errors import Refusal
from rooms.roles import Role

_SEATS: Mapping[tuple[Medium, bool], Action] = {
    (Medium.AUDIO, True): Action.TAKE_AUDIO_SEAT,
    (Medium.AUDIO, False): Action.RELEASE_AUDIO_SEAT,
    (Medium.VIDEO, True): Action.TAKE_VIDEO_SEAT,
    (Medium.VIDEO, False): Action.RELEASE_VIDEO_SEAT,
}


def take(ticket: Participant, medium: Medium, now: datetime) -> dict[str, Any]:
    """Lease one of the room's places for publishing; return `{"version", "media", "seat", "free"}`.

    `free` are the places left, by medium. Refuses with `seats_full`, `not_allowed_by_host`,
    `role_not_granted` (a subscriber), `participant_not_found` (not connected) or `room_ended`.
    """
    with opened(ticket.room_id, now) as ledger:
        free = _free(ledger)
        if not free[medium]:
            drop_lapsed(ledger)
            free = _free(ledger)
        participant = _present(ledger, ticket)
        _require_permission(ledger, participant, medium)
        if not _has_seat(participant, medium):
            if not free[medium]:
                limit = ledger.state.limit(medium)
                raise Refusal("seats_full", f"All {limit} {medium.value} seats are taken.", free=free)
            _seat(ledger, participant, medium, ticket, taken=True)
            free[medium] -= 1
        return _seat_answer(ledger, participant, medium, free)


def release(ticket: Participant, medium: Medium, now: datetime) -> dict[str, Any]:
    """Give the place back, if there is one to give; return the same as `take`."""
    with opened(ticket.room_id, now) as ledger:
        participant = _present(ledger, ticket)
        if _has_seat(participant, medium):
            _seat(ledger, participant, medium, ticket, taken=False)
        return _seat_answer(ledger, participant, medium, _free(ledger))


def _present(ledger: Ledger, ticket: Participant) -> ParticipantState:
    ledger.require_open()
    participant = ledger.participants.present().filter(user_id=ticket.user_id).first()
    if participant is None:
        raise Refusal("participant_not_found", "You are not in this room.")
    return participant


def _require_permission(ledger: Ledger, participant: ParticipantState, medium: Medium) -> None:
    if not Role(participant.role).publishes:
        raise Refusal("role_not_granted", "A subscriber only receives.")
    if not participant.may_publish(medium, ledger.state):
        raise Refusal("not_allowed_by_host", f"A host does not let you publish {medium.value} now.")


def _free(ledger: Ledger) -> dict[str, int]:
    """Return how many places are left by medium; none when a limit was lowered below what is taken."""
    taken = ledger.participants.present().aggregate(
        audio=Count("pk", filter=Q(audio_seat=True)), video=Count("pk", filter=Q(video_seat=True))
    )
    return {medium.value: max(0, ledger.state.limit(medium) - taken[medium.value]) for medium in Medium}


def _has_seat(participant: ParticipantState, medium: Medium) -> bool:
    return participant.audio_seat if medium is Medium.AUDIO else participant.video_seat


def _seat(
    ledger: Ledger, participant: ParticipantState, medium: Medium, ticket: Participant, *, taken: bool
) -> None:
    ledger.act_as(ticket)
    setattr(participant, f"{medium.value}_seat", taken)
    ledger.record_of(_SEATS[medium, taken], participant)


def _seat_answer(
    ledger: Ledger, participant: ParticipantState, medium: Medium, free: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "version": ledger.state.version,
        "media": medium.value,
        "seat": _has_seat(participant, medium),
        "free": free,
    }
