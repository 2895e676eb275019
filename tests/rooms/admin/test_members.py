"""Members in a list of their own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rooms.models import Member, Room
from rooms.roles import Role
from tests.rooms.admin.pages import errors, log, rows, send

MEMBERS = "/admin/rooms/member/"
ADD = "/admin/rooms/member/add/"

ALICE = ["alice", "Algebra 1", "Host", "False", "False", "-"]
BOB = ["bob", "Algebra 1", "Publisher", "False", "False", "-"]
CAROL = ["carol", "Algebra 1", "Subscriber", "False", "False", "-"]
MALLORY = ["mallory", "Algebra 1", "-", "False", "True", "-"]


def member_page(member: Member) -> str:
    return f"/admin/rooms/member/{member.pk}/change/"


def record(user_id: str) -> tuple[Any, ...]:
    return Member.objects.values_list("room__name", "role", "banned", "until").get(user_id=user_id)


QUERIES = [
    ({}, [ALICE, BOB, CAROL, MALLORY]),
    ({"role__exact": "publisher"}, [BOB]),
    ({"banned__exact": "1"}, [MALLORY]),
    ({"assistant__exact": "1"}, []),
    ({"assistant__exact": "0"}, [ALICE, BOB, CAROL, MALLORY]),
    ({"q": "aro"}, [CAROL]),
    ({"q": "algebra"}, [ALICE, BOB, CAROL, MALLORY]),
    ({"q": "biology"}, []),
]


@pytest.mark.parametrize(("query", "expected"), QUERIES)
def test_list_shows_the_members_that_match(
    admin_client: Client, room: Room, query: dict[str, str], expected: list[list[str]]
) -> None:
    assert rows(admin_client.get(MEMBERS, query)) == expected


def test_list_finds_the_members_of_a_room_by_its_id(admin_client: Client, room: Room) -> None:
    Member.objects.appoint(Room.objects.create(name="Biology"), "dave", Role.HOST)

    assert rows(admin_client.get(MEMBERS, {"q": room.id})) == [ALICE, BOB, CAROL, MALLORY]


def test_list_makes_as_many_queries_for_four_members_as_for_one(admin_client: Client, room: Room) -> None:
    def queries(search: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            rows(admin_client.get(MEMBERS, {"q": search}))
        return len(captured)

    assert queries("algebra") == queries("alice")


def test_member_is_added_to_a_room(admin_client: Client, room: Room) -> None:
    until = {"until_0": "2099-12-31", "until_1": "18:00"}

    send(admin_client, ADD, room=room.pk, user_id="dave", role="publisher", banned="on", **until)

    assert record("dave") == ("Algebra 1", "publisher", True, datetime(2099, 12, 31, 18, 0, tzinfo=UTC))
    assert log() == [("admin", "member", "dave", "Added.")]


def test_assistant_is_made_and_unmade(admin_client: Client, room: Room) -> None:
    bob = Member.objects.get(user_id="bob")

    send(admin_client, member_page(bob), assistant="on")

    assistant = ["bob", "Algebra 1", "Publisher", "True", "False", "-"]
    assert rows(admin_client.get(MEMBERS, {"assistant__exact": "1"})) == [assistant]
    before = Room.objects.get().version
    admin_client.post(member_page(bob), {"role": "publisher", "_save": "Save"})
    assert rows(admin_client.get(MEMBERS, {"assistant__exact": "1"})) == []
    assert Room.objects.get().version == before + 1
    assert log() == [("admin", "member", "bob", "Changed Assistant.")] * 2


REFUSED = [
    ({"user_id": "bob", "role": "host"}, ["Member with this Room and User id already exists."]),
    ({"user_id": "dave"}, ["Choose a role, or ban the user."]),
    ({"user_id": "dave", "role": "host", "room": "nowhere"}, [
        "Select a valid choice. That choice is not one of the available choices."
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), REFUSED)
def test_member_is_not_added_with(
    admin_client: Client, room: Room, given: dict[str, str], expected: list[str]
) -> None:
    assert errors(send(admin_client, ADD, **{"room": room.pk} | given)) == expected
    assert Member.objects.count() == 4
    assert log() == []


def test_member_is_not_added_to_a_room_that_has_ended(admin_client: Client, room: Room) -> None:
    room.end(timezone.now())

    response = send(admin_client, ADD, room=room.pk, user_id="dave", role="host")

    assert errors(response) == ["This room has ended."]
    assert Member.objects.count() == 4


def test_member_keeps_room_and_user_id_when_changed(admin_client: Client, room: Room) -> None:
    other = Room.objects.create(name="Biology")
    bob = Member.objects.get(user_id="bob")

    send(admin_client, member_page(bob), role="host", user_id="dave", room=other.pk)

    assert record("bob") == ("Algebra 1", "host", False, None)
    assert log() == [("admin", "member", "bob", "Changed Role.")]


def test_member_of_an_ended_room_cannot_be_changed(admin_client: Client, room: Room) -> None:
    room.change({"ends_at": timezone.now() - timedelta(minutes=1)})
    bob = Member.objects.get(user_id="bob")

    assert admin_client.get(member_page(bob)).context["has_change_permission"] is False
    assert admin_client.post(member_page(bob), {"role": "host"}).status_code == 403
    assert record("bob") == ("Algebra 1", "publisher", False, None)


def test_deleted_member_is_gone_and_in_the_log(admin_client: Client, room: Room) -> None:
    bob = Member.objects.get(user_id="bob")

    admin_client.post(f"/admin/rooms/member/{bob.pk}/delete/", {"post": "yes"})

    assert rows(admin_client.get(MEMBERS)) == [ALICE, CAROL, MALLORY]
    assert log() == [("admin", "room", "Algebra 1", "Deleted member “bob”.")]
