"""Concurrent notifications, also while sockets join."""

import pytest

from moderation import channel_presence, presence
from moderation.models import LiveProcess, ParticipantState, RoomState
from rooms.models import Room
from tests.cast import alias_of, ticket_holder
from tests.moderation.agora import STRANGER, entered, left
from tests.moderation.concurrency import at_once, races
from tests.running_room import NOON, PROCESS, come_in, connection_id, log

pytestmark = pytest.mark.django_db


@races
def test_notices_at_once_end_with_the_last(room: Room) -> None:
    come_in(room, "bob")
    bob, count = alias_of(room, "bob"), 12
    notices = [(entered if seq % 2 else left)(room, bob, seq) for seq in range(1, count)]
    notices += [(entered if seq % 2 else left)(room, STRANGER, seq) for seq in range(1, count + 1)]
    answers = at_once(*(lambda one=one: channel_presence.apply(one, NOON) for one in notices))
    assert answers == [None] * len(notices)
    rows = ParticipantState.objects.values_list("alias", "in_channel", "channel_seq").order_by("channel_seq")
    assert list(rows) == [(bob, True, 11), (STRANGER, False, 12)]
    assert [version for version, *_ in log(room)] == list(range(1, RoomState.objects.get().version + 1))


@races
def test_notice_and_socket_at_once_are_one_person(room: Room) -> None:
    LiveProcess.objects.create(pk=PROCESS, seen_at=NOON)
    everybody = ["alice", "bob", "carol"]
    notices = [
        lambda one=one: channel_presence.apply(entered(room, alias_of(room, one)), NOON) for one in everybody
    ]
    sockets = [
        lambda one=one: presence.join(ticket_holder(room, one), connection_id(one), PROCESS, NOON) and None
        for one in everybody
    ]
    assert at_once(*notices, *sockets) == [None] * 6
    rows = ParticipantState.objects.values_list("user_id", "present", "in_channel").order_by("user_id")
    assert list(rows) == [(one, True, True) for one in everybody]
