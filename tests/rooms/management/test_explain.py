from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from rooms.models import Member, Room
from rooms.roles import Role
from tests.api import Api
from tests.rooms.management.cases import (
    BANNED,
    CASES,
    ENDED,
    GRANTS,
    NOT_A_MEMBER,
    Case,
    outcome_of,
)
from tests.rooms.management.commands import NO_ROOM, failure_of, output_of, report_of, table

AsUser = Callable[..., Api]

ROLES = {role.value for role in Role}


def expected(
    room: Room,
    user: str,
    outcome: str,
    *,
    is_open: str = "yes",
    banned: str = "no",
    member: str | None = None,
    grant: str | None = None,
    default: str | None = None,
    assistant: str = "no",
) -> dict[str, Any]:
    return {
        "room": room.id,
        "user": user,
        "1. the room is open": is_open,
        "2. the user is banned": banned,
        "3. the member record says": member,
        "4. else the token, ticket or invite grants": grant,
        "5. else the room's default role is": default,
        "an assistant in a classroom": assistant,
        "outcome": outcome if outcome in ROLES else f"refused: {outcome}",
    }


@pytest.mark.parametrize("case", [*CASES.values(), *GRANTS.values()], ids=[*CASES, *GRANTS])
def test_outcome_is_what_the_api_answers_the_user(as_user: AsUser, room: Room, case: Case) -> None:
    case.arrange(room)
    grants = {"rooms": {room.id: case.grant}} if case.grant else {}
    answered = outcome_of(as_user(case.user, **grants).post(f"rooms/{room.id}/tokens/"))
    explained = report_of("explain", room.id, case.user, *(["--grant", case.grant] if case.grant else []))
    assert answered == case.outcome
    assert explained["outcome"] == expected(room, case.user, case.outcome)["outcome"]


def test_member_is_explained(room: Room) -> None:
    assert report_of("explain", room.id, "bob") == expected(room, "bob", "publisher", member="publisher")


def test_stranger_is_explained(room: Room) -> None:
    assert report_of("explain", room.id, "dave") == expected(room, "dave", NOT_A_MEMBER)


def test_default_role_is_explained(room: Room) -> None:
    room.change({"default_role": "subscriber"})
    report = report_of("explain", room.id, "dave")
    assert report == expected(room, "dave", "subscriber", default="subscriber")


def test_member_record_is_explained_beside_the_roles_it_overrides(room: Room) -> None:
    room.change({"default_role": "publisher"})
    report = report_of("explain", room.id, "carol", "--grant", "host")
    assert report == expected(
        room, "carol", "subscriber", member="subscriber", grant="host", default="publisher"
    )


def test_assistant_is_explained(room: Room) -> None:
    Member.objects.appoint(room, "bob", Role.PUBLISHER, assistant=True)
    report = report_of("explain", room.id, "bob")
    assert report == expected(room, "bob", "publisher", member="publisher", assistant="yes")


def test_ban_for_good_is_explained(room: Room) -> None:
    assert report_of("explain", room.id, "mallory") == expected(
        room, "mallory", BANNED, banned="yes, for good"
    )


def test_ban_with_an_end_is_explained_beside_the_role(room: Room) -> None:
    until = timezone.now() + timedelta(seconds=60)
    Member.objects.ban(room, "bob", until)
    report = report_of("explain", room.id, "bob")
    banned = f"yes, until {until.isoformat()}"
    assert report == expected(room, "bob", BANNED, banned=banned, member="publisher")


def test_expired_ban_refuses_nobody(room: Room) -> None:
    Member.objects.ban(room, "bob", timezone.now())
    assert report_of("explain", room.id, "bob") == expected(room, "bob", "publisher", member="publisher")


def test_room_that_has_ended_is_explained(room: Room) -> None:
    room.end(timezone.now())
    assert report_of("explain", room.id, "alice") == expected(
        room, "alice", ENDED, is_open="no", member="host"
    )


def test_reasons_are_shown_in_a_table(room: Room) -> None:
    Member.objects.appoint(room, "erin", Role.PUBLISHER)
    rows = expected(room, "erin", "publisher", member="publisher", grant="-", default="-")
    assert output_of("explain", room.id, "erin") == table(rows)


def test_unknown_room_is_refused(db: None) -> None:
    assert failure_of("explain", "nothing", "bob") == NO_ROOM


@pytest.mark.parametrize("user", ["", "x" * 256, "a\nb"], ids=["empty", "too-long", "control-character"])
def test_user_id_that_the_api_does_not_take_is_refused(room: Room, user: str) -> None:
    assert failure_of("explain", room.id, user).startswith("user_id: ")


def test_unknown_grant_is_refused(room: Room) -> None:
    assert failure_of("explain", room.id, "bob", "--grant", "king").startswith(
        "Error: argument --grant: invalid choice: 'king'"
    )
