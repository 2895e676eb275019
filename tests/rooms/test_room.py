"""Rooms: changes of the version and of the channel."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rooms.models import Member, Room, Uid
from rooms.roles import Role
from tokensvc.web.refusals import Refusal

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def numbered(room: Room) -> Room:
    """A room in whose channel bob has a number."""
    Uid.objects.create(room=room, channel=room.channel, user_id="bob", screen=False, number=7)
    return room


def version(room: Room) -> int:
    return Room.objects.values_list("version", flat=True).get(pk=room.pk)


def test_new_room_has_version_one(db: None) -> None:
    room = Room.objects.create()
    assert (room.version, version(room)) == (1, 1)


def test_change_raises_the_version(room: Room) -> None:
    before = room.version
    room.change({"name": "Geometry"})
    assert (room.version, version(room)) == (before + 1, before + 1)
    room.change({"name": "Geometry"})
    assert (room.version, version(room)) == (before + 2, before + 2)


def test_change_of_a_stale_room_raises_the_version_all_the_same(room: Room) -> None:
    stale, before = Room.objects.get(pk=room.pk), room.version
    for _ in range(3):
        room.change({"name": "Geometry"})
    stale.change({"name": "Algebra"})
    assert (stale.version, version(room)) == (before + 4, before + 4)


def test_update_with_version_raises_the_version_of_each_room(room: Room) -> None:
    other = Room.objects.create()
    assert Room.objects.update_with_version(name="Geometry") == 2
    assert (version(room), version(other)) == (room.version + 1, 2)
    assert Room.objects.filter(pk=other.pk).update_with_version(name="Algebra") == 1
    assert (version(room), version(other)) == (room.version + 1, 3)


def test_bump_version_raises_the_version_of_these_rooms_only(room: Room) -> None:
    other = Room.objects.create()
    assert Room.objects.bump_version([room.pk, "nothing"]) == 1
    assert (version(room), version(other)) == (room.version + 1, 1)


def _write(room: Room) -> object:
    return Member.objects.write(room, "bob", assistant=True)


def _remove(room: Room) -> object:
    return Member.objects.remove(room, "bob")


def _remove_all(room: Room) -> object:
    return room.members.all().remove_all()


def _appoint_again(room: Room) -> object:
    return Member.objects.appoint(room, "bob", Role.HOST)


def _appoint_anew(room: Room) -> object:
    return Member.objects.appoint(room, "dave", Role.HOST)


def _ban(room: Room) -> object:
    return Member.objects.ban(room, "bob", None)


@pytest.mark.parametrize("change", [_write, _remove, _remove_all, _appoint_again, _appoint_anew, _ban])
def test_change_of_a_member_raises_the_version_of_that_room(
    room: Room, change: Callable[[Room], object]
) -> None:
    other = Room.objects.create()
    change(room)
    assert (version(room), version(other)) == (room.version + 1, 1)


def test_reading_and_removing_nobody_leaves_the_version(room: Room) -> None:
    assert room.members.count() == 4
    assert not Member.objects.remove(room, "dave")
    assert version(room) == room.version


def channel_of(room: Room) -> tuple[str, bytes]:
    found = Room.objects.get(pk=room.pk)
    return found.channel, bytes(found.channel_secret)


def test_rotate_channel_replaces_name_secret_and_numbers(numbered: Room) -> None:
    (name, secret), before = channel_of(numbered), numbered.version
    numbered.rotate_channel()
    new_name, new_secret = channel_of(numbered)
    assert re.fullmatch("[A-Za-z0-9]{22}", new_name)
    assert len(new_secret) == 32
    assert (new_name, new_secret) == (numbered.channel, bytes(numbered.channel_secret))
    assert new_name != name
    assert new_secret != secret
    assert version(numbered) == before + 1
    assert not Uid.objects.exists()


@pytest.mark.parametrize(
    ("changes", "moves"),
    [
        ({"uid_type": "uid"}, True),
        ({"encryption": "aes-128-gcm2"}, True),
        ({"uid_type": "account", "encryption": "none"}, False),
        ({"name": "Geometry", "region": "EU", "default_role": None}, False),
    ],
)
def test_change_of_a_channel_field_moves_the_channel(
    numbered: Room, changes: dict[str, Any], moves: bool
) -> None:
    before, version_before = channel_of(numbered), numbered.version
    numbered.change(changes)
    assert (channel_of(numbered) != before) == moves
    assert Uid.objects.exists() != moves
    assert Room.objects.values(*changes).get() == changes
    assert version(numbered) == version_before + 1


def test_change_keeps_concurrent_changes_of_other_fields(room: Room) -> None:
    stale, before = Room.objects.get(pk=room.pk), room.version
    room.change({"name": "Geometry"})
    stale.change({"region": "EU"})
    assert Room.objects.values("name", "region", "version").get() == {
        "name": "Geometry",
        "region": "EU",
        "version": before + 2,
    }


def test_change_of_nothing_changes_nothing(room: Room) -> None:
    room.change({})
    assert version(room) == room.version


def test_end_is_once_and_for_all(room: Room) -> None:
    before = room.version
    room.end(NOON)
    room.end(NOON + timedelta(days=1))
    assert Room.objects.get().ended_at == NOON
    assert version(room) == before + 1


@pytest.mark.parametrize(
    ("fields", "over"),
    [
        ({}, False),
        ({"ends_at": NOON + timedelta(seconds=1)}, False),
        ({"ends_at": NOON}, True),
        ({"ended_at": NOON + timedelta(days=1)}, True),
    ],
)
def test_room_is_over(fields: dict[str, Any], over: bool) -> None:
    assert Room(**fields).is_over(NOON) == over


def test_get_or_create_by_external_id_returns_the_existing_room(db: None) -> None:
    known = Room.objects.create(external_id="lesson-7")
    assert Room.objects.get_or_create_by_external_id(external_id="lesson-7", name="other") == (known, False)
    new, created = Room.objects.get_or_create_by_external_id(external_id="lesson-8", name="Geometry")
    assert (new.name, new.external_id, created) == ("Geometry", "lesson-8", True)
    assert Room.objects.get_or_create_by_external_id()[1]


def test_get_or_refuse_refuses_an_unknown_id(room: Room) -> None:
    assert Room.objects.get_or_refuse(room.id) == room
    for unknown in ("nothing", "a\0b", ""):
        with pytest.raises(Refusal, match="There is no room with this id"):
            Room.objects.get_or_refuse(unknown)
