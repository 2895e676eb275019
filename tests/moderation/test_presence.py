"""Joining, disconnecting, and joining again."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from moderation import actions, presence
from moderation.actions import seats
from moderation.leases import refresh
from moderation.models import LONGEST_OUTAGE, LiveProcess, ParticipantState
from moderation.rule import Medium, Override
from rooms.callers import TicketHolder
from rooms.models import Member, Room
from rooms.roles import Role
from tests.cast import alias_of, ticket_holder
from tests.refusals import refusal, refusal_of
from tests.running_room import (
    NOON,
    PROCESS,
    after,
    another_process_lives,
    context,
    flags,
    happened,
    log,
    participant,
)

pytestmark = pytest.mark.django_db

AUDIO = Medium.AUDIO


@pytest.fixture(autouse=True)
def _process(db: None) -> None:
    LiveProcess.objects.create(pk=PROCESS, seen_at=NOON)


def join(
    room: Room, user_id: str, socket: str = "one", seconds: float = 0, role: Role | None = None
) -> dict[str, Any]:
    return presence.join(ticket_holder(room, user_id, role), socket, PROCESS, after(seconds))


def leave(room: Room, socket: str = "one", seconds: float = 0) -> None:
    presence.disconnect(room.id, [socket], after(seconds))


def process_lives(seconds: float) -> None:
    LiveProcess.objects.update(seen_at=after(seconds))


def people(room: Room, seconds: float) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = actions.read(room.id, after(seconds))["participants"]
    return shown


def state_of(user_id: str) -> tuple[Any, ...]:
    row = ParticipantState.objects.get(user_id=user_id)
    return row.present, row.connection, row.process_id, row.gone_at


def test_first_frame_is_the_document_and_the_participant(room: Room) -> None:
    join(room, "alice", "hers")
    bob, alice = participant(room, "bob"), participant(room, "alice")
    assert join(room, "bob") == {
        "type": "snapshot",
        "version": 2,
        "room": flags(),
        "participants": sorted([alice, bob], key=lambda shown: str(shown["alias"])),
        "you": bob,
    }
    assert log(room, since=1) == [(2, "join", "bob", "bob", {"participant": bob})]
    assert state_of("bob") == (True, "one", PROCESS, None)


def test_role_of_the_member_overrides_the_tickets(room: Room) -> None:
    assert join(room, "carol", role=Role.HOST)["you"] == participant(room, "carol")
    assert join(room, "dave", role=Role.HOST)["you"] == participant(room, "dave", role="host")


def test_name_is_that_of_the_ticket(room: Room) -> None:
    join(room, "bob")
    renamed = TicketHolder("bob", room.id, Role.PUBLISHER, "Bobby")
    you = presence.join(renamed, "two", PROCESS, NOON)["you"]
    assert you == participant(room, "bob", name="Bobby")


def test_banned_user_is_refused_with_any_ticket(room: Room) -> None:
    Member.objects.ban(room, "alice", None)
    for user_id in ("alice", "mallory"):
        assert refusal_of(join, room, user_id, role=Role.HOST).code == "banned"
    assert happened(room) == []


def test_unknown_room_is_refused() -> None:
    with refusal("room_not_found"):
        presence.join(TicketHolder("bob", "nothing", Role.HOST), "one", PROCESS, NOON)
    with refusal("room_not_found"):
        presence.disconnect("nothing", ["one"], NOON)
    with refusal("room_not_found"):
        presence.resync("nothing", "one", 0, NOON)


def test_join_of_an_ended_room_is_refused(room: Room) -> None:
    room.end(NOON)
    assert refusal_of(join, room, "alice").code == "room_ended"
    assert happened(room) == [("end", None, None)]


def test_disconnected_user_keeps_place_and_seat(room: Room) -> None:
    join(room, "bob")
    seats.request(context(room, "bob"), AUDIO)
    leave(room, seconds=1)
    gone = participant(room, "bob", connected=False, audio_seat=True)
    assert log(room, since=2) == [(3, "disconnect", None, "bob", {"participant": gone})]
    assert people(room, 2) == [gone]
    assert state_of("bob") == (True, None, None, after(1))


def test_disconnect_is_recorded_once(room: Room) -> None:
    join(room, "bob")
    leave(room)
    leave(room)
    leave(room, "never-there")
    assert happened(room, since=1) == [("disconnect", None, "bob")]


def test_join_within_the_lease_keeps_seat_and_overrides(room: Room) -> None:
    join(room, "bob")
    seats.request(context(room, "bob"), AUDIO)
    actions.set_participant(context(room), alias_of(room, "bob"), {Medium.VIDEO: Override.DENY})
    leave(room)
    back = join(room, "bob", "two", seconds=29)
    as_before = participant(room, "bob", audio_seat=True, video="deny", may_publish_video=False)
    assert back["you"] == as_before
    assert happened(room, since=3) == [("disconnect", None, "bob"), ("join", "bob", "bob")]
    process_lives(60)
    assert people(room, 60) == [as_before]


def test_join_with_a_lower_role_frees_the_seat(room: Room) -> None:
    join(room, "dave")
    seats.request(context(room, "dave"), AUDIO)
    leave(room)
    assert join(room, "dave", "two", role=Role.SUBSCRIBER)["you"] == participant(
        room, "dave", role="subscriber"
    )


def test_newer_socket_replaces_the_older(room: Room) -> None:
    join(room, "bob", "older")
    seats.request(context(room, "bob"), AUDIO)
    join(room, "bob", "newer")
    assert state_of("bob") == (True, "newer", PROCESS, None)
    leave(room, "older")
    assert people(room, 1) == [participant(room, "bob", audio_seat=True)]
    assert happened(room, since=2) == [("join", "bob", "bob")]


def test_socket_gone_before_the_lock_leaves_no_trace(room: Room) -> None:
    join(room, "alice")
    with pytest.raises(presence.SocketGone):
        presence.join(ticket_holder(room, "bob"), "late", PROCESS, after(1), lambda: True)
    assert happened(room) == [("join", "alice", "alice")]
    assert not ParticipantState.objects.filter(user_id="bob").exists()
    assert people(room, 2) == [participant(room, "alice")]


def test_socket_gone_before_the_lock_does_not_replace_the_newer(room: Room) -> None:
    join(room, "bob", "newer")
    seats.request(context(room, "bob"), AUDIO)
    with pytest.raises(presence.SocketGone):
        presence.join(ticket_holder(room, "bob"), "late", PROCESS, after(1), lambda: True)
    assert state_of("bob") == (True, "newer", PROCESS, None)
    assert happened(room, since=2) == []
    assert people(room, 2) == [participant(room, "bob", audio_seat=True)]


def test_is_gone_is_asked_once_the_room_is_locked(room: Room) -> None:
    """During the wait for the lock, the socket may disconnect and its user join by another."""
    with CaptureQueriesContext(connection) as captured, pytest.raises(presence.SocketGone):
        presence.join(
            ticket_holder(room, "bob"),
            "late",
            PROCESS,
            NOON,
            lambda: any("moderation_roomstate" in query["sql"] for query in captured),
        )


def test_lease_expires_after_thirty_seconds(room: Room) -> None:
    join(room, "bob")
    seats.request(context(room, "bob"), AUDIO)
    actions.set_participant(context(room), alias_of(room, "bob"), {AUDIO: Override.ALLOW})
    leave(room)
    refresh(room.id, after(30))
    assert happened(room, since=4) == []
    refresh(room.id, after(30.1))
    refresh(room.id, after(31))
    assert log(room, since=4) == [(5, "leave", None, "bob", {"left": alias_of(room, "bob")})]
    assert people(room, 31) == []
    assert join(room, "bob", seconds=32)["you"] == participant(room, "bob", audio="allow")


def test_join_after_the_lease_starts_anew_without_a_poll(room: Room) -> None:
    join(room, "bob")
    seats.request(context(room, "bob"), AUDIO)
    leave(room)
    assert join(room, "bob", "two", seconds=600)["you"] == participant(room, "bob")


def test_leases_of_a_dead_process_expire(room: Room) -> None:
    join(room, "bob")
    seats.request(context(room, "bob"), AUDIO)
    another_process_lives(32)
    assert people(room, 32) == [participant(room, "bob", audio_seat=True)]
    another_process_lives(32.1)
    assert people(room, 32.1) == []
    assert log(room, since=2) == [(3, "leave", None, "bob", {"left": alias_of(room, "bob")})]


def test_leases_hold_for_a_while_when_no_process_has_a_heartbeat(room: Room) -> None:
    """The state after a database outage."""
    join(room, "bob")
    seats.request(context(room, "bob"), AUDIO)
    longest = LONGEST_OUTAGE.total_seconds()
    assert people(room, longest) == [participant(room, "bob", audio_seat=True)]
    assert people(room, longest + 0.1) == []


def test_leases_of_a_deleted_process_expire(room: Room) -> None:
    join(room, "bob")
    LiveProcess.objects.all().delete()
    assert people(room, 1) == []
    assert state_of("bob") == (False, None, None, None)


def test_leases_of_a_living_process_hold(room: Room) -> None:
    join(room, "bob")
    process_lives(3600)
    assert [str(process) for process in LiveProcess.objects.all()] == [PROCESS]
    assert people(room, 3600) == [participant(room, "bob")]
