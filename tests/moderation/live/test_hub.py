"""The hub: sockets of a process, its tasks, and its shutdown."""

import asyncio
from itertools import groupby

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from moderation import actions
from moderation.act_context import ActContext
from moderation.broker import broker
from moderation.broker.update import Update, encode
from moderation.close_codes import ALL
from moderation.live import connection, hub, poller, socket
from moderation.live.hub import current_hub
from moderation.models import Event, LiveProcess, ParticipantState
from rooms.callers import Backend
from rooms.models import Room
from tests.moderation.live import brokers
from tests.moderation.live.outage import database_away, paused_database
from tests.moderation.live.peers import run_pending_tasks
from tests.moderation.live.people import enter, socket_of
from tests.moderation.live.sockets import TIMEOUT
from tests.running_room import participant
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)

NEVER = 3600.0
EVENT = 'INSERT INTO "moderation_event"'


async def test_process_is_registered_and_its_tasks_end_with_the_sockets(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    held = current_hub()
    process = await LiveProcess.objects.aget()
    assert process.id == held.process_id
    by_process = ParticipantState.objects.filter(process=process, connection__isnull=False)
    assert await by_process.acount() == 2
    for one in (alice, bob):
        await one.disconnect()
    await eventually(lambda: held._task is None)
    assert held.rooms == {}
    assert await by_process.acount() == 0


async def test_hub_starts_again_after_its_tasks_have_ended(room: Room) -> None:
    alice = await enter(room, "alice")
    await alice.disconnect()
    await eventually(lambda: current_hub()._task is None)
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    assert (await alice.update("join"))["participant"] == participant(room, "bob")
    assert bob.snapshot["you"] == participant(room, "bob")


async def test_room_without_sockets_is_removed_and_the_others_stay(room: Room) -> None:
    other = await Room.objects.acreate(default_role="publisher")
    alice, bob = await enter(room, "alice"), await enter(other, "bob")
    await alice.disconnect()
    assert current_hub().rooms.keys() == {other.id}
    assert await bob.command("ping") == {"type": "reply", "version": 1}


async def test_shutdown_closes_all_sockets_and_accepts_no_more(room: Room) -> None:
    other = await Room.objects.acreate(default_role="publisher")
    sockets = [await enter(room, "alice"), await enter(room, "bob"), await enter(other, "dave")]
    await current_hub().shut_down()
    assert [await one.expect_close() for one in sockets] == [1012] * 3
    late = socket_of(room, "carol")
    await late.connect()
    assert await late.expect_close() == 1012
    # They come back to another process, and no disconnect is recorded.
    assert await ParticipantState.objects.filter(connection__isnull=False).acount() == 3


async def test_shutdown_without_sockets_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "CLOSE_GRACE", NEVER)
    async with asyncio.timeout(TIMEOUT):
        await current_hub().shut_down()


@pytest.mark.parametrize(("grace", "answered"), [(NEVER, True), (0.1, False)])
async def test_close_waits_for_the_answer_of_the_current_command_for_a_while(
    room: Room, monkeypatch: pytest.MonkeyPatch, grace: float, answered: bool
) -> None:
    monkeypatch.setattr(socket, "CLOSE_GRACE", grace)
    monkeypatch.setattr(poller, "POLL_INTERVAL", NEVER)
    alice = await enter(room, "alice")
    async with paused_database(for_statements_about=EVENT) as pause:
        await alice.send({"type": "room.set", "id": 1, "mute_everyone": True})
        await alice.send({"type": "room.set", "id": 2, "mute_everyone": False})
        await pause.reached()
        current_hub().rooms[room.id].close({ALL: 1012})
        if answered:
            await run_pending_tasks()
            pause.end()
        assert await alice.expect_close() == 1012
    answers = [frame["id"] for frame in alice.rest() if frame["type"] == "reply"]
    assert answers == ([1] if answered else [])


def _mute_and_unmute(room_id: str, times: int) -> None:
    for number in range(times):
        context = ActContext(room_id, Backend("shop"), timezone.now())
        actions.set_room(context, {"mute_everyone": number % 2 == 0})


async def test_slow_reader_is_closed_and_the_others_get_all_updates(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CLOSE_GRACE", 0.1)
    alice = await enter(room, "alice")
    slow = await socket_of(room, "bob", buffer=3).join()
    await sync_to_async(_mute_and_unmute)(room.id, 300)
    await alice.update_to(302)
    connections = current_hub().rooms[room.id].connections.values()
    (bob,) = [one for one in connections if one.holder.user_id == "bob"]
    await eventually(lambda: bob.close_code is not None)
    assert await slow.expect_close() == 4408
    assert len(slow.rest()) == 3
    assert alice.versions == list(range(1, 303))
    assert (await alice.update("disconnect"))["participant"] == participant(room, "bob", connected=False)


async def test_sockets_enter_and_leave_while_redis_is_unavailable(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    brokers.use(brokers.redis_away(), monkeypatch)
    alice = await enter(room, "alice")
    await alice.disconnect()
    assert current_hub().rooms == {}


async def test_announcement_of_a_room_without_sockets_is_ignored(room: Room) -> None:
    alice = await enter(room, "alice")
    broker().publish(room.id, encode("another", [Update(1, "{}", {})]))
    assert await alice.is_quiet()
    assert await alice.command("ping") == {"type": "reply", "version": 1}


async def test_disconnect_from_a_deleted_room_is_dropped(room: Room) -> None:
    alice = await enter(room, "alice")
    bob = await enter(await Room.objects.acreate(default_role="publisher"), "bob")
    await room.adelete()
    await alice.disconnect()
    await eventually(lambda: not current_hub()._poller.disconnected)
    assert await bob.command("ping") == {"type": "reply", "version": 1}


async def test_socket_that_joins_during_the_shutdown_is_closed(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "CLOSE_GRACE", TIMEOUT)
    await enter(room, "alice")
    bob = socket_of(room, "bob")
    async with paused_database(for_statements_about=EVENT) as pause:
        await bob.connect()
        await pause.reached()
        shutdown = asyncio.create_task(current_hub().shut_down())
        await run_pending_tasks()
        pause.end()
        await shutdown
    assert await bob.expect_close() == 1012


async def test_many_disconnects_at_once_are_all_recorded_and_block_no_act(room: Room) -> None:
    """As when a network fails. The unavailable database lets them add up."""
    alice = await enter(room, "alice")
    swarm = [await enter(room, f"u{number}") for number in range(120)]
    async with database_away():
        await asyncio.gather(*(one.disconnect() for one in swarm))
    number = 0
    while current_hub()._poller.disconnected:
        number += 1
        await alice.command("room.set", mute_everyone=number % 2 == 1)
    later = Event.objects.filter(room=room, version__gt=121).order_by("version")
    told = [action async for action in later.values_list("action", flat=True)]
    runs = [len([*run]) for action, run in groupby(told) if action == "disconnect"]
    assert sum(runs) == 120
    # An act may wait for the current poll and for one more.
    assert max(runs) <= 2 * poller.MAX_DISCONNECTS < 120
    assert await ParticipantState.objects.filter(connection__isnull=False).acount() == 1
    await alice.update_to(121 + len(told))
    assert alice.versions == list(range(1, 122 + len(told)))


async def test_malformed_announcement_does_not_stop_the_receiving(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller, "POLL_INTERVAL", NEVER)
    monkeypatch.setattr(hub, "RECEIVE_PAUSE", 0.01)
    alice = await enter(room, "alice")
    for message in ("", "[]", "{}", '{"room": "x", "updates": [[1]]}'):
        broker().publish(room.id, message)
    await alice.command("room.set", mute_everyone=True)
    assert (await alice.update())["version"] == 2
