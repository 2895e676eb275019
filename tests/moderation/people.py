"""The cast in a running room: who comes in, who acts, and what is then to be seen of them.

Times are fixed: nothing here waits.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from moderation import presence
from moderation.act_context import ActContext
from moderation.models import LiveProcess
from rooms import channel_keys
from rooms.callers import Backend, Caller, TicketHolder
from rooms.models import Room
from rooms.roles import Role

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PROCESS = "a-process"
ROLES = {"alice": Role.HOST, "bob": Role.PUBLISHER, "carol": Role.SUBSCRIBER}
BACKEND = Backend("shop")


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def alias(room: Room, user_id: str) -> str:
    """The user's alias in the room's channel as it is now."""
    secret = Room.objects.values_list("channel_secret", flat=True).get(pk=room.pk)
    return channel_keys.alias(bytes(secret), user_id)


def ticket(room: Room, user_id: str, role: Role | None = None) -> TicketHolder:
    """A ticket as the user would be given it: the role of the cast, or that of a publisher."""
    return TicketHolder(user_id, room.id, role or ROLES.get(user_id, Role.PUBLISHER), user_id.title())


def come_in(room: Room, *user_ids: str, now: datetime = NOON, role: Role | None = None) -> None:
    """Let users in, by sockets named for them that one process holds."""
    LiveProcess.objects.update_or_create(pk=PROCESS, defaults={"seen_at": now})
    for user_id in user_ids:
        presence.join(ticket(room, user_id, role), socket_of(user_id), PROCESS, now)


def another_process_lives(seconds: float) -> None:
    """Have a process without sockets say that it lives: only beside one that does can another be dead."""
    LiveProcess.objects.update_or_create(pk="another-process", defaults={"seen_at": after(seconds)})


def socket_of(user_id: str) -> str:
    return f"socket-of-{user_id}"


def context(
    room: Room, caller: Caller | str = "alice", now: datetime = NOON, expected: int | None = None
) -> ActContext:
    who = ticket(room, caller) if isinstance(caller, str) else caller
    return ActContext(room.id, who, now, expected)


def person(room: Room, user_id: str, **differing: Any) -> dict[str, Any]:
    """Somebody who is connected and of whom nothing special is known, as the document shows them."""
    role = differing.get("role", ROLES.get(user_id, Role.PUBLISHER).value)
    publishes = role != "subscriber"
    return {
        "alias": alias(room, user_id),
        "name": user_id.title(),
        "role": role,
        "connected": True,
        "in_channel": False,
        "audio": "inherit",
        "video": "inherit",
        "may_publish_audio": publishes,
        "may_publish_video": publishes,
        "audio_seat": False,
        "video_seat": False,
        **differing,
    }


def flags(**differing: Any) -> dict[str, Any]:
    """The room's part of the document when nothing has been changed."""
    plain = {"mute_everyone": False, "webcams_disabled": False, "audio_limit": 12, "video_limit": 10}
    return {**plain, **differing}


def log(room: Room, since: int = 0) -> list[tuple[int, str, str | None, str | None, dict[str, Any]]]:
    """What has happened: version, action, who did it, to whom, and what changed; oldest first."""
    events = room.events.filter(version__gt=since).order_by("version")
    return list(events.values_list("version", "action", "actor", "target", "change"))


def happened(room: Room, since: int = 0) -> list[tuple[str, str | None, str | None]]:
    """The log in short: action, actor, target."""
    return [(action, actor, target) for _, action, actor, target, _ in log(room, since)]
