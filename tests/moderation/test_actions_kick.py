"""Kicks and bans."""

from typing import Any

import pytest

from moderation import actions, presence
from moderation.actions import seats
from moderation.models import ParticipantState
from moderation.rule import Medium, Override
from rooms.callers import Caller, TicketHolder, User
from rooms.models import Member, Room
from rooms.roles import Role
from tests.cast import alias_of, ticket_holder
from tests.refusals import refusal, refusal_of
from tests.running_room import (
    BACKEND,
    NOON,
    after,
    come_in,
    connection_id,
    context,
    happened,
    log,
    participant,
)

pytestmark = [pytest.mark.django_db, pytest.mark.present("alice", "bob")]


@pytest.fixture
def speaking(running: Room) -> Room:
    """A running room in which bob has a seat, at version 3."""
    seats.request(context(running, "bob"), Medium.AUDIO)
    return running


def kick(room: Room, user_id: str = "bob", by: Caller | str = "alice", **options: Any) -> Any:
    return actions.kick(context(room, by), alias_of(room, user_id), **options)


def record(room: Room, user_id: str) -> dict[str, Any]:
    return {**room.members.values("role", "banned", "until").get(user_id=user_id)}


PUBLISHER = {"role": "publisher", "banned": False, "until": None}


def test_kick_takes_place_and_seat(speaking: Room) -> None:
    left = {"left": alias_of(speaking, "bob")}
    assert kick(speaking) == {"version": 4, **left}
    assert log(speaking, since=3) == [(4, "kick", "alice", "bob", {**left, "enforcement": "advisory"})]
    assert actions.read(speaking.id, NOON)["participants"] == [participant(speaking, "alice")]
    row = ParticipantState.objects.get(user_id="bob")
    assert (row.present, row.audio_seat, row.connection, row.process_id, row.gone_at) == (
        False,
        False,
        None,
        None,
        None,
    )
    assert record(speaking, "bob") == PUBLISHER


def test_kicked_may_come_back(speaking: Room) -> None:
    kick(speaking)
    come_in(speaking, "bob")
    assert participant(speaking, "bob") in actions.read(speaking.id, NOON)["participants"]


def test_kick_of_somebody_who_left_changes_nothing(speaking: Room) -> None:
    assert kick(speaking) == kick(speaking)
    assert happened(speaking, since=4) == []


def test_kick_of_somebody_between_two_sockets_takes_the_place(speaking: Room) -> None:
    presence.disconnect(speaking.id, [connection_id("bob")], NOON)
    assert kick(speaking) == {"version": 5, "left": alias_of(speaking, "bob")}
    assert happened(speaking, since=3) == [("disconnect", None, "bob"), ("kick", "alice", "bob")]


@pytest.mark.parametrize(("seconds", "until"), [(None, None), (90, after(90))])
def test_ban_is_a_fact_and_an_act(speaking: Room, seconds: int | None, until: Any) -> None:
    left = {"left": alias_of(speaking, "bob")}
    assert kick(speaking, ban=True, seconds=seconds) == {"version": 4, **left}
    assert log(speaking, since=3) == [(4, "ban", "alice", "bob", {**left, "enforcement": "advisory"})]
    assert record(speaking, "bob") == {"role": "publisher", "banned": True, "until": until}
    with refusal("banned"):
        come_in(speaking, "bob", now=after(89))
    actions.read(speaking.id, NOON)
    assert happened(speaking, since=4) == []


def test_ban_for_a_time_ends(speaking: Room) -> None:
    kick(speaking, ban=True, seconds=90)
    come_in(speaking, "bob", now=after(90))
    assert happened(speaking, since=4) == [("join", "bob", "bob")]


def test_ban_of_somebody_who_left_is_told(speaking: Room) -> None:
    kick(speaking)
    assert kick(speaking, ban=True) == {"version": 5, "left": alias_of(speaking, "bob")}
    assert happened(speaking, since=3) == [("kick", "alice", "bob"), ("ban", "alice", "bob")]


def test_ban_outlasts_a_ticket_of_any_role(speaking: Room) -> None:
    kick(speaking, ban=True)
    with refusal("banned"):
        come_in(speaking, "bob", role=Role.HOST)


def test_overrides_outlast_a_kick(speaking: Room) -> None:
    actions.set_participant(context(speaking), alias_of(speaking, "bob"), {Medium.VIDEO: Override.ALLOW})
    kick(speaking)
    come_in(speaking, "bob")
    assert participant(speaking, "bob", video="allow") in actions.read(speaking.id, NOON)["participants"]


@pytest.mark.parametrize("ban", [False, True])
@pytest.mark.parametrize("by_ticket", [False, True])
def test_host_cannot_lock_themselves_out(speaking: Room, *, ban: bool, by_ticket: bool) -> None:
    alice = ticket_holder(speaking, "alice") if by_ticket else User("alice")
    no = refusal_of(kick, speaking, "alice", alice, ban=ban)
    assert (no.code, no.status, no.detail) == (
        "forbidden",
        403,
        "You cannot remove yourself from the room.",
    )
    assert record(speaking, "alice") == {"role": "host", "banned": False, "until": None}
    assert happened(speaking, since=3) == []


@pytest.mark.parametrize("ban", [False, True])
def test_host_may_remove_another_host(speaking: Room, *, ban: bool) -> None:
    erin = TicketHolder("erin", speaking.id, Role.HOST)
    kick(speaking, "alice", erin, ban=ban)
    assert happened(speaking, since=3) == [("ban" if ban else "kick", "erin", "alice")]


def test_banned_host_hosts_no_more(speaking: Room) -> None:
    kick(speaking, "alice", BACKEND, ban=True)
    with refusal("banned"):
        kick(speaking, "bob", "alice")


def test_backend_may_remove_anybody(speaking: Room) -> None:
    kick(speaking, "alice", BACKEND)
    kick(speaking, "bob", BACKEND, ban=True)
    assert happened(speaking, since=3) == [("kick", None, "alice"), ("ban", None, "bob")]


@pytest.mark.parametrize("unknown", ["", "nobody", "a\0b"])
def test_alias_of_nobody_is_refused(speaking: Room, unknown: str) -> None:
    with refusal("participant_not_found"):
        actions.kick(context(speaking), unknown, ban=True)


def test_participant_of_another_room_is_not_found(speaking: Room) -> None:
    other = Room.objects.create()
    come_in(other, "bob", role=Role.PUBLISHER)
    with refusal("participant_not_found"):
        actions.kick(context(speaking), alias_of(other, "bob"), ban=True)
    assert ParticipantState.objects.get(room=other).present
    assert not Member.objects.filter(room=other).exists()


@pytest.mark.parametrize(
    ("caller", "code"),
    [
        (User("bob"), "host_only"),
        (User("mallory"), "banned"),
        (User("dave"), "not_a_member"),
        (TicketHolder("alice", "another", Role.HOST), "not_a_member"),
    ],
)
def test_others_may_not_kick(speaking: Room, caller: Caller, code: str) -> None:
    for user_id in ("alice", "bob"):
        with refusal(code):
            kick(speaking, user_id, caller, ban=True)
    assert not speaking.members.exclude(user_id="mallory").filter(banned=True).exists()


@pytest.mark.parametrize("caller", [BACKEND, User("alice")])
def test_room_that_is_over_is_not_changed(speaking: Room, caller: Caller) -> None:
    speaking.end(NOON)
    with refusal("room_ended"):
        actions.kick(context(speaking, caller, after(1)), alias_of(speaking, "bob"), ban=True)
    assert record(speaking, "bob") == PUBLISHER


def test_expected_version_is_checked_before_anything_is_done(speaking: Room) -> None:
    conflict = refusal_of(actions.kick, context(speaking, expected=2), alias_of(speaking, "bob"), ban=True)
    assert (conflict.code, conflict.members) == (
        "version_conflict",
        {"document": actions.read(speaking.id, NOON)},
    )
    assert record(speaking, "bob") == PUBLISHER
