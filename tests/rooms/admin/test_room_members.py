"""Members within the page of their room."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from rooms.models import Member, Room
from rooms.roles import Role
from tests.rooms.admin.pages import Page, errors, log, room_page, send


def members(room: Room) -> list[tuple[Any, ...]]:
    return list(room.members.order_by("user_id").values_list("user_id", "role", "banned", "until"))


# In the order of the page: alice, bob, carol, mallory.
CAST = [
    ("alice", "host", False, None),
    ("bob", "publisher", False, None),
    ("carol", "subscriber", False, None),
    ("mallory", None, True, None),
]


def test_members_are_added_changed_and_removed(admin_client: Client, room: Room) -> None:
    before = room.version

    send(
        admin_client,
        room_page(room),
        **{"members-1-role": "host", "members-2-DELETE": "on", "members-3-role": "subscriber"},
        **{"members-TOTAL_FORMS": "5", "members-4-user_id": "dave", "members-4-role": "publisher"},
    )

    assert members(room) == [
        ("alice", "host", False, None),
        ("bob", "host", False, None),
        ("dave", "publisher", False, None),
        ("mallory", "subscriber", True, None),
    ]
    told = (
        "Added member “dave”. Changed Role for member “bob”. Changed Role for member “mallory”. "
        "Deleted member “carol”."
    )
    assert log() == [("admin", "room", "Algebra 1", told)]
    room.refresh_from_db()
    # Once for the room, once for each of the four.
    assert room.version == before + 5


def test_ban_is_given_with_its_end(admin_client: Client, room: Room) -> None:
    until = timezone.now().replace(microsecond=0) + timedelta(days=1)
    ban = {
        "members-1-banned": "on",
        "members-1-until_0": f"{until:%Y-%m-%d}",
        "members-1-until_1": f"{until:%H:%M:%S}",
    }

    send(admin_client, room_page(room), **ban)

    assert members(room) == [CAST[0], ("bob", "publisher", True, until), *CAST[2:]]


def test_assistant_is_made_within_the_room(admin_client: Client, room: Room) -> None:
    send(admin_client, room_page(room), **{"members-1-assistant": "on"})

    assert [member.user_id for member in room.members.filter(assistant=True)] == ["bob"]
    assert members(room) == CAST
    assert log() == [("admin", "room", "Algebra 1", "Changed Assistant for member “bob”.")]


REFUSED = [
    ({"role": ""}, "Choose a role, or ban the user."),
    ({"until_0": "2099-01-01", "until_1": "00:00"}, "Only a ban can have an end."),
    ({"banned": "on", "until_0": "2020-01-01", "until_1": "00:00"}, "This must be in the future."),
    ({"role": "king"}, "Select a valid choice. king is not one of the available choices."),
    ({"user_id": ""}, "This field is required."),
    ({"user_id": "dave\x07"}, "Use 1 to 255 characters, none of them a control character."),
    ({"user_id": "da\x07ve"}, "Use 1 to 255 characters, none of them a control character."),
    ({"user_id": "bob"}, "Please correct the duplicate data for user_id."),
]


@pytest.mark.parametrize(("given", "expected"), REFUSED)
def test_member_is_not_added_with(
    admin_client: Client, room: Room, given: dict[str, str], expected: str
) -> None:
    dave = {"user_id": "dave", "role": "host"} | given
    added = {f"members-4-{name}": value for name, value in dave.items()}
    before = room.version

    response = send(admin_client, room_page(room), name="Algebra 2", **{"members-TOTAL_FORMS": "5"}, **added)

    assert errors(response)[0] == expected
    assert members(room) == CAST
    room.refresh_from_db()
    assert (room.name, room.version) == ("Algebra 1", before)
    assert log() == []


def test_expired_ban_does_not_prevent_saving(admin_client: Client, room: Room) -> None:
    over = timezone.now() - timedelta(hours=1)
    Member.objects.ban(room, "mallory", over)

    send(admin_client, room_page(room), **{"members-0-role": "publisher"})

    assert members(room) == [("alice", "publisher", False, None), *CAST[1:3], ("mallory", None, True, over)]


def test_user_id_of_a_member_cannot_be_changed(admin_client: Client, room: Room) -> None:
    send(admin_client, room_page(room), **{"members-1-user_id": "mallory2", "members-1-role": "host"})

    assert members(room) == [CAST[0], ("bob", "host", False, None), *CAST[2:]]


def test_user_id_keeps_its_spaces(admin_client: Client, room: Room) -> None:
    Member.objects.appoint(room, " bob ", Role.HOST)

    send(
        admin_client,
        room_page(room),
        **{"members-0-role": "publisher", "members-TOTAL_FORMS": "6"},
        **{"members-5-user_id": "dave ", "members-5-role": "host"},
    )

    bob, dave = (" bob ", "publisher", False, None), ("dave ", "host", False, None)
    assert members(room) == [bob, *CAST[:3], dave, CAST[3]]


def test_members_are_not_for_those_who_may_only_change_rooms(
    staff: Callable[..., Client], room: Room
) -> None:
    sam = staff("view_room", "change_room")
    assert not [name for name in Page(sam.get(room_page(room))).fields if name.startswith("members")]

    send(
        sam,
        room_page(room),
        **{"members-TOTAL_FORMS": "1", "members-INITIAL_FORMS": "0"},
        **{"members-0-user_id": "sam", "members-0-role": "host"},
    )

    assert members(room) == CAST
