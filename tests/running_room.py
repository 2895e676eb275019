"""A running room: who enters, who acts, and what the document and the log then say. Times are fixed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from moderation import presence
from moderation.act_context import ActContext
from moderation.models import LiveProcess, ParticipantState
from rooms.callers import Backend, Caller
from rooms.models import Room
from rooms.roles import Role
from tests.cast import alias_of, role_of, ticket_holder

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PROCESS = "a-process"
BACKEND = Backend("shop")


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def come_in(room: Room, *user_ids: str, now: datetime = NOON, role: Role | None = None) -> None:
    """Connect users, by sockets named for them, to one process."""
    LiveProcess.objects.update_or_create(pk=PROCESS, defaults={"seen_at": now})
    for user_id in user_ids:
        presence.join(ticket_holder(room, user_id, role), connection_id(user_id), PROCESS, now)


def another_process_lives(seconds: float) -> None:
    """Refresh the heartbeat of a process without sockets; a process is dead only beside one that is alive."""
    LiveProcess.objects.update_or_create(pk="another-process", defaults={"seen_at": after(seconds)})


def connection_id(user_id: str) -> str:
    return f"socket-of-{user_id}"


def context(
    room: Room, caller: Caller | str = "alice", now: datetime = NOON, expected: int | None = None
) -> ActContext:
    who = ticket_holder(room, caller) if isinstance(caller, str) else caller
    return ActContext(room.id, who, now, expected)


def participant(room: Room, user_id: str, **differing: Any) -> dict[str, Any]:
    """A connected participant in the document, with default values but for those given."""
    role = Role(differing.get("role", role_of(user_id)))
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
        **differing,
    }


def by_alias(*participants: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(participants, key=lambda one: str(one["alias"]))


def document(version: int, room: dict[str, Any], *participants: dict[str, Any]) -> dict[str, Any]:
    """The room's document."""
    return {"version": version, "room": room, "participants": by_alias(*participants)}


def flags(**differing: Any) -> dict[str, Any]:
    """The room's part of the document, with default values but for those given."""
    plain = {"mute_everyone": False, "webcams_disabled": False, "audio_limit": 12, "video_limit": 10}
    return {**plain, **differing}


def log(room: Room, since: int = 0) -> list[tuple[int, str, str | None, str | None, dict[str, Any]]]:
    """The log, oldest first: version, action, actor, target, change."""
    events = room.events.filter(version__gt=since).order_by("version")
    return list(events.values_list("version", "action", "actor", "target", "change"))


def happened(room: Room, since: int = 0) -> list[tuple[str, str | None, str | None]]:
    """The log, oldest first: action, actor, target."""
    return [(action, actor, target) for _, action, actor, target, _ in log(room, since)]


def bob_is_in() -> bool:
    """Whether bob is in the room's channel."""
    return ParticipantState.objects.get(user_id="bob").in_channel
