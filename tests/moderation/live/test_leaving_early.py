"""Clients that leave while they are coming in, as one does that loses its timeout with a slow server."""

import asyncio
import threading

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from moderation import presence
from moderation.live import hub
from moderation.live.hub import current_hub
from moderation.models import Event, LiveProcess, ParticipantState
from rooms.callers import TicketHolder
from rooms.models import Room
from rooms.roles import Role
from tests.moderation.live.outage import paused_database
from tests.moderation.live.people import enter, shown, socket_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _not_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only who comes in asks the database for the room."""
    monkeypatch.setattr(hub, "POLL_INTERVAL", 3600.0)


async def happened(room: Room) -> list[tuple[str, str | None]]:
    events = Event.objects.filter(room=room).order_by("version")
    return [event async for event in events.values_list("action", "target")]


async def state_of(user_id: str) -> tuple[bool, str | None]:
    return await ParticipantState.objects.values_list("present", "connection").aget(user_id=user_id)


async def leave_while_held_up_at(room: Room, statement: str) -> None:
    """Have bob leave while the database is at such a statement of his join."""
    bob = socket_of(room, "bob")
    async with paused_database(for_statements_about=statement) as pause:
        await bob.connect()
        await pause.reached()
        leaving = asyncio.create_task(bob.disconnect())
        await asyncio.sleep(0.1)
        pause.end()
        await leaving


async def test_who_leaves_after_their_join_is_noted(room: Room) -> None:
    alice = await enter(room, "alice")
    await leave_while_held_up_at(room, 'INSERT INTO "moderation_event"')
    assert [(await alice.update())["action"] for _ in range(2)] == ["join", "disconnect"]
    assert await state_of("bob") == (True, None)


async def test_who_leaves_before_their_join_was_never_there(room: Room) -> None:
    alice = await enter(room, "alice")
    await leave_while_held_up_at(room, "moderation_roomstate")
    assert await alice.command("ping") == {"type": "reply", "version": 1}
    assert await alice.is_quiet(0.3)
    assert await happened(room) == [("join", "alice")]
    assert not await ParticipantState.objects.filter(user_id="bob").aexists()
    (left,) = current_hub().rooms[room.id].connections.values()
    assert left.holder.user_id == "alice"


class Elsewhere:
    """Another process: it has the database to itself until it may finish, and takes bob in meanwhile."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.may_finish = threading.Event()

    def __call__(self) -> None:
        self.may_finish.wait(10)
        now = timezone.now()
        process = LiveProcess.objects.create(seen_at=now)
        ticket = TicketHolder("bob", self._room.id, Role.PUBLISHER, "Bob")
        presence.join(ticket, "newer", process.pk, now)


@pytest.mark.parametrize("said", [0, 1, 3])
async def test_late_join_of_who_has_left_does_not_replace_the_newer_socket(room: Room, said: int) -> None:
    alice, older = await enter(room, "alice"), socket_of(room, "bob")
    elsewhere = Elsewhere(room)
    joining = asyncio.create_task(sync_to_async(elsewhere)())
    await older.connect()
    for _ in range(said):
        await older.send({"type": "ping"})
    leaving = asyncio.create_task(older.disconnect())
    await asyncio.sleep(0.1)
    elsewhere.may_finish.set()
    await asyncio.gather(joining, leaving)
    assert (await alice.update("join"))["participant"] == shown(room, "bob")
    assert await alice.is_quiet(0.3)
    assert await happened(room) == [("join", "alice"), ("join", "bob")]
    assert await state_of("bob") == (True, "newer")
