"""The send queue of a socket, with fast, slow and broken readers."""

import json

from moderation.live.connection import Connection
from tests.moderation.live.peers import HOLDER, Message, Peer, live, run_pending_tasks


async def test_frames_are_sent_in_order() -> None:
    peer = Peer()
    one = live(peer)
    for number in range(100):
        one.put(str(number))
    await run_pending_tasks()
    one.say({"type": "reply", "id": None})
    await run_pending_tasks()
    assert peer.texts() == [*map(str, range(100)), '{"type":"reply","id":null}']


async def test_update_is_sent_once() -> None:
    peer = Peer()
    one = live(peer)
    for version in (1, 2, 2, 1, 3):
        one.offer(version, f"update {version}")
    await run_pending_tasks()
    assert (one.version, peer.texts()) == (3, ["update 1", "update 2", "update 3"])


async def test_updates_are_held_until_the_snapshot_and_sent_if_later() -> None:
    peer = Peer()
    one = Connection(HOLDER, peer.send, peer.stop)
    for version in (4, 5, 6):
        one.offer(version, f"update {version}")
    await run_pending_tasks()
    assert (one.is_live, peer.texts()) == (False, [])
    one.resume(["snapshot 5"], 5)
    one.offer(7, "update 7")
    await run_pending_tasks()
    assert (one.is_live, one.version) == (True, 7)
    assert peer.texts() == ["snapshot 5", "update 6", "update 7"]


async def test_updates_are_held_during_a_resync() -> None:
    peer = Peer()
    one = live(peer)
    one.offer(1, "update 1")
    one.hold()
    one.offer(2, "update 2")
    one.hold()
    one.offer(3, "update 3")
    one.resume(["replayed 1", "replayed 2"], 2)
    await run_pending_tasks()
    assert peer.texts() == ["update 1", "replayed 1", "replayed 2", "update 3"]


async def test_failed_resync_loses_no_update() -> None:
    peer = Peer()
    one = live(peer)
    one.hold()
    one.offer(1, "update 1")
    one.resume([], 0)
    await run_pending_tasks()
    assert (one.version, peer.texts()) == (1, ["update 1"])


async def test_update_that_closes_is_sent_before_the_close() -> None:
    peer = Peer()
    one = live(peer)
    one.offer(1, "update 1", 4410)
    await one.finished()
    assert peer.taken == [
        {"type": "websocket.send", "text": "update 1"},
        {"type": "websocket.close", "code": 4410},
    ]


async def test_update_that_closes_closes_during_a_resync() -> None:
    peer = Peer()
    one = live(peer)
    one.hold()
    one.offer(1, "update 1", 4403)
    await one.finished()
    assert peer.codes() == [4403]


async def test_update_that_closes_closes_after_a_resync_has_sent_it() -> None:
    peer = Peer()
    one = live(peer)
    one.hold()
    one.resume(["replayed 1"], 1)
    one.offer(1, "update 1", 4403)
    await one.finished()
    assert (peer.texts(), peer.codes()) == (["replayed 1"], [4403])


async def test_update_newer_than_the_snapshot_closes_once_the_snapshot_is_sent() -> None:
    peer = Peer()
    one = Connection(HOLDER, peer.send, peer.stop)
    one.offer(6, "update 6", 4409)
    await run_pending_tasks()
    assert one.close_code is None
    one.resume(["snapshot 5"], 5)
    await one.finished()
    assert (peer.texts(), peer.codes()) == (["snapshot 5", "update 6"], [4409])


async def test_update_older_than_the_snapshot_does_not_close() -> None:
    """As when the room got a new channel just before this socket joined."""
    peer = Peer()
    one = Connection(HOLDER, peer.send, peer.stop)
    one.offer(5, "update 5", 4401)
    one.resume(["snapshot 6"], 6)
    await run_pending_tasks()
    assert (one.close_code, peer.taken) == (None, [{"type": "websocket.send", "text": "snapshot 6"}])


async def test_first_close_code_is_sent() -> None:
    peer = Peer()
    one = live(peer)
    one.close(4403)
    one.close(4410)
    await one.finished()
    assert (one.close_code, peer.codes(), peer.stopped.is_set()) == (4403, [4403], True)


async def test_nothing_is_sent_after_the_close() -> None:
    peer = Peer()
    one = live(peer)
    one.close(1012)
    await one.finished()
    one.put("late")
    await run_pending_tasks()
    assert peer.taken == [{"type": "websocket.close", "code": 1012}]


async def test_finished_returns_at_once_without_a_close() -> None:
    await live(Peer()).finished()


async def test_lost_peer_is_not_an_error() -> None:
    async def broken(message: Message) -> None:
        raise ConnectionResetError

    one = Connection(HOLDER, broken, Peer().stop)
    one.resume([], 0)
    one.put("x")
    await run_pending_tasks()
    one.put("y")
    one.close(4403)
    await one.finished()
    assert one.close_code == 4403


async def test_connection_ids_are_unique() -> None:
    peer = Peer()
    assert len({live(peer).id for _ in range(100)}) == 100


async def test_messages_are_compact_json() -> None:
    peer = Peer()
    one = live(peer)
    one.say({"type": "reply", "name": "Zoë", "free": [1, 2]})
    await run_pending_tasks()
    assert peer.texts() == ['{"type":"reply","name":"Zo\\u00eb","free":[1,2]}']
    assert json.loads(peer.texts()[0])["name"] == "Zoë"
