"""End the room."""

from collections.abc import Mapping
from typing import Any

from moderation import transitions
from moderation.act_context import ActContext
from moderation.actions.verb import HOST_REFUSALS, NoFields, Operation, Verb
from moderation.locked_room import locked_room
from rooms.api.serializers import EndedRoomSerializer
from rooms.models import Room


def end(context: ActContext) -> dict[str, Any]:
    """End the room for good: no more tokens, and every socket is closed. Again changes nothing.

    Returns `{"version"}`. Refuses with `room_not_found`, `host_only`, `banned` or `not_a_member`.
    """
    version, _ = _end(context)
    return {"version": version}


def _end(context: ActContext) -> tuple[int, Room]:
    """Return the version of the running room, and the room."""
    with locked_room(context.room_id, context.now, context.user_id) as locked:
        locked.require_host(context.caller)
        locked.actor = context.caller
        room = Room.objects.get_or_refuse(context.room_id)
        room.end(context.now)
        if not locked.state.ended:
            transitions.close(locked)
        return locked.state.version, room


def _end_and_read(context: ActContext, _fields: Mapping[str, Any]) -> Mapping[str, Any]:
    _, room = _end(context)
    return EndedRoomSerializer(room).data


END = Verb(
    command="room.end",
    fields=NoFields(),
    act=lambda context, _fields: end(context),
    operation=Operation(
        method="post",
        path="end/",
        act=_end_and_read,
        response=EndedRoomSerializer,
        summary="End a room",
        description="No more tokens, and all live sockets close. Ending it again changes nothing.",
        refusals=HOST_REFUSALS,
    ),
)
