"""Redis stops or hangs under load and comes back: no update is lost, and no socket closes."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from statistics import median
from typing import Any

import redis.asyncio

from tests.system.live import LiveRoom, Witness, everybody_in
from tests.system.load import Load, load, swarm
from tests.system.servers import Answer, Server
from tests.system.services import RedisServer

HEARTBEAT = 15
PRESENCE = {"join", "disconnect", "leave"}

_log = logging.getLogger(__name__)


def says(answer: Answer) -> tuple[int, Any]:
    return answer.status, answer.json.get("detail")


async def assert_all_kept(room: LiveRoom, clients: list[Witness], work: Load) -> None:
    """Check that every act holds and is in the event log once, and that no socket was closed."""
    log = await room.assert_consistent(clients)
    acts = [event for event in log if event["action"] not in PRESENCE]
    assert work.outcomes == {"done": len(acts)}
    work.assert_in_force(clients[0].document.participants)
    assert [one.close_codes for one in clients] == [[]] * len(clients)


async def subscribed(server: RedisServer, room: LiveRoom) -> float:
    """Return the seconds until all processes are subscribed to the room again."""
    began = time.monotonic()
    async with asyncio.timeout(HEARTBEAT), redis.asyncio.Redis.from_url(server.address) as client:
        while True:
            channels = await client.pubsub_channels(f"*{room.id}*")
            if [number for _, number in await client.pubsub_numsub(*channels)] == [len(room.servers)]:
                return time.monotonic() - began
            await asyncio.sleep(0.02)


async def recover(server: RedisServer, room: LiveRoom, clients: list[Witness]) -> None:
    """Check that all clients catch up within a heartbeat, and then get updates before the next poll."""
    right, heard = await asyncio.gather(room.until_told(clients, HEARTBEAT), subscribed(server, room))
    _log.info("back: right after %.2f s, announced again after %.2f s", right, heard)
    assert median([await room.until_told(clients, HEARTBEAT) for _ in range(9)]) < 0.2


async def come_in_meanwhile(newcomer: Witness) -> None:
    """Check that a new socket gets a snapshot and updates."""
    await newcomer.until(lambda one: one.document.version > 0)
    came_at = newcomer.document.version
    await newcomer.until(lambda one: one.document.version > came_at + 10)


def test_redis_killed_and_restarted_under_load_loses_nothing(
    database: str, backend: str, serve: Callable[..., Server], own_redis: RedisServer
) -> None:
    servers = [serve(database, kind="live", REDIS_URL=own_redis.address) for _ in range(2)]
    room = LiveRoom(servers, backend)

    async def play() -> None:
        clients = swarm(room)
        async with AsyncExitStack() as stack:
            await everybody_in(stack, clients)
            async with load(room, clients[:2], clients[2:4]) as work:
                await work.until_more("done", 40)
                own_redis.kill()
                await work.until_more("done", 40)
                for server in servers:
                    away = await asyncio.to_thread(server.aside, "GET", "/readyz")
                    assert says(away) == (503, "Does not answer: redis.")
                fresh = await asyncio.to_thread(serve, database, kind="live", REDIS_URL=own_redis.address)
                room.servers.append(fresh)
                newcomer = await stack.enter_async_context(Witness(room.admission("dora", [2])))
                await come_in_meanwhile(newcomer)
                clients.append(newcomer)
                late = [await room.until_told(clients, HEARTBEAT) for _ in range(5)]
                await asyncio.to_thread(own_redis.start)
                await recover(own_redis, room, clients)
                await work.until_more("done", 40)
            ready = await asyncio.to_thread(servers[0].aside, "GET", "/readyz")
            assert (ready.status, ready.json["checks"]) == (200, {"database": "ok", "redis": "ok"})
            await assert_all_kept(room, clients, work)
        _log.info("away: told within %.2f s, acts within %.2f s", max(late), work.slowest)
        assert max(late) < 3
        assert work.slowest < 3

    asyncio.run(play())


def test_hanging_redis_blocks_no_act(
    database: str, backend: str, serve: Callable[..., Server], own_redis: RedisServer
) -> None:
    servers = [serve(database, kind="live", REDIS_URL=own_redis.address) for _ in range(2)]
    room = LiveRoom(servers, backend)

    async def play() -> None:
        clients = swarm(room)
        async with AsyncExitStack() as stack:
            await everybody_in(stack, clients)
            async with load(room, clients[:2], clients[2:4]) as work:
                await work.until_more("done", 40)
                own_redis.freeze()
                await work.until_more("done", 40)
                newcomer = await stack.enter_async_context(Witness(room.admission("dora", [1])))
                await come_in_meanwhile(newcomer)
                clients.append(newcomer)
                late = [await room.until_told(clients, HEARTBEAT) for _ in range(5)]
                own_redis.thaw()
                await recover(own_redis, room, clients)
                await work.until_more("done", 40)
            await assert_all_kept(room, clients, work)
        _log.info("hangs: told within %.2f s, acts within %.2f s", max(late), work.slowest)
        assert max(late) < 5
        assert work.slowest < 5

    asyncio.run(play())
