"""What an act announces to other processes, and what happens when it cannot."""

import json
import logging
import os
from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest
import redis
from django.db import transaction

from moderation import actions, presence
from moderation.actions import seats
from moderation.broker import announce
from moderation.broker.announcer import PAUSE
from moderation.close_codes import ALL, CloseCode
from moderation.leases import refresh
from moderation.models import Event
from moderation.rule import Medium, Override
from rooms.models import Member, Room
from tests.cast import alias_of, ticket_holder
from tests.moderation.listening import heard
from tests.moderation.live import brokers
from tests.running_room import NOON, PROCESS, after, another_process_lives, connection_id, context

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.present("alice", "bob")]


def told(room: Room, act: Callable[[], Any]) -> list[list[tuple[int, str, dict[str, int]]]]:
    """Return what each message says: version, action, and the sockets to close."""
    return [
        [(version, json.loads(frame)["action"], closes) for version, frame, closes in message["updates"]]
        for message in heard(room, act)
    ]


def test_act_is_one_message_with_its_frames(running: Room) -> None:
    both = {"mute_everyone": True, "webcams_disabled": True}
    (message,) = heard(running, lambda: actions.set_room(context(running), both))
    updates = message.pop("updates")
    assert message == {"room": running.id}
    common = {"type": "update", "by": alias_of(running, "alice"), "at": "2026-11-22T12:00:00.000000Z"}
    assert [(version, json.loads(frame), closes) for version, frame, closes in updates] == [
        (3, {**common, "version": 3, "action": "mute_everyone", "room": {"mute_everyone": True}}, {}),
        (4, {**common, "version": 4, "action": "disable_webcams", "room": {"webcams_disabled": True}}, {}),
    ]


def test_frame_is_the_same_as_the_log_gives_later(running: Room) -> None:
    (message,) = heard(running, lambda: seats.request(context(running, "bob", after(0.5)), Medium.AUDIO))
    frames, _ = presence.resync(running.id, connection_id("bob"), 2, after(1))
    assert [json.loads(frame) for _, frame, _ in message["updates"]] == [
        json.loads(frame) for frame in frames
    ]


def test_act_that_changes_nothing_is_not_announced(running: Room) -> None:
    assert heard(running, lambda: actions.set_room(context(running), {"mute_everyone": False})) == []
    assert heard(running, lambda: refresh(running.id, NOON)) == []


def test_other_rooms_hear_nothing(running: Room) -> None:
    other = Room.objects.create()
    assert heard(other, lambda: actions.end(context(running))) == []


def test_act_that_is_rolled_back_is_not_announced(running: Room) -> None:
    def act() -> None:
        with transaction.atomic():
            actions.end(context(running))
            transaction.set_rollback(True)

    assert heard(running, act) == []


@pytest.mark.parametrize(("ban", "action"), [(False, "kick"), (True, "ban")])
def test_kick_closes_that_socket(running: Room, *, ban: bool, action: str) -> None:
    act = lambda: actions.kick(context(running), alias_of(running, "bob"), ban=ban)  # noqa: E731 (as below)
    assert told(running, act) == [[(3, action, {connection_id("bob"): CloseCode.REMOVED})]]


def test_kick_of_somebody_without_a_socket_closes_none(running: Room) -> None:
    presence.disconnect(running.id, [connection_id("bob")], NOON)
    assert told(running, lambda: actions.kick(context(running), alias_of(running, "bob"))) == [
        [(4, "kick", {})]
    ]


def test_ban_elsewhere_closes_that_socket(running: Room) -> None:
    Member.objects.ban(running, "bob", None)
    closes = {connection_id("bob"): CloseCode.REMOVED}
    assert told(running, lambda: refresh(running.id, NOON)) == [[(3, "ban", closes)]]


def test_newer_socket_closes_the_older(running: Room) -> None:
    bob = ticket_holder(running, "bob")
    assert told(running, lambda: presence.join(bob, "newer", PROCESS, NOON)) == [
        [(3, "join", {connection_id("bob"): CloseCode.REPLACED})]
    ]


def test_end_closes_all(running: Room) -> None:
    assert told(running, lambda: actions.end(context(running))) == [[(3, "end", {ALL: CloseCode.ENDED})]]


def test_new_channel_closes_all(running: Room) -> None:
    running.rotate_channel()
    closes = {ALL: CloseCode.BAD_TICKET}
    assert told(running, lambda: refresh(running.id, NOON)) == [[(3, "rotate_channel", closes)]]


def test_lapsed_lease_closes_the_socket_should_it_be_there(running: Room) -> None:
    presence.disconnect(running.id, [connection_id("alice")], after(6))
    another_process_lives(36.5)
    (updates,) = told(running, lambda: refresh(running.id, after(36.5)))
    assert sorted([*closes.items()] for _, _, closes in updates) == [
        [],
        [(connection_id("bob"), CloseCode.GOING_AWAY)],
    ]
    assert [(version, action) for version, action, _ in updates] == [(4, "leave"), (5, "leave")]


@pytest.mark.skipif(not os.environ.get("REDIS_URL"), reason="needs Redis")
def test_acts_outside_an_event_loop_share_one_connection(running: Room) -> None:
    def connections() -> int:
        with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
            count: int = client.info("stats")["total_connections_received"]
            return count

    actions.set_room(context(running), {"mute_everyone": True})
    before = connections()
    for number in range(10):
        actions.set_room(context(running), {"mute_everyone": number % 2 == 1})
    # Others may connect meanwhile, but not once for each act.
    assert connections() - before < 10


@pytest.fixture
def _redis_away(running: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    brokers.use(brokers.redis_away(), monkeypatch)
    monkeypatch.setattr(announce, "_paused_until", 0.0)


@pytest.mark.usefixtures("_redis_away")
def test_act_holds_when_redis_is_unavailable(running: Room, caplog: pytest.LogCaptureFixture) -> None:
    caplog.clear()
    began = monotonic()
    with caplog.at_level(logging.WARNING, "moderation"):
        for override in (Override.DENY, Override.ALLOW, Override.INHERIT):
            actions.set_participant(context(running), alias_of(running, "bob"), {Medium.AUDIO: override})
    assert actions.read(running.id, NOON)["version"] == Event.objects.count() == 5
    # Once: the acts after it do not try.
    (record,) = caplog.records
    assert record.getMessage() == "updates not announced: the broker is unavailable"
    assert record.__dict__["fields"].keys() == {"room", "error"}
    assert announce._paused_until >= began + PAUSE


def test_announcing_goes_on_after_the_pause(running: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announce, "_paused_until", monotonic() + 3600)
    assert heard(running, lambda: actions.set_room(context(running), {"mute_everyone": True})) == []
    assert actions.read(running.id, NOON)["version"] == 3
    monkeypatch.setattr(announce, "_paused_until", monotonic() - 1)
    assert len(heard(running, lambda: actions.set_room(context(running), {"mute_everyone": False}))) == 1
