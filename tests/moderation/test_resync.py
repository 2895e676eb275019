"""Resync: the frames that lead a socket to the current version."""

import json
from typing import Any

import pytest

from moderation import actions, presence
from rooms.models import Member, Room
from rooms.roles import Role
from tests.cast import alias_of
from tests.running_room import NOON, come_in, connection_id, context, flags, participant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("since", [0, 1, 2, 3])
def test_resync_has_the_missed_updates(room: Room, since: int) -> None:
    come_in(room, "bob")
    actions.set_room(context(room), {"mute_everyone": True})
    actions.kick(context(room), alias_of(room, "bob"))
    frames, version = presence.resync(room.id, connection_id("bob"), since, NOON)
    updates: list[dict[str, Any]] = [
        {
            "action": "join",
            "by": alias_of(room, "bob"),
            "participant": participant(room, "bob"),
        },
        {"action": "mute_everyone", "by": alias_of(room, "alice"), "room": {"mute_everyone": True}},
        {
            "action": "kick",
            "by": alias_of(room, "alice"),
            "left": alias_of(room, "bob"),
            "enforcement": "advisory",
        },
    ]
    told = [
        {"type": "update", "version": number, "at": "2026-11-22T12:00:00.000000Z", **update}
        for number, update in enumerate(updates, 1)
    ]
    assert ([json.loads(frame) for frame in frames], version) == (told[since:], 3)


def toggle(room: Room, times: int) -> None:
    for number in range(times):
        actions.set_room(context(room), {"mute_everyone": number % 2 == 0})


def test_resync_over_more_than_a_hundred_updates_is_a_snapshot(room: Room) -> None:
    come_in(room, "bob")
    toggle(room, 100)
    frames, version = presence.resync(room.id, connection_id("bob"), 1, NOON)
    assert (len(frames), version) == (100, 101)
    (frame,), version = presence.resync(room.id, connection_id("bob"), 0, NOON)
    assert version == 101
    assert json.loads(frame) == {
        "type": "snapshot",
        "version": 101,
        "room": flags(),
        "participants": [participant(room, "bob")],
        "you": participant(room, "bob"),
    }


def test_resync_from_a_later_version_is_a_snapshot(room: Room) -> None:
    come_in(room, "bob")
    (frame,), version = presence.resync(room.id, connection_id("bob"), 7, NOON)
    assert (json.loads(frame)["type"], version) == ("snapshot", 1)


def test_resync_of_a_replaced_socket_is_empty(room: Room) -> None:
    come_in(room, "bob")
    assert presence.resync(room.id, "another", 7, NOON) == ([], 1)


def test_resync_reconciles_the_room(room: Room) -> None:
    come_in(room, "bob")
    Member.objects.appoint(room, "bob", Role.HOST)
    frames, version = presence.resync(room.id, connection_id("bob"), 1, NOON)
    assert ([json.loads(frame)["action"] for frame in frames], version) == (["promote"], 2)
