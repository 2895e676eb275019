"""Participants in the Agora channel, with and without a socket."""

from itertools import permutations

import pytest
from pytest_django import Settings

from moderation import actions, presence
from moderation.actions import seats
from moderation.models import Event, ParticipantState, RoomState, Webhook
from moderation.rule import Medium
from rooms.agora.notifications import Became, Notification
from rooms.models import Room
from tests.cast import alias_of
from tests.moderation.agora import (
    BEGIN,
    STRANGER,
    destroyed,
    entered,
    follow,
    ghost,
    left,
    listens,
    participants,
    said,
    stranger,
)
from tests.refusals import refusal
from tests.running_room import NOON, after, come_in, connection_id, context, happened, log, participant

pytestmark = [pytest.mark.django_db, pytest.mark.present("alice", "bob")]


def test_entering_and_leaving_shows_beside_the_socket(running: Room) -> None:
    bob = alias_of(running, "bob")
    follow(entered(running, bob))
    follow(left(running, bob), seconds=2)
    assert log(running, since=2) == [
        (3, "enter_channel", None, "bob", {"participant": participant(running, "bob", in_channel=True)}),
        (4, "leave_channel", None, "bob", {"participant": participant(running, "bob")}),
    ]
    assert Event.objects.get(version=3).at == after(1)
    assert participants(running) == [participant(running, "bob")]


def test_notice_that_changes_nothing_raises_no_version(running: Room) -> None:
    bob = alias_of(running, "bob")
    follow(entered(running, bob, 1), listens(running, bob, 3), entered(running, bob, 5))
    assert happened(running, since=2) == [("enter_channel", None, "bob")]
    assert participants(running) == [participant(running, "bob", in_channel=True)]
    assert ParticipantState.objects.get(user_id="bob").channel_seq == 5
    follow(left(running, bob, 4))
    assert participants(running) == [participant(running, "bob", in_channel=True)]


def test_same_notice_again_is_dropped(running: Room) -> None:
    bob = alias_of(running, "bob")
    follow(*[entered(running, bob, 1)] * 3, *[left(running, bob, 2)] * 3, entered(running, bob, 1))
    assert happened(running, since=2) == [("enter_channel", None, "bob"), ("leave_channel", None, "bob")]


@pytest.mark.parametrize("who", ["bob", STRANGER])
@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_last_event_counts_in_whatever_order_they_come(
    running: Room, who: str, order: tuple[int, ...]
) -> None:
    account = alias_of(running, "bob") if who == "bob" else who
    notices = [
        entered(running, account, 10),
        left(running, account, 11),
        listens(running, account, 12),
        left(running, account, 13),
    ]
    follow(*(notices[number] for number in order))
    row = ParticipantState.objects.get(alias=account)
    assert (row.in_channel, row.channel_seq, row.channel_at) == (False, 13, BEGIN + 13)
    assert participants(running) == [participant(running, "bob")]


def test_socket_that_lapses_leaves_a_ghost_until_agora_says_otherwise(running: Room) -> None:
    bob = alias_of(running, "bob")
    follow(entered(running, bob))
    seats.request(context(running, "bob"), Medium.AUDIO)
    presence.disconnect(running.id, [connection_id("bob")], after(1))
    assert participants(running, 40) == [ghost(running)]
    follow(left(running, bob), seconds=41)
    assert participants(running, 41) == []
    assert log(running, since=4) == [
        (5, "disconnect", None, "bob", {"participant": ghost(running, audio_seat=True)}),
        (6, "leave", None, "bob", {"participant": ghost(running)}),
        (7, "leave_channel", None, "bob", {"left": bob}),
    ]


def test_ghost_that_comes_back_is_whole_again(running: Room) -> None:
    follow(entered(running, alias_of(running, "bob")))
    presence.disconnect(running.id, [connection_id("bob")], NOON)
    participants(running, 40)
    come_in(running, "bob", now=after(41))
    assert participants(running, 42) == [participant(running, "bob", in_channel=True)]


def test_ghost_takes_no_seat_and_no_place(running: Room) -> None:
    running.change({"audio_limit": 1})
    follow(entered(running, alias_of(running, "bob")))
    presence.disconnect(running.id, [connection_id("bob")], NOON)
    participants(running, 40)
    with refusal("participant_not_found"):
        seats.request(context(running, "bob", after(41)), Medium.AUDIO)
    assert seats.request(context(running, "alice", after(41)), Medium.AUDIO)["free"] == {
        "audio": 0,
        "video": 10,
    }


def test_app_is_told_of_the_socket_only(settings: Settings, running: Room) -> None:
    settings.WEBHOOK_URL = "https://app.example/hook"
    follow(entered(running, alias_of(running, "bob")), entered(running, STRANGER))
    actions.kick(context(running), STRANGER)
    follow(left(running, alias_of(running, "bob")), left(running, STRANGER))
    assert len(happened(running, since=2)) == 5
    assert not Webhook.objects.exists()


def test_destroyed_channel_is_left_by_all_of_whom_nothing_later_is_known(running: Room) -> None:
    bob, alice = alias_of(running, "bob"), alias_of(running, "alice")
    follow(
        said(running, bob, Became.BROADCASTER, 1, at=BEGIN),
        said(running, STRANGER, Became.BROADCASTER, 1, at=BEGIN + 10),
        said(running, alice, Became.BROADCASTER, 1, at=BEGIN + 11),
    )
    follow(*[destroyed(running, BEGIN + 10)] * 2)
    assert {event[3]: event[4] for event in log(running, since=5)} == {
        "bob": {"participant": participant(running, "bob")},
        None: {"left": STRANGER},
    }
    assert participants(running) == [participant(running, "bob")]
    assert ParticipantState.objects.get(user_id="alice").in_channel


def test_destroyed_channel_does_not_outlast_who_comes_again(running: Room) -> None:
    bob = alias_of(running, "bob")
    follow(entered(running, bob, 1), left(running, bob, 2), entered(running, bob, 30))
    follow(destroyed(running, BEGIN + 3))
    assert participants(running) == [participant(running, "bob", in_channel=True)]


def test_unknown_channel_is_ignored(running: Room, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "moderation.channel_presence")
    follow(Notification("notice-1", "test_webhook", Became.BROADCASTER, BEGIN, 12_121_212, "", 1))
    assert happened(running, since=2) == []
    assert [vars(record)["fields"] for record in caplog.records] == [
        {"notice": "notice-1", "channel": "test_webhook", "why": "no room has this channel"}
    ]


def test_room_that_never_went_live_learns_who_is_there(room: Room) -> None:
    follow(entered(room, STRANGER))
    assert participants(room) == [stranger()]
    assert RoomState.objects.get().version == 1


def test_end_of_the_room_is_the_end_of_it_all(running: Room) -> None:
    bob = alias_of(running, "bob")
    follow(entered(running, bob), entered(running, STRANGER))
    actions.end(context(running, now=after(2)))
    follow(entered(running, bob, 5), left(running, STRANGER, 5), entered(running, "another", 1), seconds=3)
    follow(destroyed(running, BEGIN + 60), seconds=4)
    assert participants(running, 5) == []
    assert happened(running, since=4) == [("end", "alice", None)]
    assert not ParticipantState.objects.filter(in_channel=True).exists()


def test_end_that_is_noticed_by_a_notification_comes_first(running: Room) -> None:
    running.change({"ends_at": after(1)})
    follow(entered(running, STRANGER), seconds=2)
    assert happened(running, since=2) == [("end", None, None)]


def test_new_channel_has_nobody_in_it(running: Room) -> None:
    bob = alias_of(running, "bob")
    late = left(running, bob, 9)
    follow(entered(running, bob, 5, uid=4711), entered(running, STRANGER, 5))
    running.rotate_channel()
    assert participants(running) == [participant(running, "bob", connected=False)]
    row = ParticipantState.objects.get(user_id="bob")
    assert (row.channel_seq, row.channel_at, row.channel_uid) == (None, None, None)
    assert not ParticipantState.objects.filter(user_id=None).exists()
    follow(late)
    follow(entered(running, alias_of(running, "bob"), 1))
    assert participants(running) == [participant(running, "bob", connected=False, in_channel=True)]
