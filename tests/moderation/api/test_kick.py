"""`POST rooms/{id}/moderation/participants/{alias}/kick/`."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from rooms.models import Member, Room
from rooms.roles import Role
from tests.api import NO_ROOM, WRONG_TYPE, Api, invalid, problem, refused, unknown, wrong
from tests.cast import alias_of
from tests.running_room import come_in, happened

pytestmark = [pytest.mark.django_db, pytest.mark.present("alice", "bob")]

AsUser = Callable[..., Api]

BANNED = problem(403, "banned", "You are banned from this room.")


def path(room: Room, user_id: str = "bob") -> str:
    return f"rooms/{room.id}/moderation/participants/{alias_of(room, user_id)}/kick/"


@pytest.mark.parametrize("body", [None, {}, {"ban": False}, {"ban": False, "seconds": None}])
def test_kicked_user_may_come_back(running: Room, as_user: AsUser, body: Any) -> None:
    response = as_user("alice").post(path(running), body)
    assert (response.status_code, response.json()) == (200, {"version": 3, "left": alias_of(running, "bob")})
    assert happened(running, since=2) == [("kick", "alice", "bob")]
    assert as_user("bob").post(f"rooms/{running.id}/tokens/").status_code == 200


def test_banned_user_gets_no_token(running: Room, as_user: AsUser) -> None:
    bob = as_user("bob")
    held = bob.post(f"rooms/{running.id}/tokens/").json()["live"]["ticket"]
    response = as_user("alice").post(path(running), {"ban": True})
    assert (response.status_code, response.json()) == (200, {"version": 3, "left": alias_of(running, "bob")})
    for caller in (bob, as_user("bob", rooms={running.id: "host"}), Api(f"Ticket {held}")):
        assert refused(caller.post(f"rooms/{running.id}/tokens/")) == BANNED
    assert Member.objects.filter(user_id="bob").values("role", "banned", "until").get() == {
        "role": "publisher",
        "banned": True,
        "until": None,
    }


def test_ban_lasts_as_long_as_it_says(running: Room, backend: Api) -> None:
    before = timezone.now()
    assert backend.post(path(running), {"ban": True, "seconds": 600}).status_code == 200
    until = Member.objects.get(user_id="bob").until
    assert until is not None
    assert before <= until - timedelta(seconds=600) <= timezone.now()
    assert happened(running, since=2) == [("ban", None, "bob")]


def test_kick_again_changes_nothing(running: Room, backend: Api) -> None:
    assert backend.post(path(running)).json() == backend.post(path(running)).json()
    assert happened(running, since=2) == [("kick", None, "bob")]


@pytest.mark.parametrize("body", [{}, {"ban": True}])
def test_host_cannot_lock_themselves_out(
    running: Room, as_user: AsUser, backend: Api, body: dict[str, Any]
) -> None:
    response = as_user("alice").post(path(running, "alice"), body)
    assert refused(response) == problem(403, "forbidden", "You cannot remove yourself from the room.")
    assert happened(running, since=2) == []
    assert backend.post(path(running, "alice"), body).status_code == 200


def test_host_may_remove_another_host(running: Room, as_user: AsUser) -> None:
    Member.objects.appoint(running, "bob", Role.HOST)
    assert as_user("bob").post(path(running, "alice"), {"ban": True}).status_code == 200
    assert refused(as_user("alice").post(path(running))) == BANNED


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"seconds": 5}, wrong("/seconds", "not_a_ban", "Only a ban can have an end.")),
        ({"ban": False, "seconds": 5}, wrong("/seconds", "not_a_ban", "Only a ban can have an end.")),
        ({"ban": "yes"}, wrong("/ban", *WRONG_TYPE)),
        ({"ban": None}, wrong("/ban", "null", "This field may not be null.")),
        ({"ban": True, "seconds": "5"}, wrong("/seconds", *WRONG_TYPE)),
        (
            {"ban": True, "seconds": 0},
            wrong("/seconds", "min_value", "Ensure this value is greater than or equal to 1."),
        ),
        (
            {"ban": True, "seconds": 10**30},
            wrong("/seconds", "max_value", "Ensure this value is less than or equal to 31622400."),
        ),
    ],
)
def test_bad_kick_is_refused(running: Room, backend: Api, body: Any, error: dict[str, str]) -> None:
    assert refused(backend.post(path(running), body)) == invalid(error)
    assert happened(running, since=2) == []


def test_unknown_field_is_refused(running: Room, backend: Api) -> None:
    assert refused(backend.post(path(running), {"expected_version": 2})) == unknown("expected_version")


def test_alias_of_nobody_is_refused(running: Room, backend: Api) -> None:
    other = Room.objects.create()
    come_in(other, "bob", role=Role.PUBLISHER)
    for nobody in (alias_of(other, "bob"), alias_of(running, "carol"), "bob", "a%00b"):
        response = backend.post(f"rooms/{running.id}/moderation/participants/{nobody}/kick/")
        assert refused(response) == problem(
            404, "participant_not_found", "Nobody in this room has this alias."
        )


def test_unknown_room_is_refused(backend: Api) -> None:
    response = backend.post("rooms/nothing/moderation/participants/x/kick/")
    assert refused(response) == problem(404, "room_not_found", NO_ROOM)


def test_ended_room_is_not_changed(running: Room, as_user: AsUser, backend: Api) -> None:
    backend.post(f"rooms/{running.id}/end/")
    for caller in (as_user("alice"), backend):
        response = caller.post(path(running), {"ban": True})
        assert refused(response) == problem(410, "room_ended", "This room has ended.")
    assert not Member.objects.get(user_id="bob").banned
