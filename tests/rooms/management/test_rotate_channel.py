from collections.abc import Callable

import pytest

from rooms.models import Room
from tests.api import Api
from tests.rooms.management.commands import NO_ROOM, failure_of, output_of, report_of, table

AsUser = Callable[..., Api]


def test_room_moves_to_a_new_channel_and_reports_it(room: Room) -> None:
    report = report_of("rotate_channel", room.id)
    moved = Room.objects.get()
    assert report == {"id": room.id, "channel": moved.channel, "version": room.version + 1}
    assert moved.version == room.version + 1
    assert moved.channel != room.channel
    assert bytes(moved.channel_secret) != bytes(room.channel_secret)


def test_new_channel_is_shown_in_a_table(room: Room) -> None:
    text = output_of("rotate_channel", room.id)
    channel = Room.objects.get().channel
    assert text == table({"id": room.id, "channel": channel, "version": room.version + 1})


def test_each_time_there_is_another_channel(room: Room) -> None:
    one, other = (report_of("rotate_channel", room.id) for _ in range(2))
    assert len({room.channel, one["channel"], other["channel"]}) == 3


def test_next_token_is_for_the_new_channel_and_a_new_alias(as_user: AsUser, room: Room) -> None:
    bob = as_user("bob")
    before = bob.post(f"rooms/{room.id}/tokens/").json()
    channel = report_of("rotate_channel", room.id)["channel"]
    after = bob.post(f"rooms/{room.id}/tokens/").json()
    assert (before["agora"]["channel"], after["agora"]["channel"]) == (room.channel, channel)
    assert before["user"]["alias"] != after["user"]["alias"]


def test_earlier_token_is_for_another_channel(as_user: AsUser, room: Room) -> None:
    token = as_user("bob").post(f"rooms/{room.id}/tokens/").json()["agora"]["rtc_token"]
    channel = report_of("rotate_channel", room.id)["channel"]
    assert report_of("inspect_token", token, "--channel", channel)["problems"] == [
        f"Its channel is {room.channel}, not {channel}."
    ]


@pytest.mark.parametrize("room_id", ["nothing", "", "x" * 300])
def test_unknown_room_is_refused(db: None, room_id: str) -> None:
    assert failure_of("rotate_channel", room_id) == NO_ROOM
