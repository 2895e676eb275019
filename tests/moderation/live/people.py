"""The cast on the socket: their tickets, and their participants as documents."""

import time
from typing import Any

from rooms import tickets
from rooms.callers import TicketHolder
from rooms.channel_keys import alias
from rooms.models import Room
from rooms.roles import Role
from tests.moderation.live.sockets import Frame, Socket

ROLES = {"alice": Role.HOST, "bob": Role.PUBLISHER, "carol": Role.SUBSCRIBER, "dave": Role.PUBLISHER}

ROOM = {"mute_everyone": False, "webcams_disabled": False, "audio_limit": 12, "video_limit": 10}


def ticket_of(room_id: str, user_id: str, *, expires_in: int = 600) -> str:
    now = int(time.time())
    who = TicketHolder(user_id, room_id, ROLES.get(user_id, Role.SUBSCRIBER), user_id.title())
    return tickets.sign(who, issued_at=now, expires_at=now + expires_in)


def socket_of(room: Room, user_id: str, **options: Any) -> Socket:
    subprotocols = ["tokensvc.v1", f"ticket.{ticket_of(room.id, user_id)}"]
    return Socket(f"/ws/rooms/{room.id}/", subprotocols, **options)


async def enter(room: Room, user_id: str) -> Socket:
    """Join with a new ticket."""
    return await socket_of(room, user_id).join()


def alias_of(room: Room, user_id: str) -> str:
    return alias(bytes(room.channel_secret), user_id)


def shown(room: Room, user_id: str, **changes: Any) -> dict[str, Any]:
    """Return the participant that all sockets see."""
    role = ROLES[user_id]
    return {
        "alias": alias_of(room, user_id),
        "name": user_id.title(),
        "role": role.value,
        "connected": True,
        "in_channel": False,
        "audio": "inherit",
        "video": "inherit",
        "may_publish_audio": role.publishes,
        "may_publish_video": role.publishes,
        "audio_seat": False,
        "video_seat": False,
        **changes,
    }


def by_alias(*participants: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(participants, key=lambda one: str(one["alias"]))


def timeless(update: Frame) -> Frame:
    """Return an update without its time."""
    return {name: value for name, value in update.items() if name != "at"}
