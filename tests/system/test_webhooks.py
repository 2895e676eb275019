"""The app's backend is away while rooms live; back again, it gets every notice once, in order per room."""

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, closing
from typing import Any

import psycopg2
import pytest

from tests.moderation.webhooks.app_backend import SECRET, AppBackend, Call
from tests.serving import serving
from tests.system.conftest import fresh_database
from tests.system.live import LiveRoom, Witness, everybody_in
from tests.system.servers import ROOT, Server, api_key, environment, free_port
from tests.system.services import RedisServer
from tests.waiting import until

ROOMS = 50
AT_ONCE = 10

Deliver = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """One of its own: who delivers also notices who has left the rooms of other tests."""
    with fresh_database("webhooks") as address:
        yield address


@pytest.fixture(scope="module")
def backend(database: str) -> str:
    return api_key(database)


@pytest.fixture
def deliver(database: str) -> Iterator[Deliver]:
    """Start processes that deliver to an address; whatever still runs after the test is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(url: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "manage.py", "deliver_webhooks"],
            cwd=ROOT,
            env=environment(database, WEBHOOK_URL=url, WEBHOOK_SECRET=SECRET),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def stopped(process: "subprocess.Popen[str]") -> tuple[int, int]:
    """Ask a process to stop; return its status, and how many it says it delivered."""
    process.send_signal(signal.SIGTERM)
    printed, _ = process.communicate(timeout=30)
    found = re.search(r"^delivered +(\d+)$", printed, re.MULTILINE)
    assert found
    return process.returncode, int(found[1])


async def live_and_end(room: LiveRoom) -> None:
    """Alice and bob come in by socket; bob is banned, and the room ended."""
    await asyncio.to_thread(room.member, "alice", "host")
    async with AsyncExitStack() as stack:
        alice, bob = (Witness(room.admission(user, [0])) for user in ("alice", "bob"))
        await everybody_in(stack, [alice])
        await everybody_in(stack, [bob])
        path = f"moderation/participants/{bob.document.you}/kick/"
        assert (await room.rest("POST", path, {"ban": True})).status == 200
        assert (await room.rest("POST", "end/")).status == 200


async def live_in_all(rooms: list[LiveRoom]) -> None:
    turns = asyncio.Semaphore(AT_ONCE)

    async def take_turn(room: LiveRoom) -> None:
        async with turns:
            await live_and_end(room)

    await asyncio.gather(*map(take_turn, rooms))


def shown(call: Call) -> tuple[Any, ...]:
    data = call.said["data"]
    about = (data.get("user", {}).get("id"), data.get("reason"))
    return (call.said["type"], *(value for value in about if value))


def let_claims_run_out(database: str) -> None:
    """As if a minute had passed."""
    with closing(psycopg2.connect(database)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("UPDATE moderation_webhook SET claimed_until = now() WHERE claimed_until > now()")
        assert cursor.rowcount == 1


def test_app_that_was_away_is_told_everything_once_and_in_order(
    database: str,
    redis_server: RedisServer,
    serve: Callable[..., Server],
    backend: str,
    deliver: Deliver,
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/hooks"
    wanted = {"WEBHOOK_URL": url, "WEBHOOK_SECRET": SECRET, "REDIS_URL": redis_server.address}
    server = serve(database, kind="live", **wanted)
    processes = [deliver(url) for _ in range(2)]
    rooms = [LiveRoom([server], backend) for _ in range(ROOMS)]
    asyncio.run(live_in_all(rooms))
    with serving(AppBackend(port)) as app:
        until(lambda: len(app.taken) >= 6 * ROOMS, 60)
        ended = [stopped(process) for process in processes]
        calls = app.calls
    assert [status for status, _ in ended] == [0, 0]
    assert sum(delivered for _, delivered in ended) == len(calls) == len({call.id for call in calls})
    assert {call.answer for call in calls} == {200}
    assert {room.id: [shown(call) for call in calls if call.room == room.id] for room in rooms} == {
        room.id: [
            ("participant.joined", "alice"),
            ("participant.joined", "bob"),
            ("participant.banned", "bob"),
            ("participant.left", "bob", "banned"),
            ("participant.left", "alice", "room_ended"),
            ("room.ended",),
        ]
        for room in rooms
    }


def test_killed_while_the_receiver_works_it_is_sent_again_with_the_same_id(
    database: str,
    redis_server: RedisServer,
    serve: Callable[..., Server],
    backend: str,
    deliver: Deliver,
) -> None:
    with serving(AppBackend()) as app:
        wanted = {"WEBHOOK_URL": app.url, "WEBHOOK_SECRET": SECRET, "REDIS_URL": redis_server.address}
        server = serve(database, kind="live", **wanted)
        process = deliver(app.url)

        def take_and_kill(_notice: object) -> int:
            process.kill()
            process.wait()
            return 200

        app.decide = take_and_kill
        room = LiveRoom([server], backend)
        asyncio.run(room.rest("POST", "end/"))
        until(lambda: len(app.taken) == 1, 20)
        app.decide = lambda _: 200
        let_claims_run_out(database)
        another = deliver(app.url)
        until(lambda: len(app.taken) == 2, 20)
        assert stopped(another) == (0, 1)
        first, second = app.taken
    assert (first.id, first.body, shown(first)) == (second.id, second.body, ("room.ended",))
