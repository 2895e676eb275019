"""The list of rooms."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rooms.models import Member, Room
from rooms.roles import Role
from tests.rooms.admin.pages import rows

ROOMS = "/admin/rooms/room/"


def test_list_shows_one_row_per_room_newest_first(admin_client: Client, room: Room) -> None:
    Room.objects.filter(pk=room.pk).update_with_version(created_at=datetime(2026, 11, 1, 9, 30, tzinfo=UTC))
    other = Room.objects.create(
        external_id="lesson-42", region="EU", created_at=datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
    )
    other.end(timezone.now())

    assert rows(admin_client.get(ROOMS)) == [
        ["-", other.id, "lesson-42", "Europe", "ended", "0", "Nov. 2, 2026, 3 p.m."],
        ["Algebra 1", room.id, "-", "-", "open", "4", "Nov. 1, 2026, 9:30 a.m."],
    ]


def test_list_makes_as_many_queries_for_three_rooms_as_for_one(admin_client: Client, room: Room) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            rows(admin_client.get(ROOMS))
        return len(captured)

    with_one = queries()
    for name in ("Biology", "Chemistry"):
        Member.objects.appoint(Room.objects.create(name=name), "alice", Role.HOST)

    assert queries() == with_one


@pytest.mark.parametrize("field", ["id", "external_id", "name", "channel"])
def test_search_finds_a_room_by(admin_client: Client, room: Room, field: str) -> None:
    wanted = Room.objects.create(name="Biology", external_id="lesson-42")

    found = rows(admin_client.get(ROOMS, {"q": getattr(wanted, field)}))

    assert [row[1] for row in found] == [wanted.id]


FILTERS = [
    ("status", "open", ["open", "soon over"]),
    ("status", "ended", ["ended", "over"]),
    ("region__exact", "EU", ["open"]),
    ("uid_type__exact", "uid", ["soon over"]),
    ("encryption__exact", "aes-128-gcm2", ["over"]),
    ("created_at__lt", "2026-01-01 00:00:00+00:00", ["ended"]),
]


@pytest.mark.parametrize(("name", "value", "expected"), FILTERS)
def test_filter_keeps_the_rooms_that_match(
    admin_client: Client, name: str, value: str, expected: list[str]
) -> None:
    now = timezone.now()
    Room.objects.create(name="open", region="EU")
    Room.objects.create(name="soon over", uid_type="uid", ends_at=now + timedelta(hours=1))
    Room.objects.create(name="over", encryption="aes-128-gcm2", ends_at=now - timedelta(hours=1))
    Room.objects.create(name="ended", ended_at=now, created_at=datetime(2025, 11, 2, tzinfo=UTC))

    assert sorted(row[0] for row in rows(admin_client.get(ROOMS, {name: value}))) == expected
