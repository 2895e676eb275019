"""Random acts in two processes: every client gets the same updates in order, also across reconnects."""

import asyncio
import logging
import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import cycle
from typing import Any

from bench.live.client import Refused
from tests.system.live import LiveRoom, Witness, everybody_in
from tests.system.servers import Server, identity

ACTS = int(os.environ.get("LIVE_ACTS", "2500"))
HOSTS = ["alice", "anna", "amir"]
OTHERS = ["bob", "bella", "boris", "carol", "chen", "cleo", "dave", "dana", "dora"]
# Between two acts of one socket, which may do 50 a second.
PACE = 0.02
REFUSALS = {"version_conflict", "seats_full", "not_allowed_by_host"}

_log = logging.getLogger(__name__)
any_ = random.Random(20261122)  # noqa: S311 (not for secrets)


def any_flag(client: Witness) -> dict[str, Any]:
    """A change to the room, as far as the client knows."""
    flag = any_.choice(["mute_everyone", "webcams_disabled"])
    return {flag: not client.document.room[flag]}


def any_override(client: Witness, alias: str) -> dict[str, Any]:
    medium = any_.choice(["audio", "video"])
    others = {"inherit", "allow", "deny"} - {client.document.participants[alias][medium]}
    return {medium: any_.choice(sorted(others))}


def any_version(client: Witness) -> dict[str, Any]:
    return {"expected_version": client.document.version} if any_.random() < 0.2 else {}


def any_alias(client: Witness) -> str:
    return any_.choice(sorted(client.document.participants))


def seat_command(client: Witness) -> dict[str, Any]:
    medium = any_.choice(["audio", "video"])
    wanted = "seat.release" if client.me[f"{medium}_seat"] else "seat.request"
    return {"type_": wanted, "media": medium}


def host_command(client: Witness) -> dict[str, Any]:
    kind = any_.random()
    if kind < 0.2:
        return seat_command(client)
    if kind < 0.4:
        return {"type_": "room.set", **any_flag(client), **any_version(client)}
    change = any_override(client, alias := any_alias(client))
    return {"type_": "participant.set", "alias": alias, **change, **any_version(client)}


async def act_by_socket(client: Witness, budget: Iterator[int], outcomes: Counter[str]) -> None:
    choose = host_command if client.me["role"] == "host" else seat_command
    for _ in budget:
        outcomes[await carried_out(client, choose(client), outcomes)] += 1
        await asyncio.sleep(PACE)


async def carried_out(client: Witness, command: dict[str, Any], outcomes: Counter[str]) -> str:
    """Repeat a command until it is answered, also across reconnects."""
    while True:
        try:
            await client.command(**command)
        except Refused as refused:
            return refused.code
        except ConnectionError:
            outcomes["connection lost"] += 1
            await client.until(lambda one: one.connected)
        else:
            return "done"


async def act_by_rest(
    room: LiveRoom, client: Witness, authorization: str, budget: Iterator[int], outcomes: Counter[str]
) -> None:
    for number in budget:
        path, change = "moderation/", any_flag(client)
        if any_.random() < 0.7:
            change = any_override(client, alias := any_alias(client))
            path = f"moderation/participants/{alias}/"
        change |= any_version(client)
        answer = await room.rest("PATCH", path, change, at=number % 2, authorization=authorization)
        outcomes["done" if answer.status == 200 else answer.json["code"]] += 1


async def cut_now_and_then(clients: list[Witness]) -> None:
    while True:
        await asyncio.sleep(any_.uniform(0.05, 0.3))
        any_.choice(clients).cut()


async def act(room: LiveRoom, clients: list[Witness]) -> Counter[str]:
    """Let all clients act until all acts are done."""
    budget, outcomes = iter(range(ACTS)), Counter[str]()
    cutting = asyncio.create_task(cut_now_and_then(clients))
    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(act_by_socket(client, budget, outcomes))
        for authorization in ["", "", identity("alice")]:
            group.create_task(act_by_rest(room, clients[0], authorization, budget, outcomes))
    cutting.cancel()
    return outcomes


def test_random_acts_reach_every_client_in_order_and_once(two_live: list[Server], backend: str) -> None:
    room = LiveRoom(two_live, backend, audio_limit=4, video_limit=3)
    for host in HOSTS:
        room.member(host, "host")

    async def play() -> None:
        ways = cycle([[0, 1], [1, 0]])
        clients = [Witness(room.admission(user, next(ways))) for user in HOSTS + OTHERS]
        async with AsyncExitStack() as stack:
            await everybody_in(stack, clients)
            outcomes = await act(room, clients)
            for client in clients:
                await client.until(lambda one: one.connected)
            log = await room.assert_consistent(clients)
        del outcomes["connection lost"]
        connections = sum(len(client.told) for client in clients)
        _log.info("%s acts: %s; %s versions; %s connections", ACTS, outcomes, len(log), connections)
        assert outcomes.keys() <= REFUSALS | {"done"}
        assert outcomes.total() == ACTS
        assert connections > 2 * len(clients)
        states = list(room.replay(log))
        for snapshot in (told[0] for client in clients for told in client.told):
            shown = {name: snapshot[name] for name in ("version", "room", "participants")}
            assert shown == states[snapshot["version"] - 1]

    asyncio.run(play())
