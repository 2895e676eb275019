"""Participants in the channel who have never been on the socket."""

from typing import Any

import pytest

from moderation import actions
from moderation.models import ParticipantState
from moderation.rule import Medium, Override
from rooms.channel_keys import screen_alias
from rooms.models import Room
from rooms.roles import Role
from tests.cast import alias_of
from tests.moderation.agora import (
    STRANGER,
    channel_of,
    entered,
    follow,
    ghost,
    left,
    listens,
    number_of,
    participants,
    stranger,
    use_numbers,
)
from tests.moderation.queries import asked
from tests.refusals import refusal_of
from tests.running_room import come_in, context, happened, log, participant

pytestmark = [pytest.mark.django_db, pytest.mark.present("alice", "bob")]


@pytest.mark.parametrize(("enters", "role"), [(entered, "publisher"), (listens, "subscriber")])
def test_unknown_account_is_shown_by_its_alias(running: Room, enters: Any, role: str) -> None:
    follow(enters(running, STRANGER))
    assert stranger(role=role) in participants(running)
    assert log(running, since=2) == [
        (3, "enter_channel", None, None, {"participant": stranger(role=role)}),
    ]
    row = ParticipantState.objects.get(alias=STRANGER)
    assert (row.user_id, row.role, row.ticket_role, row.present) == (None, role, role, False)
    assert str(row) == STRANGER


def test_stranger_who_leaves_is_gone_and_known_by_what_was_said(running: Room) -> None:
    follow(entered(running, STRANGER, 1))
    actions.set_participant(context(running), STRANGER, {Medium.AUDIO: Override.DENY})
    follow(left(running, STRANGER, 2))
    assert participants(running) == [participant(running, "bob")]
    follow(listens(running, STRANGER, 3))
    assert stranger(role="subscriber", audio="deny") in participants(running)
    assert happened(running, since=2) == [
        ("enter_channel", None, None),
        ("mute_audio", "alice", None),
        ("leave_channel", None, None),
        ("enter_channel", None, None),
    ]


def test_stranger_is_what_agora_says(running: Room) -> None:
    follow(entered(running, STRANGER, 1), listens(running, STRANGER, 2), entered(running, STRANGER, 3))
    assert log(running, since=3) == [
        (4, "demote", None, None, {"participant": stranger(role="subscriber")}),
        (5, "promote", None, None, {"participant": stranger()}),
    ]


def test_stranger_who_comes_by_the_socket_is_known_from_then_on(room: Room) -> None:
    bob = alias_of(room, "bob")
    follow(listens(room, bob))
    actions.set_participant(context(room), bob, {Medium.VIDEO: Override.DENY})
    come_in(room, "bob")
    assert participants(room) == [
        participant(room, "bob", in_channel=True, video="deny", may_publish_video=False)
    ]
    row = ParticipantState.objects.get()
    assert (row.user_id, row.role, row.ticket_role) == ("bob", "publisher", "publisher")
    assert happened(room, since=2) == [("join", "bob", "bob")]


def test_kick_of_a_stranger_is_recorded(running: Room) -> None:
    follow(entered(running, STRANGER))
    assert actions.kick(context(running), STRANGER) == {"version": 4, "left": STRANGER}
    change = {"participant": stranger(), "enforcement": "advisory"}
    assert log(running, since=3) == [(4, "kick", "alice", None, change)]


def test_ban_of_a_stranger_is_refused(running: Room) -> None:
    follow(entered(running, STRANGER))
    no = refusal_of(actions.kick, context(running), STRANGER, ban=True)
    detail = "Who this is will be known once they have been on the socket."
    assert (no.code, no.status, no.detail) == ("forbidden", 403, detail)
    assert happened(running, since=3) == []


def test_shared_screen_is_no_person(running: Room) -> None:
    running.refresh_from_db()
    screen = screen_alias(bytes(running.channel_secret), "bob")
    follow(entered(running, screen), left(running, screen))
    assert happened(running, since=2) == []
    assert ParticipantState.objects.count() == 2


@pytest.mark.parametrize("account", ["a" * 21, "x" * 255])
def test_account_that_cannot_be_an_alias_is_ignored(running: Room, account: str) -> None:
    follow(entered(running, account))
    assert happened(running, since=2) == []


def test_event_without_its_account_is_known_by_the_number(running: Room) -> None:
    bob = alias_of(running, "bob")
    follow(entered(running, bob, 1, uid=4711), entered(running, STRANGER, 2, uid=4712))
    follow(left(running, 4711, 3))
    assert stranger() in participants(running)
    assert participant(running, "bob") in participants(running)
    assert happened(running, since=4) == [("leave_channel", None, "bob")]


def test_number_in_a_room_of_accounts_is_nobody(running: Room, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "moderation.channel_presence")
    follow(entered(running, 4711))
    assert happened(running, since=2) == []
    assert [vars(record)["fields"] for record in caplog.records] == [
        {"notice": "notice-1", "channel": channel_of(running), "why": "the user is unknown in the room"}
    ]


def test_number_is_its_user(room: Room) -> None:
    use_numbers(room)
    come_in(room, "bob")
    follow(entered(room, number_of(room, "bob")))
    assert participants(room) == [participant(room, "bob", in_channel=True)]


@pytest.mark.parametrize(
    ("user_id", "enters", "role"),
    [
        ("carol", entered, "subscriber"),
        ("bob", listens, "publisher"),
        ("dave", entered, "publisher"),
        ("dave", listens, "subscriber"),
    ],
)
def test_user_who_never_came_by_the_socket_is_known_by_the_number(
    room: Room, user_id: str, enters: Any, role: str
) -> None:
    use_numbers(room)
    follow(enters(room, number_of(room, user_id)))
    assert participants(room) == [ghost(room, user_id, role=role, name="")]
    assert happened(room) == [("enter_channel", None, user_id)]
    come_in(room, "alice")
    actions.kick(context(room), alias_of(room, user_id), ban=True)
    assert room.members.get(user_id=user_id).banned


def test_number_of_nobody_is_ignored(room: Room) -> None:
    use_numbers(room)
    other = use_numbers(Room.objects.create())
    for number in (4711, number_of(room, "bob", screen=True), number_of(other, "bob")):
        follow(entered(room, number))
    assert happened(room) == []
    assert not ParticipantState.objects.exists()


def test_notice_costs_the_same_in_a_crowd(room: Room) -> None:
    def cost(account: str) -> int:
        return len(asked(follow, entered(room, account)))

    come_in(room, "alice")
    with_one = cost("a-stranger")
    come_in(room, *(f"u-{number}" for number in range(30)), role=Role.PUBLISHER)
    assert cost("another-stranger") == with_one <= 12
