"""On SIGTERM a process closes its sockets, and their clients continue at another process."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from itertools import chain, repeat

import psycopg2

from bench.live.client import Fetch
from tests.system.live import LiveRoom, Witness, everybody_in
from tests.system.servers import Server
from tests.system.services import RedisServer


def slow_to_return(fetch: Fetch) -> Fetch:
    """Delay the client's second connection by three seconds."""
    pauses = chain([0, 3], repeat(0))

    async def slowly() -> tuple[str, str]:
        await asyncio.sleep(next(pauses))
        return await fetch()

    return slowly


def test_sockets_move_on_sigterm_and_keep_seats_and_overrides(
    database: str, backend: str, redis_server: RedisServer, serve: Callable[..., Server]
) -> None:
    servers = [serve(database, kind="live", REDIS_URL=redis_server.address) for _ in range(2)]
    room = LiveRoom(servers, backend)
    room.member("alice", "host")
    open_to = [0]

    async def play() -> None:
        alice, bob = Witness(room.admission("alice", open_to)), Witness(room.admission("bob", open_to))
        carol = Witness(slow_to_return(room.admission("carol", open_to)))
        dave = Witness(room.admission("dave", [1]))
        moving = [alice, bob, carol]
        async with AsyncExitStack() as stack:
            await everybody_in(stack, [*moving, dave])
            await alice.command("room.set", mute_everyone=True)
            await alice.command("participant.set", alias=bob.document.you, audio="allow", video="deny")
            await bob.command("seat.request", media="audio")
            await carol.command("seat.request", media="video")
            before = await room.document(at=1)
            open_to.append(1)
            servers[0].terminate()
            for one in moving:
                await one.until(lambda it: len(it.told) > 1 and it.connected)
            assert [one.close_codes[0] for one in moving] == [1012] * 3
            assert dave.close_codes == []
            assert await asyncio.to_thread(servers[0].stop) == 0
            room.servers[0] = servers[1]
            log = await room.assert_consistent([*moving, dave])
            after = await room.document()
        assert (after["room"], after["participants"]) == (before["room"], before["participants"])
        assert {event["action"] for event in log[before["version"] :]} == {"join"}

    asyncio.run(play())


def test_http_request_in_flight_at_a_live_process_is_finished_on_sigterm(
    database: str, backend: str, redis_server: RedisServer, serve: Callable[..., Server]
) -> None:
    server = serve(database, kind="live", REDIS_URL=redis_server.address)
    room, blocked = LiveRoom([server], backend), LiveRoom([server], backend)

    async def play() -> None:
        async with Witness(room.admission("bob", [0])) as bob:
            await bob.until(lambda one: one.connected and one.document.version > 0)
            blocker = psycopg2.connect(database)
            blocker.cursor().execute("SELECT 1 FROM rooms_room WHERE id = %s FOR UPDATE", [blocked.id])
            ending = asyncio.create_task(blocked.rest("POST", "end/"))
            await until_somebody_waits(database)
            server.terminate()
            await bob.until(lambda one: one.close_codes[:1] == [1012])
            assert not ending.done()
            blocker.rollback()
            blocker.close()
            answer = await ending
        assert (answer.status, answer.json["id"]) == (200, blocked.id)
        assert await asyncio.to_thread(server.stop) == 0

    asyncio.run(play())


async def until_somebody_waits(database: str) -> None:
    """Return once a query waits for a lock."""
    watcher = psycopg2.connect(database)
    watcher.autocommit = True
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with watcher.cursor() as cursor:
        async with asyncio.timeout(10):
            cursor.execute(waiting)
            while cursor.fetchone() is None:
                await asyncio.sleep(0.02)
                cursor.execute(waiting)
    watcher.close()
