"""The cast on the live socket."""

from typing import Any

from rooms.models import Room
from tests.cast import ticket_of
from tests.moderation.live.sockets import Frame, Socket

ROOM = {"mute_everyone": False, "webcams_disabled": False, "audio_limit": 12, "video_limit": 10}


def socket_of(room: Room, user_id: str, **options: Any) -> Socket:
    subprotocols = ["tokensvc.v1", f"ticket.{ticket_of(room.id, user_id)}"]
    return Socket(f"/ws/rooms/{room.id}/", subprotocols, **options)


async def enter(room: Room, user_id: str) -> Socket:
    """Join with a new ticket."""
    return await socket_of(room, user_id).join()


def timeless(update: Frame) -> Frame:
    """Return an update without its time."""
    return {name: value for name, value in update.items() if name != "at"}
