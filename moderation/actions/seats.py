"""Request and release a seat: a lease on one of the room's places for publishing a medium."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q
from rest_framework import serializers

from moderation.act_context import ActContext
from moderation.actions.verb import Verb
from moderation.locked_room import LockedRoom, locked_room
from moderation.models import Action, ParticipantState
from moderation.rule import Medium
from moderation.transitions import expire_leases
from rooms.roles import Role
from tokensvc.web.refusals import Refusal
from tokensvc.web.validation import StrictSerializer

_ACTIONS: Mapping[tuple[Medium, bool], Action] = {
    (Medium.AUDIO, True): Action.TAKE_AUDIO_SEAT,
    (Medium.AUDIO, False): Action.RELEASE_AUDIO_SEAT,
    (Medium.VIDEO, True): Action.TAKE_VIDEO_SEAT,
    (Medium.VIDEO, False): Action.RELEASE_VIDEO_SEAT,
}


class Seat(StrictSerializer):
    media = serializers.ChoiceField(choices=Medium.choices)


def request(context: ActContext, medium: Medium) -> dict[str, Any]:
    """Lease a seat; return `{"version", "media", "seat", "free"}`, with the free seats by medium.

    Refuses with `seats_full`, `not_allowed_by_host`, `role_not_granted` (a subscriber),
    `participant_not_found` (not connected) or `room_ended`.
    """
    with locked_room(context.room_id, context.now) as room:
        free = _free(room)
        if not free[medium]:
            expire_leases(room)
            free = _free(room)
        participant = _present(room, context)
        _require_permission(room, participant, medium)
        if not _has_seat(participant, medium):
            if not free[medium]:
                limit = room.state.limit(medium)
                raise Refusal("seats_full", f"All {limit} {medium.value} seats are taken.", free=free)
            _set_seat(room, participant, medium, context, taken=True)
            free[medium] -= 1
        return _reply(room, participant, medium, free)


def release(context: ActContext, medium: Medium) -> dict[str, Any]:
    """Release the seat if there is one; return the same as `request`."""
    with locked_room(context.room_id, context.now) as room:
        participant = _present(room, context)
        if _has_seat(participant, medium):
            _set_seat(room, participant, medium, context, taken=False)
        return _reply(room, participant, medium, _free(room))


def _present(room: LockedRoom, context: ActContext) -> ParticipantState:
    room.require_open()
    participant = room.participants.present().filter(user_id=context.user_id).first()
    if participant is None:
        raise Refusal("participant_not_found", "You are not in this room.")
    return participant


def _require_permission(room: LockedRoom, participant: ParticipantState, medium: Medium) -> None:
    if not Role(participant.role).publishes:
        raise Refusal("role_not_granted", "A subscriber only receives.")
    if not participant.may_publish(medium, room.state):
        raise Refusal("not_allowed_by_host", f"A host does not let you publish {medium.value} now.")


def _free(room: LockedRoom) -> dict[str, int]:
    """Return the free seats by medium; 0 if a limit was lowered below the seats taken."""
    taken = room.participants.present().aggregate(
        audio=Count("pk", filter=Q(audio_seat=True)), video=Count("pk", filter=Q(video_seat=True))
    )
    return {medium.value: max(0, room.state.limit(medium) - taken[medium.value]) for medium in Medium}


def _has_seat(participant: ParticipantState, medium: Medium) -> bool:
    return participant.audio_seat if medium is Medium.AUDIO else participant.video_seat


def _set_seat(
    room: LockedRoom, participant: ParticipantState, medium: Medium, context: ActContext, *, taken: bool
) -> None:
    room.actor = context.caller
    setattr(participant, f"{medium.value}_seat", taken)
    room.record_participant(_ACTIONS[medium, taken], participant)


def _reply(
    room: LockedRoom, participant: ParticipantState, medium: Medium, free: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "version": room.state.version,
        "media": medium.value,
        "seat": _has_seat(participant, medium),
        "free": free,
    }


REQUEST_SEAT = Verb("seat.request", Seat(), lambda context, fields: request(context, Medium(fields["media"])))
RELEASE_SEAT = Verb("seat.release", Seat(), lambda context, fields: release(context, Medium(fields["media"])))
