"""Seats are exact with two processes and 200 requests at once, and are freed after a crash."""

import asyncio
import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any

from bench.live.client import Refused
from tests.system.live import LiveRoom, Witness, everybody_in
from tests.system.servers import Server
from tests.system.services import RedisServer

ROUNDS = int(os.environ.get("LIVE_ROUNDS", "3"))
CLIENTS = 200
LIMITS = {"audio": 12, "video": 10}
ALL_TAKEN = Counter(LIMITS)

_log = logging.getLogger(__name__)


async def ask(client: Witness, medium: str) -> str:
    """Return the medium whose seat was granted, or the code of the refusal."""
    try:
        reply = await client.command("seat.request", media=medium)
    except Refused as refused:
        return f"{refused.code}, {refused.error.get('free', {}).get(medium)} free"
    return medium if reply["seat"] else "not granted"


async def ask_all(clients: Sequence[Witness]) -> Counter[str]:
    """Have all clients request both seats at once; return the number of each answer."""
    return Counter(await asyncio.gather(*(ask(client, medium) for client in clients for medium in LIMITS)))


def taken(document: dict[str, Any]) -> Counter[str]:
    seats = Counter[str]()
    for participant in document["participants"]:
        for medium in LIMITS:
            seats[medium] += participant[f"{medium}_seat"]
    return seats


async def give_back(clients: Sequence[Witness]) -> None:
    holders = [(one, medium) for one in clients for medium in LIMITS if one.me[f"{medium}_seat"]]
    await asyncio.gather(*(one.command("seat.release", media=medium) for one, medium in holders))


async def one_round(room: LiveRoom, clients: Sequence[Witness]) -> None:
    answers = await ask_all(clients)
    assert answers == ALL_TAKEN + Counter({"seats_full, 0 free": 2 * len(clients) - ALL_TAKEN.total()})
    assert taken(await room.document()) == ALL_TAKEN
    await room.until_right(clients, 10)


async def survive(room: LiveRoom, clients: Sequence[Witness], lost: Server) -> None:
    """Kill the process of every second client: their seats are freed when the lease expires, not before."""
    survivors = clients[::2]
    ghosts = {client.document.you for client in clients[1::2]}
    half = [client for pair in zip(clients[:12:2], clients[1:12:2], strict=True) for client in pair]
    await ask_all(half[:10])
    lost.kill()
    killed_at = time.monotonic()
    await survivors[0].until(lambda one: not ghosts & one.document.participants.keys(), 45)
    assert 29 < time.monotonic() - killed_at < 37
    document = await room.document()
    assert {one["alias"] for one in document["participants"]} == {one.document.you for one in survivors}
    assert taken(document) == Counter(audio=5, video=5)
    _log.info("no ghosts after %.1f s", time.monotonic() - killed_at)
    await ask_all(survivors)
    assert taken(await room.document()) == ALL_TAKEN
    await room.until_right(survivors, 10)


def test_seats_are_exact_in_two_processes_and_free_after_a_crash(
    database: str, backend: str, redis_server: RedisServer, serve: Callable[..., Server]
) -> None:
    servers = [serve(database, kind="live", REDIS_URL=redis_server.address) for _ in range(2)]
    room = LiveRoom(servers, backend)

    async def play() -> None:
        clients = [Witness(room.admission(f"user-{number}", [number % 2])) for number in range(CLIENTS)]
        async with AsyncExitStack() as stack:
            await everybody_in(stack, clients)
            began = time.monotonic()
            for _ in range(ROUNDS):
                await one_round(room, clients)
                await give_back(clients)
                await room.until_right(clients, 10)
            _log.info("%s rounds in %.1f s", ROUNDS, time.monotonic() - began)
            log = await room.assert_consistent(clients)
            assert max(taken(shown)["audio"] for shown in room.replay(log)) == LIMITS["audio"]
            assert max(taken(shown)["video"] for shown in room.replay(log)) == LIMITS["video"]
            await survive(room, clients, servers[1])

    asyncio.run(play())
