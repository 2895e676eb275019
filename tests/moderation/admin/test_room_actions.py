"""Muting, disabling webcams and ending, from the list of rooms."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from moderation import actions
from moderation.actions import seats
from moderation.rule import Medium
from rooms.channel_keys import new_secret
from rooms.models import Room
from rooms.roles import Role
from tests.api import Api
from tests.rooms.admin.pages import ROOMS, act, log, messages, stored_rooms
from tests.running_room import come_in, context
from tests.running_room import log as events

MODERATION = "rooms/{}/moderation/"

# Action, what the app would call instead, and what staff are told.
ACTS: list[tuple[str, tuple[Any, ...], str]] = [
    ("mute_everyone", ("PATCH", MODERATION, {"mute_everyone": True}), "Muted everyone in"),
    ("unmute_everyone", ("PATCH", MODERATION, {"mute_everyone": False}), "Lifted the mute in"),
    ("disable_webcams", ("PATCH", MODERATION, {"webcams_disabled": True}), "Disabled webcams in"),
    ("enable_webcams", ("PATCH", MODERATION, {"webcams_disabled": False}), "Enabled webcams in"),
    ("end_rooms", ("POST", "rooms/{}/end/", None), "Ended"),
]
ACTIONS = [action for action, _, _ in ACTS]


@pytest.fixture
def twins(db: None) -> list[Room]:
    """Two rooms alike, down to the aliases, in which alice and bob have seats."""
    secret, now = new_secret(), timezone.now()
    rooms = [Room.objects.create(name="Twin", default_role="publisher", channel_secret=secret) for _ in "12"]
    for room in rooms:
        come_in(room, "alice", "bob", "carol", now=now)
        for user_id in ("alice", "bob"):
            for medium in Medium:
                seats.request(context(room, user_id, now), medium)
    return rooms


@pytest.mark.parametrize(("action", "call", "did"), ACTS)
def test_action_does_and_logs_what_the_app_would_by_rest(
    admin_client: Client,
    backend: Api,
    twins: list[Room],
    action: str,
    call: tuple[Any, ...],
    did: str,
) -> None:
    by_staff, by_app = twins
    method, path, body = call
    if body:
        opposite = {flag: not on for flag, on in body.items()}
        for room in twins:
            actions.set_room(context(room, now=timezone.now()), opposite)
    before = len(events(by_staff))

    response = act(admin_client, action, by_staff)
    assert backend(method, path.format(by_app.pk), body).status_code == 200

    documents = [backend.get(MODERATION.format(room.pk)).json() for room in twins]
    assert documents[0] == documents[1]
    assert events(by_staff) == events(by_app)
    done = "end" if action == "end_rooms" else action
    assert events(by_staff)[before:] == [(before + 1, done, None, None, {"room": body or {}})]
    assert messages(response) == [("success", f"{did} 1 room.")]
    assert log() == [("admin", "room", "Twin", f"{did} the room.")]


def test_end_ends_the_open_rooms_and_counts_the_others(
    admin_client: Client, room: Room, over: list[Room]
) -> None:
    before, version = stored_rooms(*over), room.version
    started = timezone.now()

    response = act(admin_client, "end_rooms", room, *over)

    room.refresh_from_db()
    assert room.ended_at is not None
    assert started <= room.ended_at <= timezone.now()
    assert room.version == version + 1
    assert stored_rooms(*over) == before
    assert [events(each) for each in (room, *over)] == [[(1, "end", None, None, {"room": {}})], [], []]
    assert messages(response) == [
        ("success", "Ended 1 room."),
        ("warning", "Skipped 2 rooms, already ended."),
    ]
    assert log() == [("admin", "room", "Algebra 1", "Ended the room.")]


def test_mute_reaches_the_open_rooms_and_counts_the_others(
    admin_client: Client, twins: list[Room], over: list[Room]
) -> None:
    before = stored_rooms(*over)

    response = act(admin_client, "mute_everyone", twins[0], *over, twins[1])

    assert [room.state.mute_everyone for room in Room.objects.filter(pk__in=[t.pk for t in twins])] == [
        True,
        True,
    ]
    assert stored_rooms(*over) == before
    assert "mute_everyone" not in [event[1] for room in over for event in events(room)]
    assert messages(response) == [
        ("success", "Muted everyone in 2 rooms."),
        ("warning", "Skipped 2 rooms, already ended."),
    ]
    assert log() == [("admin", "room", "Twin", "Muted everyone in the room.")] * 2


def test_mute_waits_for_those_who_come_to_a_room_that_never_went_live(
    admin_client: Client, backend: Api, room: Room
) -> None:
    act(admin_client, "mute_everyone", room)
    come_in(room, "bob", now=timezone.now())

    (bob,) = backend.get(MODERATION.format(room.pk)).json()["participants"]
    assert (bob["may_publish_audio"], bob["may_publish_video"]) == (False, True)


def test_mute_of_a_muted_room_is_no_event(admin_client: Client, twins: list[Room]) -> None:
    act(admin_client, "mute_everyone", twins[0])
    before = events(twins[0])

    response = act(admin_client, "mute_everyone", twins[0])

    assert events(twins[0]) == before
    assert messages(response) == [("success", "Muted everyone in 1 room.")]


def test_channel_rotated_by_staff_is_followed_by_the_next_act(admin_client: Client, room: Room) -> None:
    come_in(room, "alice", now=timezone.now())

    act(admin_client, "rotate_channels", room)
    act(admin_client, "mute_everyone", room)

    assert [event[1] for event in events(room)] == ["join", "rotate_channel", "mute_everyone"]


@pytest.mark.parametrize("action", ACTIONS)
def test_action_is_not_for_those_who_may_only_view(
    staff: Callable[..., Client], twins: list[Room], action: str
) -> None:
    before, happened = stored_rooms(*twins), events(twins[0])

    response = act(staff("view_room", "view_event"), action, *twins)

    assert (stored_rooms(*twins), events(twins[0])) == (before, happened)
    assert response.context["action_form"] is None
    assert log() == []


def test_actions_are_for_those_who_may_change(staff: Callable[..., Client], twins: list[Room]) -> None:
    sam = staff("view_room", "change_room")

    offered = sam.get(ROOMS).context["action_form"].fields["action"].choices
    for action in ACTIONS:
        act(sam, action, twins[0])

    assert [name for name, _ in offered if name] == [*ACTIONS[:4], "rotate_channels", "end_rooms"]
    assert log() == [("sam", "room", "Twin", f"{did} the room.") for _, _, did in ACTS]


def test_deletion_takes_all_that_happened_along(admin_client: Client, twins: list[Room]) -> None:
    gone, stays = twins
    before = events(stays)
    page = f"{ROOMS}{gone.pk}/delete/"

    asked = admin_client.get(page).context
    admin_client.post(page, {"post": "yes"})

    assert dict(asked["model_count"]) == {
        "rooms": 1,
        "room states": 1,
        "participant states": 3,
        "events": 7,
    }
    assert asked["deleted_objects"] == [f'Room: <a href="{ROOMS}{gone.pk}/change/">Twin</a>']
    assert list(Room.objects.all()) == [stays]
    assert events(stays) == before
    assert Role.HOST in stays.participants.values_list("role", flat=True)
