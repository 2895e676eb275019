"""The sockets of one process in a room: each gets every update once, in order."""

import json
import time
from typing import Any

import pytest

from moderation.broker import Update
from moderation.close_codes import ALL
from moderation.live.connection import Connection
from moderation.live.local_room import LocalRoom
from rooms.callers import TicketHolder
from rooms.roles import Role
from tests.moderation.live.peers import run_pending_tasks


class Reader:
    """A socket in a room, and the messages sent to it."""

    def __init__(self, room: LocalRoom, *, expires_at: int | None = None) -> None:
        self.messages: list[dict[str, Any]] = []
        holder = TicketHolder("bob", "room", Role.PUBLISHER, expires_at=expires_at)
        self.connection = Connection(holder, self._send, self._stop)
        self._room = room
        room.connections[self.connection.id] = self.connection

    async def _send(self, message: dict[str, Any]) -> None:
        self.messages.append(message)

    async def _stop(self) -> None:
        """Nothing is being read."""

    def arrive(self, version: int) -> None:
        self._room.arrived(self.connection, {"type": "snapshot", "version": version})

    async def heard(self) -> list[Any]:
        """Return the texts sent, and the code of a close."""
        await run_pending_tasks()
        await self.connection.finished()
        return [message.get("text", message.get("code")) for message in self.messages]


def update(version: int, **closes: int) -> Update:
    return Update(version, f"update {version}", closes)


def snapshot(version: int) -> str:
    return json.dumps({"type": "snapshot", "version": version}, separators=(",", ":"))


async def test_updates_are_sent_in_order() -> None:
    room = LocalRoom()
    one = Reader(room)
    one.arrive(3)
    assert room.deliver([update(4), update(5)]) is True
    assert room.deliver([update(6)]) is True
    assert room.version == 6
    assert await one.heard() == [snapshot(3), "update 4", "update 5", "update 6"]


async def test_known_updates_are_not_sent_again() -> None:
    room = LocalRoom()
    one = Reader(room)
    one.arrive(3)
    assert room.deliver([update(2), update(3), update(4)]) is True
    assert room.deliver([update(3), update(4), update(5)]) is True
    assert await one.heard() == [snapshot(3), "update 4", "update 5"]


async def test_nothing_after_a_gap_is_sent() -> None:
    room = LocalRoom()
    one = Reader(room)
    one.arrive(3)
    assert room.deliver([update(4), update(6), update(7)]) is False
    assert room.version == 4
    assert room.deliver([update(5), update(6), update(7)]) is True
    assert await one.heard() == [snapshot(3), "update 4", "update 5", "update 6", "update 7"]


async def test_updates_are_ignored_before_the_first_snapshot() -> None:
    room = LocalRoom()
    one = Reader(room)
    assert room.deliver([update(9), update(1)]) is True
    assert room.version is None
    one.arrive(12)
    assert room.version == 12
    assert await one.heard() == [snapshot(12)]


async def test_later_snapshot_does_not_change_the_rooms_version() -> None:
    room = LocalRoom()
    first, late = Reader(room), Reader(room)
    first.arrive(3)
    late.arrive(5)
    assert room.version == 3
    assert room.deliver([update(4), update(5), update(6)]) is True
    assert await first.heard() == [snapshot(3), "update 4", "update 5", "update 6"]
    assert await late.heard() == [snapshot(5), "update 6"]


async def test_update_after_a_snapshot_that_has_not_arrived_is_held() -> None:
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


async def test_newcomer_is_not_closed_by_an_older_update() -> None:
    room = LocalRoom()
    first, coming = Reader(room), Reader(room)
    first.arrive(1)
    room.deliver([update(2, **{ALL: 4401})])
    coming.arrive(3)
    assert await coming.heard() == [snapshot(3)]


async def test_newcomer_is_not_closed_by_an_older_update_that_arrives_late() -> None:
    room = LocalRoom()
    first, coming = Reader(room), Reader(room)
    first.arrive(1)
    coming.arrive(3)
    room.deliver([update(2, **{ALL: 4401}), update(3), update(4)])
    assert await first.heard() == [snapshot(1), "update 2", "update 3", "update 4", 4401]
    assert await coming.heard() == [snapshot(3), "update 4"]


async def test_socket_replaced_before_its_snapshot_arrived_is_closed() -> None:
    room = LocalRoom()
    first, replaced = Reader(room), Reader(room)
    first.arrive(1)
    room.deliver([update(2), update(3, **{replaced.connection.id: 4409})])
    replaced.arrive(2)
    assert await replaced.heard() == [snapshot(2), "update 3", 4409]


async def test_socket_is_closed_during_a_resync() -> None:
    room = LocalRoom()
    one = Reader(room)
    one.arrive(1)
    one.connection.hold()
    room.close({ALL: 1012})
    assert await one.heard() == [snapshot(1), 1012]


async def test_close_skips_sockets_without_a_snapshot_and_of_other_processes() -> None:
    room = LocalRoom()
    one, coming = Reader(room), Reader(room)
    one.arrive(1)
    room.close({"elsewhere": 4403, coming.connection.id: 4403})
    assert (await one.heard(), await coming.heard()) == ([snapshot(1)], [])
    room.close({one.connection.id: 4403})
    assert await one.heard() == [snapshot(1), 4403]


@pytest.mark.parametrize(("expires_in", "heard"), [(None, []), (60, []), (0, [4401]), (-60, [4401])])
async def test_heartbeat_has_the_version_or_closes_if_the_ticket_has_expired(
    expires_in: int | None, heard: list[int]
) -> None:
    room = LocalRoom()
    one = Reader(room, expires_at=None if expires_in is None else int(time.time()) + expires_in)
    one.arrive(7)
    room.send_heartbeat()
    heartbeat = [] if heard else ['{"type":"heartbeat","version":7}']
    assert await one.heard() == [snapshot(7), *heartbeat, *heard]


async def test_heartbeat_is_not_sent_before_the_snapshot() -> None:
    room = LocalRoom()
    one = Reader(room)
    room.send_heartbeat()
    assert await one.heard() == []
