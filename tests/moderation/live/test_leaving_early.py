"""Clients that disconnect during their join, as when they time out on a slow server."""

import asyncio
import threading

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from moderation import presence
from moderation.live import poller
from moderation.live.hub import current_hub
from moderation.models import Event, LiveProcess, ParticipantState
from rooms.callers import TicketHolder
from rooms.models import Room
from rooms.roles import Role
from tests.moderation.live.outage import paused_database
from tests.moderation.live.people import enter, socket_of
from tests.moderation.live.sockets import TIMEOUT
from tests.running_room import participant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only joins read the room."""
    monkeypatch.setattr(poller, "POLL_INTERVAL", 3600.0)


async def happened(room: Room) -> list[tuple[str, str | None]]:
    events = Event.objects.filter(room=room).order_by("version")
    return [event async for event in events.values_list("action", "target")]


async def state_of(user_id: str) -> tuple[bool, str | None]:
    return await ParticipantState.objects.values_list("present", "connection").aget(user_id=user_id)


async def disconnect_during_join(room: Room, statement: str) -> None:
    """Disconnect bob while the database is at such a statement of his join."""
    bob = socket_of(room, "bob")
    async with paused_database(for_statements_about=statement) as pause:
        await bob.connect()
        await pause.reached()
        leaving = asyncio.create_task(bob.disconnect())
        await asyncio.sleep(0)
        await bob.read_by_server()
        pause.end()
        await leaving


async def test_disconnect_after_the_join_is_recorded(room: Room) -> None:
    alice = await enter(room, "alice")
    await disconnect_during_join(room, 'INSERT INTO "moderation_event"')
    assert [(await alice.update())["action"] for _ in range(2)] == ["join", "disconnect"]
    assert await state_of("bob") == (True, None)


async def test_disconnect_before_the_join_leaves_no_trace(room: Room) -> None:
    alice = await enter(room, "alice")
    await disconnect_during_join(room, "moderation_roomstate")
    assert await alice.command("ping") == {"type": "reply", "version": 1}
    assert await alice.is_quiet(0.3)
    assert await happened(room) == [("join", "alice")]
    assert not await ParticipantState.objects.filter(user_id="bob").aexists()
    (left,) = current_hub().rooms[room.id].connections.values()
    assert left.holder.user_id == "alice"


class Elsewhere:
    """Another process: it blocks the database until it may finish, and then joins bob."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.may_finish = threading.Event()

    def __call__(self) -> None:
        self.may_finish.wait(TIMEOUT)
        now = timezone.now()
        process = LiveProcess.objects.create(seen_at=now)
        ticket = TicketHolder("bob", self._room.id, Role.PUBLISHER, "Bob")
        presence.join(ticket, "newer", process.pk, now)


@pytest.mark.parametrize("said", [0, 1, 3])
async def test_late_join_of_a_disconnected_socket_does_not_replace_the_newer(room: Room, said: int) -> None:
    alice, older = await enter(room, "alice"), socket_of(room, "bob")
    elsewhere = Elsewhere(room)
    joining = asyncio.create_task(sync_to_async(elsewhere)())
    await older.connect()
    for _ in range(said):
        await older.send({"type": "ping"})
    leaving = asyncio.create_task(older.disconnect())
    await asyncio.sleep(0)
    await older.read_by_server()
    elsewhere.may_finish.set()
    await asyncio.gather(joining, leaving)
    assert (await alice.update("join"))["participant"] == participant(room, "bob")
    assert await alice.is_quiet(0.3)
    assert await happened(room) == [("join", "alice"), ("join", "bob")]
    assert await state_of("bob") == (True, "newer")
