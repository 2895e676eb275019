"""Users, states of the room, and the outcome that the API and the commands must agree on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from rooms.models import Member, Room

BANNED = "You are banned from this room. (banned)"
NOT_A_MEMBER = "You are not a member of this room. (not_a_member)"
ENDED = "This room has ended. (room_ended)"


def _as_it_is(_room: Room) -> None:
    """The room of the cast, for members only."""


def _publishing_by_default(room: Room) -> None:
    room.change({"default_role": "publisher"})


def _ended(room: Room) -> None:
    room.end(timezone.now())


def _past_its_end(room: Room) -> None:
    room.change({"ends_at": timezone.now()})


def _ban(user_id: str, seconds: int) -> Callable[[Room], object]:
    return lambda room: Member.objects.ban(room, user_id, timezone.now() + timedelta(seconds=seconds))


@dataclass(frozen=True)
class Case:
    user: str
    outcome: str
    arrange: Callable[[Room], object] = _as_it_is
    grant: str | None = None


CASES = {
    "host": Case("alice", "host"),
    "publisher": Case("bob", "publisher"),
    "subscriber": Case("carol", "subscriber"),
    "stranger": Case("dave", NOT_A_MEMBER),
    "default-role": Case("dave", "publisher", _publishing_by_default),
    "member-below-the-default": Case("carol", "subscriber", _publishing_by_default),
    "banned": Case("mallory", BANNED),
    "banned-for-now": Case("bob", BANNED, _ban("bob", 60)),
    "ban-over": Case("bob", "publisher", _ban("bob", -1)),
    "ban-over-and-no-role": Case("mallory", NOT_A_MEMBER, _ban("mallory", -1)),
    "ended": Case("alice", ENDED, _ended),
    "past-its-end": Case("alice", ENDED, _past_its_end),
    "banned-and-ended": Case("mallory", ENDED, _ended),
}
GRANTS = {
    "grant": Case("dave", "host", grant="host"),
    "grant-below-the-default": Case("dave", "subscriber", _publishing_by_default, "subscriber"),
    "member-below-the-grant": Case("carol", "subscriber", grant="host"),
    "banned-with-a-grant": Case("mallory", BANNED, grant="host"),
    "ended-with-a-grant": Case("dave", ENDED, _ended, "host"),
}


def outcome_of(response: Any) -> str:
    """The API's refusal, formatted as a command prints it."""
    answer = response.json()
    if response.status_code == 200:
        return str(answer["user"]["role"])
    return f"{answer['detail']} ({answer['code']})"
