from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from rooms.models import Room
from tests.rooms.management.commands import output_of, report_of, table

NOTHING = {
    "ended": 0,
    "forgotten": 0,
    "members": 0,
    "invites": 0,
    "uids": 0,
    "kicking_rules": 0,
    "participants": 0,
    "events": 0,
    "webhooks": 0,
    "log_entries": 0,
}
FORGOTTEN = NOTHING | {"forgotten": 1, "members": 4}


@pytest.fixture
def over(room: Room) -> Room:
    """The room, which ended two hours ago."""
    room.end(timezone.now() - timedelta(hours=2))
    return room


def test_ended_room_is_forgotten_and_reported(over: Room) -> None:
    assert report_of("purge_rooms") == FORGOTTEN
    assert not Room.objects.exists()
    assert report_of("purge_rooms") == NOTHING


def test_report_is_shown_in_a_table(over: Room) -> None:
    assert output_of("purge_rooms") == table(dict(FORGOTTEN))


def test_dry_run_shows_the_same_and_changes_nothing(over: Room) -> None:
    before = Room.objects.values().get()
    assert report_of("purge_rooms", "--dry-run") == FORGOTTEN
    assert output_of("purge_rooms", "--dry-run") == table(dict(FORGOTTEN))
    assert Room.objects.values().get() == before
    assert Room.objects.get().members.count() == 4


@pytest.mark.parametrize(("seconds", "forgotten"), [(0, 1), (3600, 1), (7100, 1), (7300, 0)])
def test_retention_is_a_setting(settings: Settings, over: Room, seconds: int, forgotten: int) -> None:
    settings.RETENTION_SECONDS = seconds
    for options in (["--dry-run"], []):
        assert report_of("purge_rooms", *options)["forgotten"] == forgotten
    assert Room.objects.count() == 1 - forgotten


def test_room_whose_time_is_over_is_ended(room: Room) -> None:
    ends_at = timezone.now() - timedelta(minutes=5)
    room.change({"ends_at": ends_at})
    for options in (["--dry-run"], []):
        assert report_of("purge_rooms", *options) == NOTHING | {"ended": 1}
    assert Room.objects.get().ended_at == ends_at
