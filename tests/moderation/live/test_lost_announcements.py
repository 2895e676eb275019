"""Announcements that are lost, doubled or late: the poller replays them from the event log.

Nothing but the poller can have delivered what these tests wait for.
"""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from moderation import presence
from moderation.models import LiveProcess
from rooms.callers import TicketHolder
from rooms.models import Room
from rooms.roles import Role
from tests.cast import alias_of
from tests.moderation.live import brokers
from tests.moderation.live.people import enter
from tests.moderation.live.sockets import Socket

pytestmark = pytest.mark.django_db(transaction=True)

UNRELIABLE = {
    "lossy": brokers.Lossy,
    "every other": brokers.EveryOther,
    "doubling": brokers.Doubling,
    "redis away": brokers.redis_away,
}


@pytest.fixture(params=UNRELIABLE.values(), ids=list(UNRELIABLE))
def _unreliable(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    brokers.use(request.param(), monkeypatch)


@pytest.fixture
def _lossy(monkeypatch: pytest.MonkeyPatch) -> None:
    brokers.use(brokers.Lossy(), monkeypatch)


async def versions(socket: Socket, count: int) -> list[int]:
    return [(await socket.update())["version"] for _ in range(count)]


@pytest.mark.usefixtures("_unreliable")
async def test_updates_arrive_in_order_and_once(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    for number in range(9):
        await alice.command("room.set", mute_everyone=number % 2 == 0)
    assert await versions(bob, 9) == list(range(3, 12))
    assert await versions(alice, 10) == list(range(2, 12))
    assert await bob.is_quiet(0.6)


@pytest.mark.usefixtures("_unreliable")
async def test_kicked_participants_socket_is_closed(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await alice.command("participant.kick", alias=alias_of(room, "bob"))
    assert await bob.expect_close() == 4403


@pytest.mark.usefixtures("_lossy")
@pytest.mark.parametrize("ban", [True, False])
async def test_removed_is_closed_without_the_announcement(room: Room, ban: bool) -> None:
    alice, bob, carol = [await enter(room, name) for name in ("alice", "bob", "carol")]
    await alice.command("participant.kick", alias=alias_of(room, "bob"), ban=ban)
    await alice.command("room.set", mute_everyone=True)
    assert await bob.expect_close() == 4403
    assert await versions(carol, 2) == [4, 5]
    assert await carol.command("ping") == {"type": "reply", "version": 5}


@pytest.mark.usefixtures("_lossy")
async def test_replaced_is_closed_without_the_announcement(room: Room) -> None:
    old = await enter(room, "bob")
    new = await enter(room, "bob")
    assert await old.expect_close() == 4409
    assert await new.command("ping") == {"type": "reply", "version": 2}


@pytest.mark.usefixtures("_lossy")
async def test_ended_is_closed_without_the_announcement(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    assert await alice.command("room.end") == {"type": "reply", "version": 3}
    assert [await one.expect_close() for one in (alice, bob)] == [4410, 4410]


@pytest.mark.usefixtures("_lossy")
async def test_new_channel_closes_without_the_announcement(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await sync_to_async(room.rotate_channel)()
    assert [await one.expect_close() for one in (alice, bob)] == [4401, 4401]


@pytest.mark.usefixtures("_lossy")
async def test_socket_whose_lease_has_expired_is_closed_with_going_away(room: Room) -> None:
    """As when another process took this one for dead."""
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await room.participants.filter(user_id="bob").aupdate(process=None)
    assert (await alice.update("leave"))["left"] == alias_of(room, "bob")
    assert await bob.expect_close() == 1012


@pytest.mark.usefixtures("_lossy")
async def test_replaced_by_a_socket_of_another_process_is_closed(room: Room) -> None:
    bob = await enter(room, "bob")
    other = await LiveProcess.objects.acreate(seen_at=timezone.now())
    ticket = TicketHolder("bob", room.id, Role.PUBLISHER, "Bob")
    arriving: tuple[Any, ...] = (ticket, "a socket elsewhere", other.pk, timezone.now())
    await sync_to_async(presence.join)(*arriving)
    assert await bob.expect_close() == 4409
