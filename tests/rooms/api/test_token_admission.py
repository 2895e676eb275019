"""`rooms/{id}/tokens/`: who is admitted, and in which role."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from rooms.models import Member, Room
from rooms.roles import Role
from tests.api import Api, problem, refused

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]

BANNED = problem(403, "banned", "You are banned from this room.")
NOT_A_MEMBER = problem(403, "not_a_member", "You are not a member of this room.")
ENDED = problem(410, "room_ended", "This room has ended.")


def enter(caller: Api, room: Room, **body: Any) -> Any:
    return caller.post(f"rooms/{room.id}/tokens/", body)


def role_of(response: Any) -> str:
    assert response.status_code == 200, response.content
    role: str = response.json()["user"]["role"]
    return role


@pytest.mark.parametrize(
    ("user_id", "roles"),
    [
        ("alice", ["host", "publisher", "subscriber"]),
        ("bob", ["publisher", "subscriber"]),
        ("carol", ["subscriber"]),
    ],
)
def test_person_gets_what_is_granted_or_less(
    as_user: AsUser, room: Room, user_id: str, roles: list[str]
) -> None:
    person = as_user(user_id)
    assert role_of(enter(person, room)) == roles[0]
    for role in ("host", "publisher", "subscriber"):
        response = enter(person, room, role=role)
        if role in roles:
            assert role_of(response) == role
        else:
            detail = f"You are {roles[0]} in this room, not {role}."
            assert refused(response) == problem(403, "role_not_granted", detail)


@pytest.mark.parametrize("default_role", ["publisher", "subscriber"])
def test_room_grants_its_default_role_to_anybody_else(as_user: AsUser, room: Room, default_role: str) -> None:
    Room.objects.update_with_version(default_role=default_role)
    assert role_of(enter(as_user("dave"), room)) == default_role


def test_room_without_a_default_role_admits_members_only(as_user: AsUser, backend: Api, room: Room) -> None:
    assert refused(enter(as_user("dave"), room)) == NOT_A_MEMBER
    assert refused(enter(as_user("dave"), room, role="subscriber")) == NOT_A_MEMBER
    assert refused(enter(backend, room, user_id="dave")) == NOT_A_MEMBER


@pytest.mark.parametrize("role", ["host", "publisher", "subscriber"])
def test_claim_grants_its_role_in_its_room_only(as_user: AsUser, room: Room, role: str) -> None:
    dave = as_user("dave", rooms={room.id: role})
    assert role_of(enter(dave, room)) == role
    assert refused(enter(dave, Room.objects.create(default_role=None))) == NOT_A_MEMBER


def test_member_record_wins_over_a_claim(as_user: AsUser, room: Room) -> None:
    assert role_of(enter(as_user("carol", rooms={room.id: "host"}), room)) == "subscriber"
    assert role_of(enter(as_user("alice", rooms={room.id: "subscriber"}), room)) == "host"


def test_member_record_wins_over_a_ticket(as_user: AsUser, room: Room) -> None:
    ticket = Api(f"Ticket {enter(as_user('alice'), room).json()['live']['ticket']}")
    assert role_of(enter(ticket, room)) == "host"
    Member.objects.appoint(room, "alice", Role.SUBSCRIBER)
    assert role_of(enter(ticket, room)) == "subscriber"
    detail = "You are subscriber in this room, not publisher."
    assert refused(enter(ticket, room, role="publisher")) == problem(403, "role_not_granted", detail)


def test_ticket_opens_its_own_room_only(as_user: AsUser, room: Room) -> None:
    other = Room.objects.create(default_role="publisher")
    ticket = Api(f"Ticket {enter(as_user('alice'), room).json()['live']['ticket']}")
    detail = "This ticket is for another room."
    assert refused(enter(ticket, other)) == problem(403, "not_a_member", detail)


def test_backend_may_ask_for_any_role(backend: Api, room: Room) -> None:
    for role in ("host", "publisher", "subscriber"):
        assert role_of(enter(backend, room, user_id="carol", role=role)) == role
    assert role_of(enter(backend, room, user_id="carol")) == "subscriber"


def test_ban_holds_for_every_caller(as_user: AsUser, backend: Api, room: Room) -> None:
    ticket = Api(f"Ticket {enter(as_user('bob'), room).json()['live']['ticket']}")
    backend("PUT", f"rooms/{room.id}/members/bob/", {"role": "banned"})
    Room.objects.update_with_version(default_role="publisher")
    for caller in (as_user("bob"), as_user("bob", rooms={room.id: "host"}), ticket):
        assert refused(enter(caller, room)) == BANNED
    assert refused(enter(backend, room, user_id="bob", role="host")) == BANNED


def test_ban_ends_at_its_until(as_user: AsUser, room: Room) -> None:
    now = timezone.now()
    Member.objects.ban(room, "bob", now + timedelta(seconds=60))
    assert refused(enter(as_user("bob"), room)) == BANNED
    Member.objects.ban(room, "bob", now - timedelta(seconds=1))
    assert role_of(enter(as_user("bob"), room)) == "publisher"


def test_expired_ban_leaves_no_role(as_user: AsUser, room: Room) -> None:
    Member.objects.ban(room, "mallory", timezone.now() - timedelta(seconds=1))
    assert refused(enter(as_user("mallory"), room)) == NOT_A_MEMBER
    assert role_of(enter(as_user("mallory", rooms={room.id: "publisher"}), room)) == "publisher"


def test_ban_in_one_room_is_none_in_another(as_user: AsUser, room: Room) -> None:
    assert role_of(enter(as_user("mallory"), Room.objects.create())) == "subscriber"


@pytest.mark.parametrize("field", ["ended_at", "ends_at"])
def test_room_that_is_over_admits_nobody(as_user: AsUser, backend: Api, room: Room, field: str) -> None:
    ticket = Api(f"Ticket {enter(as_user('alice'), room).json()['live']['ticket']}")
    Room.objects.update_with_version(**{field: timezone.now()})
    for caller in (as_user("alice"), as_user("mallory"), ticket):
        assert refused(enter(caller, room)) == ENDED
    assert refused(enter(backend, room, user_id="alice", role="host")) == ENDED


def test_change_holds_for_the_next_request(as_user: AsUser, backend: Api, room: Room) -> None:
    alice = as_user("alice")
    for role in ("publisher", "subscriber", "host"):
        backend("PUT", f"rooms/{room.id}/members/alice/", {"role": role})
        assert role_of(enter(alice, room)) == role
    backend("DELETE", f"rooms/{room.id}/members/alice/")
    assert refused(enter(alice, room)) == NOT_A_MEMBER
    backend("PATCH", f"rooms/{room.id}/", {"default_role": "publisher"})
    assert role_of(enter(alice, room)) == "publisher"
    backend.post(f"rooms/{room.id}/end/")
    assert refused(enter(alice, room)) == ENDED
