"""The sockets of a process: what keeps them going, and how it ends."""

import asyncio
import time
from itertools import groupby
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone
from pytest_django import Settings

from moderation import actions
from moderation.act_context import ActContext
from moderation.broker.announcements import ALL, group_of
from moderation.live import connection, hub, socket
from moderation.live.hub import current_hub
from moderation.models import Event, LiveProcess, ParticipantState
from rooms.callers import Backend
from rooms.models import Room
from tests.moderation.live import layers
from tests.moderation.live.outage import database_away, slow_database
from tests.moderation.live.people import enter, shown, socket_of

pytestmark = pytest.mark.django_db(transaction=True)

NOT_LOOKING = 3600.0


async def test_process_is_known_while_it_has_sockets_and_the_hub_ends_with_them(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    held = current_hub()
    process = await LiveProcess.objects.aget()
    assert process.id == held.process_id
    by_process = ParticipantState.objects.filter(process=process, connection__isnull=False)
    assert await by_process.acount() == 2
    for one in (alice, bob):
        await one.disconnect()
    async with asyncio.timeout(1):
        while held._task is not None:
            await asyncio.sleep(0.01)
    assert held.rooms == {}
    assert await by_process.acount() == 0


async def test_hub_works_again_after_it_has_ended(room: Room) -> None:
    alice = await enter(room, "alice")
    await alice.disconnect()
    while current_hub()._task is not None:
        await asyncio.sleep(0.01)
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    assert (await alice.update("join"))["participant"] == shown(room, "bob")
    assert bob.snapshot["you"] == shown(room, "bob")


async def test_room_without_sockets_is_forgotten_and_the_others_stay(room: Room) -> None:
    other = await Room.objects.acreate(default_role="publisher")
    alice, bob = await enter(room, "alice"), await enter(other, "bob")
    await alice.disconnect()
    assert current_hub().rooms.keys() == {other.id}
    assert await bob.command("ping") == {"type": "reply", "version": 1}


async def test_shutting_down_closes_all_and_takes_no_more(room: Room) -> None:
    other = await Room.objects.acreate(default_role="publisher")
    sockets = [await enter(room, "alice"), await enter(room, "bob"), await enter(other, "dave")]
    await current_hub().shut_down()
    assert [await one.expect_close() for one in sockets] == [1012] * 3
    late = socket_of(room, "carol")
    await late.connect()
    assert await late.expect_close() == 1012
    # They come back elsewhere, and nobody is told that they were gone.
    assert await ParticipantState.objects.filter(connection__isnull=False).acount() == 3


async def test_shutting_down_without_sockets_takes_no_time() -> None:
    before = time.monotonic()
    await current_hub().shut_down()
    assert time.monotonic() - before < 0.5


@pytest.mark.parametrize(("seconds", "answered"), [(0.2, True), (0.6, False)])
async def test_close_waits_for_the_answer_of_the_command_at_hand_but_not_for_ever(
    room: Room, monkeypatch: pytest.MonkeyPatch, seconds: float, answered: bool
) -> None:
    monkeypatch.setattr(socket, "CLOSE_GRACE", 0.4)
    monkeypatch.setattr(connection, "CLOSE_GRACE", 0.4)
    monkeypatch.setattr(hub, "POLL_INTERVAL", NOT_LOOKING)
    alice = await enter(room, "alice")
    async with slow_database(seconds):
        await alice.send({"type": "room.set", "id": 1, "mute_everyone": True})
        await alice.send({"type": "room.set", "id": 2, "mute_everyone": False})
        await asyncio.sleep(0.1)
        current_hub().rooms[room.id].close({ALL: 1012})
        assert await alice.expect_close() == 1012
    answers = [frame["id"] for frame in alice.rest() if frame["type"] == "reply"]
    assert answers == ([1] if answered else [])


def _mute_and_unmute(room_id: str, times: int) -> None:
    for number in range(times):
        context = ActContext(room_id, Backend("shop"), timezone.now())
        actions.set_room(context, {"mute_everyone": number % 2 == 0})


async def test_slow_reader_is_closed_and_the_others_hear_all(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CLOSE_GRACE", 0.1)
    alice = await enter(room, "alice")
    slow = await socket_of(room, "bob", buffer=3).come_in()
    await sync_to_async(_mute_and_unmute)(room.id, 300)
    await alice.update_to(302)
    await asyncio.sleep(0.2)
    assert await slow.expect_close() == 4408
    assert len(slow.rest()) == 3
    assert alice.versions == list(range(1, 303))
    assert (await alice.update("disconnect"))["participant"] == shown(room, "bob", connected=False)


async def test_channel_layer_that_comes_late_carries_from_then_on(
    room: Room, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHANNEL_LAYERS = layers.named(layers.Late)
    alice = await enter(room, "alice")
    async with asyncio.timeout(2):
        while not current_hub().rooms[room.id].subscribed:
            await asyncio.sleep(0.05)
    monkeypatch.setattr(hub, "POLL_INTERVAL", NOT_LOOKING)
    await asyncio.sleep(0.6)
    await alice.command("room.set", mute_everyone=True)
    assert (await alice.update())["version"] == 2


async def test_channel_layer_lost_at_the_end_keeps_nobody_from_going(room: Room, settings: Settings) -> None:
    settings.CHANNEL_LAYERS = layers.named(layers.Ungrateful)
    alice = await enter(room, "alice")
    await alice.disconnect()
    assert current_hub().rooms == {}


async def test_announcement_for_a_room_without_sockets_is_passed_over(room: Room) -> None:
    alice = await enter(room, "alice")
    held = current_hub()
    message: dict[str, Any] = {"type": "updates", "room": "another", "updates": [(1, "{}", {})]}
    await held._layer.group_send(group_of(room.id), message)
    assert await alice.is_quiet()
    assert await alice.command("ping") == {"type": "reply", "version": 1}


async def test_departure_from_a_room_that_is_gone_is_let_be(room: Room) -> None:
    alice = await enter(room, "alice")
    bob = await enter(await Room.objects.acreate(default_role="publisher"), "bob")
    await room.adelete()
    await alice.disconnect()
    while current_hub()._departed:
        await asyncio.sleep(0.01)
    assert await bob.command("ping") == {"type": "reply", "version": 1}


async def test_socket_that_comes_in_while_shutting_down_is_sent_elsewhere(room: Room) -> None:
    await enter(room, "alice")
    async with slow_database(0.3):
        bob = socket_of(room, "bob")
        await bob.connect()
        await asyncio.sleep(0.1)
        await current_hub().shut_down()
    assert await bob.expect_close() == 1012


async def test_many_departures_at_once_are_all_noted_and_hold_up_no_act(room: Room) -> None:
    """As when a network is cut off; that the database is away keeps them until they are all there."""
    alice = await enter(room, "alice")
    swarm = [await enter(room, f"u{number}") for number in range(120)]
    async with database_away():
        await asyncio.gather(*(one.disconnect() for one in swarm))
    number = 0
    while current_hub()._departed:
        number += 1
        await alice.command("room.set", mute_everyone=number % 2 == 1)
    later = Event.objects.filter(room=room, version__gt=121).order_by("version")
    told = [action async for action in later.values_list("action", flat=True)]
    runs = [len([*run]) for action, run in groupby(told) if action == "disconnect"]
    assert sum(runs) == 120
    # One look is at work when the act comes, and another may be before it.
    assert max(runs) <= 2 * hub.DEPARTURES < 120
    assert await ParticipantState.objects.filter(connection__isnull=False).acount() == 1
    await alice.update_to(121 + len(told))
    assert alice.versions == list(range(1, 122 + len(told)))


async def test_odd_announcement_does_not_stop_the_listening(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await enter(room, "alice")
    await current_hub()._layer.group_send(group_of(room.id), {"type": "updates"})
    await asyncio.sleep(0.1)
    monkeypatch.setattr(hub, "POLL_INTERVAL", NOT_LOOKING)
    await asyncio.sleep(0.6)
    await alice.command("room.set", mute_everyone=True)
    assert (await alice.update())["version"] == 2
