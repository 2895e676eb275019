"""Read the room document."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moderation.act_context import ActContext
from moderation.actions.verb import HOST_REFUSALS, Operation
from moderation.document import document
from moderation.locked_room import locked_room
from moderation.responses import RoomDocument
from moderation.transitions import expire_leases


def read(room_id: str, now: datetime) -> dict[str, Any]:
    """Return the room document. Refuses with `room_not_found`."""
    with locked_room(room_id, now) as room:
        expire_leases(room)
        return document(room.state)


def _read_as_host(context: ActContext, _fields: Mapping[str, Any]) -> dict[str, Any]:
    with locked_room(context.room_id, context.now, context.user_id) as room:
        room.require_host(context.caller)
        expire_leases(room)
        return document(room.state)


READ = Operation(
    method="get",
    path="moderation/",
    act=_read_as_host,
    response=RoomDocument,
    summary="Read the room document",
    description="Flags, limits and participants, as in the first frame of the live socket.",
    refusals=HOST_REFUSALS,
)
