"""The command `sync`: missed updates, or a snapshot if the gap is too wide."""

import asyncio

import pytest

from moderation.presence import MAX_GAP
from rooms.models import Room
from tests.cast import alias_of
from tests.moderation.live.people import ROOM, enter
from tests.moderation.live.sockets import Frame, Socket
from tests.running_room import participant

pytestmark = pytest.mark.django_db(transaction=True)


async def toggle(alice: Socket, times: int) -> list[Frame]:
    """Mute and unmute in turn; return the updates."""
    for number in range(times):
        await alice.command("room.set", mute_everyone=number % 2 == 0)
    return [await alice.update() for _ in range(times)]


async def test_sync_sends_the_updates_since(room: Room) -> None:
    alice = await enter(room, "alice")
    updates = await toggle(alice, 5)
    assert await alice.command("sync", since=3) == {"type": "reply", "version": 6}
    assert alice.rest() == updates[2:]


async def test_sync_from_the_current_version_sends_nothing(room: Room) -> None:
    alice = await enter(room, "alice")
    await toggle(alice, 3)
    assert await alice.command("sync", since=4) == {"type": "reply", "version": 4}
    assert await alice.is_quiet()


async def test_sync_of_the_widest_gap_sends_updates(room: Room) -> None:
    alice = await enter(room, "alice")
    updates = await toggle(alice, MAX_GAP)
    assert await alice.command("sync", since=1) == {"type": "reply", "version": MAX_GAP + 1}
    assert alice.rest() == updates


@pytest.mark.parametrize("since", [0, MAX_GAP + 2, 10**6, 2**63, 10**40])
async def test_sync_of_a_wider_gap_or_from_a_later_version_sends_a_snapshot(room: Room, since: int) -> None:
    alice = await enter(room, "alice")
    await toggle(alice, MAX_GAP)
    assert await alice.command("sync", since=since) == {"type": "reply", "version": MAX_GAP + 1}
    assert alice.rest() == [
        {
            "type": "snapshot",
            "version": MAX_GAP + 1,
            "room": ROOM,
            "participants": [participant(room, "alice")],
            "you": participant(room, "alice"),
        }
    ]


async def test_update_during_a_sync_is_sent_once(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    for number in range(30):
        await asyncio.gather(
            alice.send({"type": "room.set", "mute_everyone": number % 2 == 0}),
            bob.answer({"type": "sync", "since": bob.versions[-1]}),
        )
    await bob.update_to(32)
    assert await bob.command("ping") == {"type": "reply", "version": 32}
    assert bob.versions == list(range(2, 33))


@pytest.mark.parametrize("kick", [True, False])
async def test_socket_is_closed_during_its_sync(room: Room, kick: bool) -> None:
    """In whatever order a sync and the close come."""
    for _ in range(10):
        alice, bob = await enter(room, "alice"), await enter(room, "bob")
        for _ in range(3):
            await bob.send({"type": "sync", "since": 0})
        if kick:
            await alice.send({"type": "participant.kick", "alias": alias_of(room, "bob")})
        else:
            await enter(room, "bob")
        for _ in range(3):
            await bob.send({"type": "sync", "since": 0})
        assert await bob.expect_close() == (4403 if kick else 4409)
