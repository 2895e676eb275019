"""Ending a room."""

from datetime import datetime

import pytest

from moderation import actions
from moderation.actions import seats
from moderation.models import ParticipantState, RoomState
from moderation.rule import Medium
from rooms.callers import Caller, TicketHolder, User
from rooms.models import Member, Room
from rooms.roles import Role
from tests.refusals import refusal
from tests.running_room import BACKEND, NOON, after, come_in, context, flags, happened, log

pytestmark = pytest.mark.django_db


def ended_at() -> datetime | None:
    return Room.objects.values_list("ended_at", flat=True).get()


def test_end_ends_the_room_and_everybody_leaves(room: Room) -> None:
    come_in(room, "alice", "bob")
    seats.request(context(room, "bob"), Medium.AUDIO)
    assert actions.end(context(room, "alice", after(5))) == {"version": 4}
    assert ended_at() == after(5)
    assert log(room, since=3) == [(4, "end", "alice", None, {"room": {}})]
    assert actions.read(room.id, after(6)) == {"version": 4, "room": flags(), "participants": []}
    assert not ParticipantState.objects.filter(audio_seat=True).exists()


def test_end_again_changes_nothing(room: Room) -> None:
    actions.end(context(room))
    before = Room.objects.values().get()
    for caller in ("alice", BACKEND):
        assert actions.end(context(room, caller, after(5))) == {"version": 1}
    assert Room.objects.values().get() == before
    assert happened(room) == [("end", "alice", None)]


def test_end_of_a_room_that_reached_its_end_by_itself_is_recorded_once(room: Room) -> None:
    room.change({"ends_at": NOON})
    assert actions.end(context(room, "alice", after(5))) == {"version": 1}
    assert ended_at() == after(5)
    assert happened(room) == [("end", None, None)]


def test_end_of_a_room_that_was_ended_elsewhere_is_recorded_once(room: Room) -> None:
    come_in(room, "bob")
    room.end(NOON)
    assert actions.end(context(room, "alice", after(5))) == {"version": 2}
    assert ended_at() == NOON
    assert happened(room, since=1) == [("end", None, None)]
    assert RoomState.objects.get().ended


def test_ended_room_takes_nobody_in(room: Room) -> None:
    actions.end(context(room))
    with refusal("room_ended"):
        come_in(room, "alice")


@pytest.mark.parametrize(
    ("caller", "code"),
    [
        (User("bob"), "host_only"),
        (User("mallory"), "banned"),
        (User("dave"), "not_a_member"),
        (TicketHolder("alice", "another", Role.HOST), "not_a_member"),
    ],
)
@pytest.mark.parametrize("over", [False, True])
def test_others_may_not_end_it(room: Room, caller: Caller, code: str, *, over: bool) -> None:
    if over:
        room.end(NOON)
    with refusal(code):
        actions.end(context(room, caller))
    assert (ended_at() is not None) == over


def test_former_host_may_not_end_it(room: Room) -> None:
    come_in(room, "alice")
    Member.objects.appoint(room, "alice", Role.SUBSCRIBER)
    with refusal("host_only"):
        actions.end(context(room, "alice"))
    assert happened(room, since=1) == [("demote", None, "alice")]
