"""Ending rooms and rotating channels from the list of rooms."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from rooms.models import Room
from tests.rooms.admin.pages import log, messages

ROOMS = "/admin/rooms/room/"


def act(client: Client, action: str, *rooms: Room) -> Any:
    chosen = {"action": action, "_selected_action": [room.pk for room in rooms]}
    return client.post(ROOMS, chosen, follow=True)


@pytest.fixture
def over(db: None) -> list[Room]:
    """One room that was ended, and one that ended by itself."""
    ended = Room.objects.create(name="Biology")
    ended.end(timezone.now())
    return [ended, Room.objects.create(name="Chemistry", ends_at=timezone.now() - timedelta(hours=1))]


def values(*rooms: Room) -> list[dict[str, object]]:
    chosen = Room.objects.filter(pk__in=[room.pk for room in rooms]).order_by("pk")
    return [{**row} for row in chosen.values()]


def test_end_ends_the_open_rooms_and_counts_the_others(
    admin_client: Client, room: Room, over: list[Room]
) -> None:
    before = values(*over)
    started = timezone.now()

    response = act(admin_client, "end_rooms", room, *over)

    room.refresh_from_db()
    assert room.ended_at is not None
    assert started <= room.ended_at <= timezone.now()
    assert room.version == 2
    assert values(*over) == before
    assert messages(response) == [
        ("success", "Ended 1 room."),
        ("warning", "Skipped 2 rooms, already ended."),
    ]
    assert log() == [("admin", "room", "Algebra 1", "Ended the room.")]


def test_rotate_moves_the_open_rooms_to_new_channels(
    admin_client: Client, room: Room, over: list[Room]
) -> None:
    other = Room.objects.create(name="Physics")
    before = {old.pk: (old.channel, bytes(old.channel_secret)) for old in (room, other)}
    untouched = values(*over)

    response = act(admin_client, "rotate_channels", room, other, over[0])

    for moved in Room.objects.filter(pk__in=before):
        channel, secret = before[moved.pk]
        assert moved.channel != channel
        assert bytes(moved.channel_secret) != secret
        assert moved.version == 2
    assert values(*over) == untouched
    assert messages(response) == [
        ("success", "Rotated the channel of 2 rooms."),
        ("warning", "Skipped 1 room, already ended."),
    ]
    assert sorted(log()) == [
        ("admin", "room", "Algebra 1", "Rotated the channel of the room."),
        ("admin", "room", "Physics", "Rotated the channel of the room."),
    ]


def test_rotate_says_only_what_it_did_when_nothing_was_skipped(admin_client: Client, room: Room) -> None:
    assert messages(act(admin_client, "rotate_channels", room)) == [
        ("success", "Rotated the channel of 1 room.")
    ]


@pytest.mark.parametrize("action", ["end_rooms", "rotate_channels"])
def test_action_is_not_for_those_who_may_only_view(
    staff: Callable[..., Client], room: Room, action: str
) -> None:
    before = values(room)

    response = act(staff("view_room"), action, room)

    assert values(room) == before
    assert response.context["action_form"] is None
    assert log() == []


@pytest.mark.parametrize("action", ["end_rooms", "rotate_channels"])
def test_action_is_for_those_who_may_change(staff: Callable[..., Client], room: Room, action: str) -> None:
    act(staff("view_room", "change_room"), action, room)

    room.refresh_from_db()
    assert room.version == 2
    assert [(user, name) for user, _, name, _ in log()] == [("sam", "Algebra 1")]


def test_deletion_takes_members_and_invites_along(admin_client: Client, room: Room, over: list[Room]) -> None:
    room.invites.create(code_hash="0" * 64)
    chosen = {"action": "delete_selected", "_selected_action": [room.pk, over[0].pk], "post": "yes"}

    response = admin_client.post(ROOMS, chosen, follow=True)

    assert list(Room.objects.all()) == [over[1]]
    assert messages(response) == [("success", "Successfully deleted 2 rooms.")]
    assert sorted(log()) == [
        ("admin", "room", "Algebra 1", "Deletion"),
        ("admin", "room", "Biology", "Deletion"),
    ]
