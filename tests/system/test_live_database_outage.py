"""PostgreSQL restarts under load: acts fail with a clear code meanwhile, and nothing is half written."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AsyncExitStack

from tests.system.live import LiveRoom, everybody_in
from tests.system.load import load, swarm
from tests.system.servers import Server, api_key, migrate
from tests.system.services import Cluster, RedisServer

HEARTBEAT = 15

_log = logging.getLogger(__name__)


def test_database_restarted_under_load_leaves_nothing_half_written(
    cluster: Cluster, redis_server: RedisServer, serve: Callable[..., Server]
) -> None:
    migrate(cluster.address)
    servers = [serve(cluster.address, kind="live", REDIS_URL=redis_server.address) for _ in range(2)]
    room = LiveRoom(servers, api_key(cluster.address))

    async def play() -> None:
        clients = swarm(room)
        async with AsyncExitStack() as stack:
            await everybody_in(stack, clients)
            async with load(room, clients[:2], clients[2:4]) as work:
                await work.until_more("done", 40)
                await asyncio.to_thread(cluster.stop)
                await work.until_more("unavailable by socket", 20)
                await work.until_more("503 unavailable", 20)
                for leaver in clients[6:]:
                    await leaver.__aexit__()
                await asyncio.to_thread(cluster.start)
                back_at = time.monotonic()
                await work.until_more("done", 40)
                right = await room.until_told(clients[:6], HEARTBEAT)
            assert work.outcomes.keys() == {"done", "unavailable by socket", "503 unavailable"}
            stayed = clients[:6]
            ghosts = {leaver.document.you for leaver in clients[6:]}
            await stayed[0].until(lambda one: not ghosts & one.document.participants.keys(), 40)
            _log.info("back: right after %.2f s, acts within %.2f s", right, work.slowest)
            _log.info("no ghosts after %.1f s", time.monotonic() - back_at)
            await room.assert_consistent(stayed)
            work.assert_in_force(stayed[0].document.participants)
            assert [one.close_codes for one in stayed] == [[]] * len(stayed)

    asyncio.run(play())
