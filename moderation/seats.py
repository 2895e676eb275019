"""Seats: leases on a room's places for publishing, counted under the room's lock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from moderation.locked_room import LockedRoom
from moderation.models import Action, ParticipantState
from moderation.reconcile import expire_leases, opened
from moderation.rule import Medium
from rooms.callers import TicketHolder
from rooms.roles import Role
from tokensvc.web.refusals import Refusal

_SEATS: Mapping[tuple[Medium, bool], Action] = {
    (Medium.AUDIO, True): Action.TAKE_AUDIO_SEAT,
    (Medium.AUDIO, False): Action.RELEASE_AUDIO_SEAT,
    (Medium.VIDEO, True): Action.TAKE_VIDEO_SEAT,
    (Medium.VIDEO, False): Action.RELEASE_VIDEO_SEAT,
}


def take(holder: TicketHolder, medium: Medium, now: datetime) -> dict[str, Any]:
    """Lease one of the room's places for publishing; return `{"version", "media", "seat", "free"}`.

    `free` are the places left, by medium. Refuses with `seats_full`, `not_allowed_by_host`,
    `role_not_granted` (a subscriber), `participant_not_found` (not connected) or `room_ended`.
    """
    with opened(holder.room_id, now) as room:
        free = _free(room)
        if not free[medium]:
            expire_leases(room)
            free = _free(room)
        participant = _present(room, holder)
        _require_permission(room, participant, medium)
        if not _has_seat(participant, medium):
            if not free[medium]:
                limit = room.state.limit(medium)
                raise Refusal("seats_full", f"All {limit} {medium.value} seats are taken.", free=free)
            _seat(room, participant, medium, holder, taken=True)
            free[medium] -= 1
        return _seat_answer(room, participant, medium, free)


def release(holder: TicketHolder, medium: Medium, now: datetime) -> dict[str, Any]:
    """Give the place back, if there is one to give; return the same as `take`."""
    with opened(holder.room_id, now) as room:
        participant = _present(room, holder)
        if _has_seat(participant, medium):
            _seat(room, participant, medium, holder, taken=False)
        return _seat_answer(room, participant, medium, _free(room))


def _present(room: LockedRoom, holder: TicketHolder) -> ParticipantState:
    room.require_open()
    participant = room.participants.present().filter(user_id=holder.user_id).first()
    if participant is None:
        raise Refusal("participant_not_found", "You are not in this room.")
    return participant


def _require_permission(room: LockedRoom, participant: ParticipantState, medium: Medium) -> None:
    if not Role(participant.role).publishes:
        raise Refusal("role_not_granted", "A subscriber only receives.")
    if not participant.may_publish(medium, room.state):
        raise Refusal("not_allowed_by_host", f"A host does not let you publish {medium.value} now.")


def _free(room: LockedRoom) -> dict[str, int]:
    """Return how many places are left by medium; none when a limit was lowered below what is taken."""
    taken = room.participants.present().aggregate(
        audio=Count("pk", filter=Q(audio_seat=True)), video=Count("pk", filter=Q(video_seat=True))
    )
    return {medium.value: max(0, room.state.limit(medium) - taken[medium.value]) for medium in Medium}


def _has_seat(participant: ParticipantState, medium: Medium) -> bool:
    return participant.audio_seat if medium is Medium.AUDIO else participant.video_seat


def _seat(
    room: LockedRoom, participant: ParticipantState, medium: Medium, holder: TicketHolder, *, taken: bool
) -> None:
    room.act_as(holder)
    setattr(participant, f"{medium.value}_seat", taken)
    room.record_of(_SEATS[medium, taken], participant)


def _seat_answer(
    room: LockedRoom, participant: ParticipantState, medium: Medium, free: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "version": room.state.version,
        "media": medium.value,
        "seat": _has_seat(participant, medium),
        "free": free,
    }
