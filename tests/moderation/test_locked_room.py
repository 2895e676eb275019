"""An act writes one version, one event and one announcement."""

from collections.abc import Callable
from threading import Thread
from time import sleep
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from moderation import actions
from moderation.actions import seats
from moderation.models import Event, RoomState
from moderation.rule import Medium, Override
from rooms.callers import User
from rooms.models import Member, Room
from rooms.roles import Role
from tests.cast import alias_of
from tests.moderation.concurrency import at_once, races
from tests.running_room import BACKEND, NOON, after, come_in, context, flags, happened, log

pytestmark = pytest.mark.django_db


def test_versions_rise_by_one_from_one(room: Room) -> None:
    come_in(room, "alice", "bob")
    actions.set_room(context(room), {"mute_everyone": True, "webcams_disabled": True})
    actions.set_participant(context(room), alias_of(room, "bob"), dict.fromkeys(Medium, Override.ALLOW))
    seats.request(context(room, "bob"), Medium.AUDIO)
    actions.end(context(room))
    assert [version for version, *_ in log(room)] == list(range(1, 9))
    assert RoomState.objects.get().version == 8


def test_event_says_who_when_and_by_which_alias(room: Room) -> None:
    actions.set_room(context(room, User("alice"), after(1.5)), {"mute_everyone": True})
    event = Event.objects.get()
    assert (event.actor, event.by, event.target, event.at) == (
        "alice",
        alias_of(room, "alice"),
        None,
        after(1.5),
    )
    assert (str(event), str(event.room.state)) == ("1 mute_everyone", room.id)


def test_backend_has_no_alias(room: Room) -> None:
    actions.set_room(context(room, BACKEND), {"mute_everyone": True})
    event = Event.objects.get()
    assert (event.actor, event.by) == (None, None)


def test_version_is_taken_once(room: Room) -> None:
    actions.set_room(context(room), {"mute_everyone": True})
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.create(room=room, version=1, action="end", at=NOON, change={})


def test_rooms_count_by_themselves(room: Room) -> None:
    other = Room.objects.create()
    actions.set_room(context(room, BACKEND), {"mute_everyone": True})
    actions.set_room(context(other, BACKEND), {"webcams_disabled": True})
    assert (log(room)[0][0], log(other)[0][0]) == (1, 1)
    assert actions.read(other.id, NOON)["room"] == flags(webcams_disabled=True)


def test_log_goes_with_its_room(room: Room) -> None:
    come_in(room, "bob")
    room.delete()
    assert not Event.objects.exists()
    assert not RoomState.objects.exists()


def test_act_that_is_rolled_back_leaves_nothing(room: Room) -> None:
    with transaction.atomic():
        actions.end(context(room))
        transaction.set_rollback(True)
    assert not Event.objects.exists()
    assert Room.objects.get().ended_at is None


@races
def test_seats_are_exact_when_all_ask_at_once(room: Room) -> None:
    room.change({"audio_limit": 3})
    people = [f"u-{number}" for number in range(8)]
    come_in(room, *people, role=Role.PUBLISHER)
    answers = at_once(*(lambda one=one: seats.request(context(room, one), Medium.AUDIO) for one in people))
    assert answers.count("seats_full") == 5
    assert sorted(answer["free"]["audio"] for answer in answers if answer != "seats_full") == [0, 1, 2]
    assert [version for version, *_ in log(room)] == list(range(1, 12))


@races
def test_first_act_in_a_room_may_be_made_by_many_at_once(room: Room) -> None:
    answers = at_once(
        *(lambda: actions.set_room(context(room, BACKEND), {"mute_everyone": True}) for _ in range(4))
    )
    assert answers == [{"version": 1, "room": flags(mute_everyone=True)}] * 4
    assert happened(room) == [("mute_everyone", None, None)]


def answer_after_waiting(act: Callable[[], Any], held_by: Callable[[], Any]) -> Any:
    """Act while another transaction holds the room; return the result or the refusal."""
    answers: list[Any] = []
    waiting = Thread(target=lambda: answers.extend(at_once(act)))
    with transaction.atomic():
        held_by()
        waiting.start()
        sleep(0.5)
    waiting.join()
    (answer,) = answers
    return answer


@races
def test_act_that_waited_for_the_end_is_refused(room: Room) -> None:
    come_in(room, "alice")
    answer = answer_after_waiting(
        lambda: actions.set_room(context(room, BACKEND, after(2)), {"mute_everyone": True}),
        lambda: actions.end(context(room, "alice", after(1))),
    )
    assert answer == "room_ended"
    assert happened(room, since=1) == [("end", "alice", None)]
    assert RoomState.objects.get().ended


@races
def test_host_who_waited_and_is_none_any_more_is_refused(room: Room) -> None:
    def demote() -> None:
        actions.set_room(context(room, BACKEND), {"webcams_disabled": True})
        Member.objects.appoint(room, "alice", Role.SUBSCRIBER)

    come_in(room, "alice")
    answer = answer_after_waiting(
        lambda: actions.set_room(context(room, "alice"), {"mute_everyone": True}), demote
    )
    assert answer == "host_only"
    assert happened(room, since=1) == [("disable_webcams", None, None), ("demote", None, "alice")]


@races
def test_member_is_changed_and_forgotten_at_once_without_a_deadlock(room: Room) -> None:
    def forget() -> str:
        with transaction.atomic():
            Room.objects.bump_version([room.pk])
            sleep(0.3)
            Member.objects.remove(room, "bob")
        return "forgotten"

    def ban() -> str:
        sleep(0.1)
        Member.objects.ban(room, "bob", None)
        return "banned"

    assert at_once(forget, ban) == ["forgotten", "banned"]
