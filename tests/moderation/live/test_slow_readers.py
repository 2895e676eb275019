"""Readers that let frames wait: nothing is kept for them without end."""

import asyncio

import pytest

from moderation.live import connection
from moderation.live.connection import MAX_WAITING
from tests.moderation.live.peers import Peer, live, release_forbidden_seats


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CLOSE_GRACE", 0.05)


async def test_as_many_frames_as_may_wait_do_wait() -> None:
    peer = Peer()
    one = live(peer)
    peer.open.clear()
    one.put("on its way")
    await release_forbidden_seats()
    for number in range(MAX_WAITING):
        one.put(str(number))
    peer.open.set()
    await release_forbidden_seats()
    assert one.close_code is None
    assert peer.texts() == ["on its way", *map(str, range(MAX_WAITING))]


async def test_slow_reader_is_closed_and_nothing_is_kept_for_it() -> None:
    peer = Peer()
    one = live(peer)
    peer.open.clear()
    one.put("on its way")
    await release_forbidden_seats()
    for number in range(100_000):
        one.offer(number + 1, "x" * 1000)
    await asyncio.sleep(2 * connection.CLOSE_GRACE)
    assert (one.close_code, len(one._waiting)) == (4408, 0)
    peer.open.set()
    await one.finished()
    assert peer.taken == [{"type": "websocket.close", "code": 4408}]


async def test_slow_reader_during_its_close_is_given_up() -> None:
    peer = Peer()
    one = live(peer)
    peer.open.clear()
    one.close(4410)
    for number in range(MAX_WAITING + 2):
        one.put(str(number))
    await asyncio.sleep(2 * connection.CLOSE_GRACE)
    assert (one.close_code, len(one._waiting)) == (4410, 0)
    peer.open.set()
    await one.finished()
    assert peer.codes() == [4410]


async def test_reader_that_never_reads_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CLOSE_TIMEOUT", 0.1)
    peer = Peer()
    one = live(peer)
    peer.open.clear()
    one.put("x")
    one.close(4403)
    async with asyncio.timeout(1):
        await one.finished()
    assert peer.taken == []
