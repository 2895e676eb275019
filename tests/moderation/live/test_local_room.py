"""One process's part of a room: every update to every socket, in order and once."""

import asyncio
import json
import time
from typing import Any

import pytest

from moderation.broker.announcements import ALL, Update
from moderation.live.connection import Connection
from moderation.live.local_room import LocalRoom
from rooms.callers import TicketHolder
from rooms.roles import Role


class Reader:
    """A socket in a room, and what has been sent to it."""

    def __init__(self, room: LocalRoom, *, expires_at: int | None = None) -> None:
        self.messages: list[dict[str, Any]] = []
        ticket = TicketHolder("bob", "room", Role.PUBLISHER, expires_at=expires_at)
        self.connection = Connection(ticket, self._send, self._stop)
        self._room = room
        room.connections[self.connection.id] = self.connection

    async def _send(self, message: dict[str, Any]) -> None:
        self.messages.append(message)

    async def _stop(self) -> None:
        """There is nothing to stop."""

    def arrive(self, version: int) -> None:
        self._room.arrived(self.connection, {"type": "snapshot", "version": version})

    async def heard(self) -> list[Any]:
        """What came: texts, and the code of a close."""
        await asyncio.sleep(0.01)
        await self.connection.finished()
        return [message.get("text", message.get("code")) for message in self.messages]


def update(version: int, **closes: int) -> Update:
    return Update(version, f"update {version}", closes)


def snapshot(version: int) -> str:
    return json.dumps({"type": "snapshot", "version": version}, separators=(",", ":"))


async def test_updates_are_passed_on_in_order() -> None:
    room = LocalRoom()
    one = Reader(room)
    one.arrive(3)
    assert room.deliver([update(4), update(5)]) is True
    assert room.deliver([update(6)]) is True
    assert room.version == 6
    assert await one.heard() == [snapshot(3), "update 4", "update 5", "update 6"]


async def test_known_updates_are_not_passed_on_again() -> None:
    room = LocalRoom()
    one = Reader(room)
    one.arrive(3)
    assert room.deliver([update(2), update(3), update(4)]) is True
    assert room.deliver([update(3), update(4), update(5)]) is True
    assert await one.heard() == [snapshot(3), "update 4", "update 5"]


async def test_gap_is_told_and_nothing_after_it_passed_on() -> None:
    room = LocalRoom()
    one = Reader(room)
    one.arrive(3)
    assert room.deliver([update(4), update(6), update(7)]) is False
    assert room.version == 4
    assert room.deliver([update(5), update(6), update(7)]) is True
    assert await one.heard() == [snapshot(3), "update 4", "update 5", "update 6", "update 7"]


async def test_nobody_live_means_nothing_to_pass_on() -> None:
    room = LocalRoom()
    one = Reader(room)
    assert room.deliver([update(9), update(1)]) is True
    assert room.version is None
    one.arrive(12)
    assert room.version == 12
    assert await one.heard() == [snapshot(12)]


async def test_latecomer_with_a_later_snapshot_does_not_move_the_room() -> None:
    room = LocalRoom()
    first, late = Reader(room), Reader(room)
    first.arrive(3)
    late.arrive(5)
    assert room.version == 3
    assert room.deliver([update(4), update(5), update(6)]) is True
    assert await first.heard() == [snapshot(3), "update 4", "update 5", "update 6"]
    assert await late.heard() == [snapshot(5), "update 6"]


async def test_update_between_the_snapshot_and_its_arrival_is_held() -> None:
    room = LocalRoom()
    first, late = Reader(room), Reader(room)
    first.arrive(3)
    assert room.deliver([update(4), update(5)]) is True
    late.arrive(4)
    assert await late.heard() == [snapshot(4), "update 5"]


async def test_update_closes_the_sockets_it_names() -> None:
    room = LocalRoom()
    one, other = Reader(room), Reader(room)
    one.arrive(1)
    other.arrive(1)
    room.deliver([update(2, **{one.connection.id: 4403, "of another process": 4403}), update(3)])
    assert await one.heard() == [snapshot(1), "update 2", "update 3", 4403]
    assert await other.heard() == [snapshot(1), "update 2", "update 3"]


async def test_update_closes_everybody() -> None:
    room = LocalRoom()
    one, other, coming = Reader(room), Reader(room), Reader(room)
    one.arrive(1)
    other.arrive(1)
    room.deliver([update(2, **{ALL: 4410})])
    assert await one.heard() == await other.heard() == [snapshot(1), "update 2", 4410]
    assert await coming.heard() == []


async def test_newcomer_is_not_closed_for_what_was_before() -> None:
    room = LocalRoom()
    first, coming = Reader(room), Reader(room)
    first.arrive(1)
    room.deliver([update(2, **{ALL: 4401})])
    coming.arrive(3)
    assert await coming.heard() == [snapshot(3)]


async def test_newcomer_is_not_closed_for_what_was_before_and_is_told_late() -> None:
    room = LocalRoom()
    first, coming = Reader(room), Reader(room)
    first.arrive(1)
    coming.arrive(3)
    room.deliver([update(2, **{ALL: 4401}), update(3), update(4)])
    assert await first.heard() == [snapshot(1), "update 2", "update 3", "update 4", 4401]
    assert await coming.heard() == [snapshot(3), "update 4"]


async def test_socket_that_was_replaced_before_its_snapshot_arrived_is_closed() -> None:
    room = LocalRoom()
    first, replaced = Reader(room), Reader(room)
    first.arrive(1)
    room.deliver([update(2), update(3, **{replaced.connection.id: 4409})])
    replaced.arrive(2)
    assert await replaced.heard() == [snapshot(2), "update 3", 4409]


async def test_socket_that_syncs_is_closed_with_the_others() -> None:
    room = LocalRoom()
    one = Reader(room)
    one.arrive(1)
    one.connection.hold()
    room.close({ALL: 1012})
    assert await one.heard() == [snapshot(1), 1012]


async def test_closing_spares_who_has_no_snapshot_yet_and_who_is_not_here() -> None:
    room = LocalRoom()
    one, coming = Reader(room), Reader(room)
    one.arrive(1)
    room.close({"elsewhere": 4403, coming.connection.id: 4403})
    assert (await one.heard(), await coming.heard()) == ([snapshot(1)], [])
    room.close({one.connection.id: 4403})
    assert await one.heard() == [snapshot(1), 4403]


@pytest.mark.parametrize(("expires_in", "heard"), [(None, []), (60, []), (0, [4401]), (-60, [4401])])
async def test_beat_tells_the_version_or_sees_off_who_has_expired(
    expires_in: int | None, heard: list[int]
) -> None:
    room = LocalRoom()
    one = Reader(room, expires_at=None if expires_in is None else int(time.time()) + expires_in)
    one.arrive(7)
    room.beat()
    beat = [] if heard else ['{"type":"heartbeat","version":7}']
    assert await one.heard() == [snapshot(7), *beat, *heard]


async def test_beat_is_not_for_who_has_no_snapshot_yet() -> None:
    room = LocalRoom()
    one = Reader(room)
    room.beat()
    assert await one.heard() == []
