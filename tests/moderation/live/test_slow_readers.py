"""Readers that are too slow: their queue is bounded, and they are closed."""

import asyncio

import pytest

from moderation.live import connection
from moderation.live.connection import MAX_WAITING
from tests.moderation.live.peers import TIMEOUT, Peer, live, run_pending_tasks
from tests.waiting import eventually


@pytest.fixture(autouse=True)
def _short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CLOSE_GRACE", 0.05)


async def test_full_queue_is_sent_once_the_reader_reads() -> None:
    peer = Peer()
    one = live(peer)
    peer.open.clear()
    one.put("in flight")
    await run_pending_tasks()
    for number in range(MAX_WAITING):
        one.put(str(number))
    peer.open.set()
    await run_pending_tasks()
    assert one.close_code is None
    assert peer.texts() == ["in flight", *map(str, range(MAX_WAITING))]


async def test_slow_reader_is_closed_and_its_queue_dropped() -> None:
    peer = Peer()
    one = live(peer)
    peer.open.clear()
    one.put("in flight")
    await run_pending_tasks()
    for number in range(100_000):
        one.offer(number + 1, "x" * 1000)
    await eventually(lambda: one.close_code is not None)
    assert (one.close_code, len(one._waiting)) == (4408, 0)
    peer.open.set()
    await one.finished()
    assert peer.taken == [{"type": "websocket.close", "code": 4408}]


async def test_slow_reader_during_its_close_has_its_queue_dropped() -> None:
    peer = Peer()
    one = live(peer)
    peer.open.clear()
    one.close(4410)
    for number in range(MAX_WAITING + 2):
        one.put(str(number))
    await eventually(lambda: not one._waiting)
    assert one.close_code == 4410
    peer.open.set()
    await one.finished()
    assert peer.codes() == [4410]


async def test_reader_that_never_reads_does_not_block_the_close(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CLOSE_TIMEOUT", 0.1)
    peer = Peer()
    one = live(peer)
    peer.open.clear()
    one.put("x")
    one.close(4403)
    async with asyncio.timeout(TIMEOUT):
        await one.finished()
    assert peer.taken == []
