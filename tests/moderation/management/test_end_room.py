from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from rooms.models import Room
from tests.api import Api, iso, problem, refused
from tests.rooms.management.commands import NO_ROOM, failure_of, output_of, report_of, table

AsUser = Callable[..., Api]


def test_room_is_over_and_reported(room: Room) -> None:
    report = report_of("end_room", room.id)
    ended = Room.objects.get()
    assert report == {"id": room.id, "ended_at": iso(ended.ended_at), "version": room.version + 1}
    assert ended.version == room.version + 1
    assert ended.ended_at is not None
    assert timedelta() <= timezone.now() - ended.ended_at < timedelta(seconds=5)


def test_end_is_shown_in_a_table(room: Room) -> None:
    text = output_of("end_room", room.id)
    ended_at = Room.objects.get().ended_at
    assert text == table({"id": room.id, "ended_at": ended_at, "version": room.version + 1})


def test_room_lets_nobody_in_from_the_next_request_on(as_user: AsUser, room: Room) -> None:
    alice = as_user("alice")
    assert alice.post(f"rooms/{room.id}/tokens/").status_code == 200
    output_of("end_room", room.id)
    response = alice.post(f"rooms/{room.id}/tokens/")
    assert refused(response) == problem(410, "room_ended", "This room has ended.")


def test_ending_again_changes_nothing(room: Room) -> None:
    assert report_of("end_room", room.id) == report_of("end_room", room.id)


def test_other_rooms_go_on(room: Room) -> None:
    other = Room.objects.create()
    output_of("end_room", room.id)
    other.refresh_from_db()
    assert (other.ended_at, other.version) == (None, 1)


@pytest.mark.parametrize("room_id", ["nothing", "", "x" * 300])
def test_unknown_room_is_refused(db: None, room_id: str) -> None:
    assert failure_of("end_room", room_id) == NO_ROOM
