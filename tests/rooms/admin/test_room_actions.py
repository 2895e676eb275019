"""Rotating channels and deleting rooms from the list of rooms."""

from collections.abc import Callable

from django.test import Client

from rooms.models import Room
from tests.rooms.admin.pages import ROOMS, act, log, messages, stored_rooms


def test_rotate_moves_the_open_rooms_to_new_channels(
    admin_client: Client, room: Room, over: list[Room]
) -> None:
    other = Room.objects.create(name="Physics")
    before = {old.pk: (old.channel, bytes(old.channel_secret), old.version) for old in (room, other)}
    untouched = stored_rooms(*over)

    response = act(admin_client, "rotate_channels", room, other, over[0])

    for moved in Room.objects.filter(pk__in=before):
        channel, secret, version = before[moved.pk]
        assert moved.channel != channel
        assert bytes(moved.channel_secret) != secret
        assert moved.version == version + 1
    assert stored_rooms(*over) == untouched
    assert messages(response) == [
        ("success", "Rotated the channel of 2 rooms."),
        ("warning", "Skipped 1 room, already ended."),
    ]
    assert sorted(log()) == [
        ("admin", "room", "Algebra 1", "Rotated the channel of the room."),
        ("admin", "room", "Physics", "Rotated the channel of the room."),
    ]


def test_rotate_mentions_skipped_rooms_only_if_there_are_any(admin_client: Client, room: Room) -> None:
    assert messages(act(admin_client, "rotate_channels", room)) == [
        ("success", "Rotated the channel of 1 room.")
    ]


def test_rotate_is_not_for_those_who_may_only_view(staff: Callable[..., Client], room: Room) -> None:
    before = stored_rooms(room)

    response = act(staff("view_room"), "rotate_channels", room)

    assert stored_rooms(room) == before
    assert response.context["action_form"] is None
    assert log() == []


def test_rotate_is_for_those_who_may_change(staff: Callable[..., Client], room: Room) -> None:
    before = room.version

    act(staff("view_room", "change_room"), "rotate_channels", room)

    room.refresh_from_db()
    assert room.version == before + 1
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
