"""`rooms/{id}/members/` and `rooms/{id}/members/{user_id}/`."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from rooms.models import Member, Room
from rooms.roles import Role
from tests.api import NO_ROOM, WRONG_TYPE, Api, invalid, iso, problem, refused, unknown, wrong

pytestmark = pytest.mark.django_db

LATER = "2999-01-01T00:00:00Z"
NO_MEMBER = problem(404, "member_not_found", "This room has no member with this user id.")
BAD_USER_ID = "Use 1 to 255 characters, none of them a control character."


def listed(backend: Api, room: Room) -> Any:
    return backend.get(f"rooms/{room.id}/members/").json()["results"]


def put(backend: Api, room: Room, user_id: str, body: Any) -> Any:
    return backend("PUT", f"rooms/{room.id}/members/{user_id}/", body)


def member(
    user_id: str, role: str, until: str | None = None, *, assistant: bool = False
) -> dict[str, str | bool | None]:
    return {"user_id": user_id, "role": role, "assistant": assistant, "until": until}


@pytest.mark.parametrize("role", ["host", "publisher", "subscriber", "banned"])
def test_put_creates_a_member(backend: Api, room: Room, role: str) -> None:
    response = put(backend, room, "dave", {"role": role})
    assert (response.status_code, response.json()) == (201, member("dave", role))


def test_put_changes_a_role(backend: Api, room: Room) -> None:
    response = put(backend, room, "carol", {"role": "host", "until": None})
    assert (response.status_code, response.json()) == (200, member("carol", "host"))
    assert Member.objects.get(room=room, user_id="carol").role == "host"


def test_put_bans_until_a_time(backend: Api, room: Room) -> None:
    response = put(backend, room, "bob", {"role": "banned", "until": LATER})
    assert (response.status_code, response.json()) == (200, member("bob", "banned", LATER))


def test_ban_keeps_the_role(backend: Api, room: Room) -> None:
    put(backend, room, "bob", {"role": "banned", "until": LATER})
    Member.objects.filter(user_id="bob").update(until=timezone.now())
    assert member("bob", "publisher") in listed(backend, room)


@pytest.mark.parametrize("role", ["host", "publisher", "subscriber"])
def test_put_makes_an_assistant_of_any_role(backend: Api, room: Room, role: str) -> None:
    response = put(backend, room, "dave", {"role": role, "assistant": True})
    assert (response.status_code, response.json()) == (201, member("dave", role, assistant=True))
    assert member("dave", role, assistant=True) in listed(backend, room)


def test_put_without_it_makes_no_assistant(backend: Api, room: Room) -> None:
    put(backend, room, "bob", {"role": "publisher", "assistant": True})
    response = put(backend, room, "bob", {"role": "publisher"})
    assert (response.status_code, response.json()) == (200, member("bob", "publisher"))
    assert member("bob", "publisher") in listed(backend, room)


def test_ban_keeps_the_assistant_flag(backend: Api, room: Room) -> None:
    put(backend, room, "bob", {"role": "publisher", "assistant": True})
    response = put(backend, room, "bob", {"role": "banned", "assistant": False, "until": LATER})
    assert (response.status_code, response.json()) == (200, member("bob", "banned", LATER))
    assert member("bob", "banned", LATER) in listed(backend, room)
    Member.objects.filter(user_id="bob").update(until=timezone.now())
    assert member("bob", "publisher", assistant=True) in listed(backend, room)


def test_member_is_put_back_as_listed(backend: Api, room: Room) -> None:
    put(backend, room, "bob", {"role": "publisher", "assistant": True})
    put(backend, room, "bob", {"role": "banned", "until": LATER})
    put(backend, room, "carol", {"role": "subscriber", "assistant": True})
    before = listed(backend, room)
    for shown in before:
        body = {name: value for name, value in shown.items() if name != "user_id"}
        assert put(backend, room, shown["user_id"], body).status_code == 200
    assert listed(backend, room) == before


def test_put_of_a_role_lifts_a_ban(backend: Api, room: Room) -> None:
    put(backend, room, "bob", {"role": "banned", "until": LATER})
    response = put(backend, room, "bob", {"role": "subscriber"})
    assert (response.status_code, response.json()) == (200, member("bob", "subscriber"))
    assert not Member.objects.get(user_id="bob").banned


@pytest.mark.parametrize(
    ("path", "user_id"),
    [
        ("u-42", "u-42"),
        ("https://id.example/u/42", "https://id.example/u/42"),
        ("a%2Fb", "a/b"),
        ("%F0%9F%A6%8A%20%C3%A9", "🦊 é"),
        ("end", "end"),
        ("x" * 255, "x" * 255),
    ],
)
def test_put_takes_any_printable_user_id(backend: Api, room: Room, path: str, user_id: str) -> None:
    response = put(backend, room, path, {"role": "host"})
    assert (response.status_code, response.json()) == (201, member(user_id, "host"))
    assert put(backend, room, path, {"role": "host"}).status_code == 200
    assert backend("DELETE", f"rooms/{room.id}/members/{path}/").status_code == 204


@pytest.mark.parametrize("path", ["x" * 256, "a%00b", "a%C2%85b", "%1B"])
def test_put_refuses_an_unusable_user_id(backend: Api, room: Room, path: str) -> None:
    response = put(backend, room, path, {"role": "host"})
    expected = problem(400, "invalid", BAD_USER_ID, wrong("/user_id", "invalid", BAD_USER_ID))
    assert refused(response) == expected


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, wrong("/role", "required", "This field is required.")),
        (None, wrong("/role", "required", "This field is required.")),
        ({"role": None}, wrong("/role", "null", "This field may not be null.")),
        ({"role": "admin"}, wrong("/role", "invalid_choice", '"admin" is not a valid choice.')),
        ({"role": ["host"]}, wrong("/role", "invalid_choice", "\"['host']\" is not a valid choice.")),
        (
            {"role": "banned", "until": "2020-01-01T00:00:00Z"},
            wrong("/until", "past", "This must be in the future."),
        ),
        ({"role": "host", "until": LATER}, wrong("/until", "not_a_ban", "Only a ban can have an end.")),
        (
            {"role": "banned", "assistant": True},
            wrong("/assistant", "banned", "Somebody banned is no assistant."),
        ),
        ({"role": "host", "assistant": None}, wrong("/assistant", "null", "This field may not be null.")),
        ({"role": "host", "assistant": 1}, wrong("/assistant", *WRONG_TYPE)),
        ({"role": "host", "assistant": "yes"}, wrong("/assistant", *WRONG_TYPE)),
        ("host", wrong("", "invalid", "Invalid data. Expected a dictionary, but got str.")),
    ],
)
def test_put_refuses_a_bad_value(backend: Api, room: Room, body: Any, error: dict[str, str]) -> None:
    assert refused(put(backend, room, "dave", body)) == invalid(error)
    assert not room.members.filter(user_id="dave").exists()


def test_put_refuses_unknown_fields(backend: Api, room: Room) -> None:
    assert refused(put(backend, room, "dave", {"role": "host", "user_id": "erin"})) == unknown("user_id")


def test_list_answers_the_members_by_user_id(backend: Api, room: Room) -> None:
    response = backend.get(f"rooms/{room.id}/members/")
    assert response.status_code == 200
    assert response.json() == {
        "next": None,
        "previous": None,
        "results": [
            member("alice", "host"),
            member("bob", "publisher"),
            member("carol", "subscriber"),
            member("mallory", "banned"),
        ],
    }


def test_list_leaves_out_expired_bans(backend: Api, room: Room) -> None:
    now = timezone.now()
    Member.objects.ban(room, "mallory", now + timedelta(seconds=60))
    Member.objects.ban(room, "trudy", now - timedelta(seconds=1))
    shown = listed(backend, room)
    until = iso(now + timedelta(seconds=60))
    assert shown[3:] == [member("mallory", "banned", until)]


def test_list_shows_members_of_this_room_only(backend: Api, room: Room) -> None:
    other = Room.objects.create()
    Member.objects.appoint(other, "dave", Role.HOST)
    assert listed(backend, other) == [member("dave", "host")]


def test_delete_removes_a_member(backend: Api, room: Room) -> None:
    response = backend("DELETE", f"rooms/{room.id}/members/bob/")
    assert (response.status_code, response.content) == (204, b"")
    assert not room.members.filter(user_id="bob").exists()


@pytest.mark.parametrize("user_id", ["dave", "a%00b", "x" * 300])
def test_delete_of_nobody_is_refused(backend: Api, room: Room, user_id: str) -> None:
    assert refused(backend("DELETE", f"rooms/{room.id}/members/{user_id}/")) == NO_MEMBER


def test_delete_leaves_other_rooms_alone(backend: Api, room: Room) -> None:
    other = Room.objects.create()
    Member.objects.appoint(other, "bob", Role.HOST)
    backend("DELETE", f"rooms/{room.id}/members/bob/")
    assert other.members.get().role == "host"


@pytest.mark.parametrize(("method", "user"), [("GET", ""), ("PUT", "dave/"), ("DELETE", "dave/")])
def test_unknown_room_is_refused(backend: Api, method: str, user: str) -> None:
    response = backend(method, f"rooms/nothing/members/{user}", {"role": "host"})
    assert refused(response) == problem(404, "room_not_found", NO_ROOM)
