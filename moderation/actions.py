"""What hosts do to a running room.

Each is one transaction under a lock on the room. What changes nothing raises no version and is told nobody.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from moderation.document import document, participant_shown, room_shown
from moderation.locked_room import ActContext, LockedRoom
from moderation.models import Action, ParticipantState
from moderation.reconcile import close_room, expire_leases, opened, remove
from moderation.rule import Medium, Override
from rooms.callers import Backend
from rooms.models import Member, Room
from tokensvc.web.refusals import Refusal

_FLAGS: Mapping[str, tuple[Medium, Action, Action]] = {
    "mute_everyone": (Medium.AUDIO, Action.MUTE_EVERYONE, Action.UNMUTE_EVERYONE),
    "webcams_disabled": (Medium.VIDEO, Action.DISABLE_WEBCAMS, Action.ENABLE_WEBCAMS),
}
_OVERRIDES: Mapping[tuple[Medium, Override], Action] = {
    (Medium.AUDIO, Override.DENY): Action.MUTE_AUDIO,
    (Medium.AUDIO, Override.ALLOW): Action.ALLOW_AUDIO,
    (Medium.AUDIO, Override.INHERIT): Action.RESET_AUDIO,
    (Medium.VIDEO, Override.DENY): Action.MUTE_VIDEO,
    (Medium.VIDEO, Override.ALLOW): Action.ALLOW_VIDEO,
    (Medium.VIDEO, Override.INHERIT): Action.RESET_VIDEO,
}


def read(room_id: str, now: datetime) -> dict[str, Any]:
    """Return the room document as of now. Refuses with `room_not_found`."""
    with opened(room_id, now) as room:
        expire_leases(room)
        return document(room.state)


def set_room(context: ActContext, wanted: Mapping[str, bool]) -> dict[str, Any]:
    """Set `mute_everyone` or `webcams_disabled` or both; return `{"version", "room"}`.

    Whoever may no longer publish loses the seat. Overrides stay. Refuses as `LockedRoom.act_as_host` does.
    """
    with opened(context.room_id, context.now, context.user_id) as room:
        room.act_as_host(context)
        for flag, on in wanted.items():
            if getattr(room.state, flag) != on:
                _set_flag(room, flag, on)
        return {"version": room.state.version, "room": room_shown(room.state)}


def _set_flag(room: LockedRoom, flag: str, on: bool) -> None:
    medium, when_on, when_off = _FLAGS[flag]
    setattr(room.state, flag, on)
    if on:
        room.forbid(medium)
    room.record(when_on if on else when_off, {"room": {flag: on}})


def set_participant(context: ActContext, alias: str, wanted: Mapping[Medium, Override]) -> dict[str, Any]:
    """Set what a host says of one person's audio or video or both; return `{"version", "participant"}`.

    Works on whoever is or was in the room. Refuses with `participant_not_found`, and as
    `LockedRoom.act_as_host` does.
    """
    with opened(context.room_id, context.now, context.user_id) as room:
        room.act_as_host(context)
        participant = room.find(alias)
        for medium, override in wanted.items():
            if getattr(participant, medium.value) != override:
                setattr(participant, medium.value, override)
                participant.release_forbidden_seats(room.state)
                room.record_of(_OVERRIDES[medium, override], participant)
        return {
            "version": room.state.version,
            "participant": participant_shown(participant, room.state),
        }


def kick(context: ActContext, alias: str, *, ban: bool = False, seconds: int | None = None) -> dict[str, Any]:
    """Make somebody leave, and with `ban` keep them out for so many seconds or for good.

    Returns `{"version", "left"}`; whoever is in the Agora channel is shown there until Agora says that they
    are gone. Refuses with `forbidden` to do this to oneself, or to ban somebody who has never been on the
    socket in a room where only that tells who they are; with `participant_not_found`, and as
    `LockedRoom.act_as_host` does.
    """
    with opened(context.room_id, context.now, context.user_id) as room:
        room.act_as_host(context)
        participant = room.find(alias)
        if not isinstance(context.caller, Backend) and context.caller.user_id == participant.user_id:
            raise Refusal("forbidden", "You cannot remove yourself from the room.")
        if ban:
            _ban(context, participant, seconds)
        if ban or participant.is_shown:
            remove(room, Action.BAN if ban else Action.KICK, participant)
        return {"version": room.state.version, "left": participant.alias}


def _ban(context: ActContext, participant: ParticipantState, seconds: int | None) -> None:
    if participant.user_id is None:
        raise Refusal("forbidden", "Who this is will be known once they have been on the socket.")
    until = None if seconds is None else context.now + timedelta(seconds=seconds)
    Member.objects.ban(Room.objects.get_or_refuse(context.room_id), participant.user_id, until)


def end(context: ActContext) -> dict[str, Any]:
    """End the room for good: no more tokens, and all sockets are closed. Again changes nothing.

    Returns `{"version"}`. Refuses with `host_only`, `banned` or `not_a_member`.
    """
    with opened(context.room_id, context.now, context.user_id) as room:
        room.require_host(context.caller)
        room.act_as(context.caller)
        Room.objects.get_or_refuse(context.room_id).end(context.now)
        if not room.state.ended:
            close_room(room)
        return {"version": room.state.version}
