"""Hosts at work, by socket and by REST, while something breaks."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import cycle

from bench.live.client import Refused
from bench.live.document import Participant
from tests.system.live import LiveRoom, Witness

# A socket may do 50 acts a second.
PACE = 0.03

Act = Callable[[str], Awaitable[str]]
"""Sets an override; returns `done`, or the code of the refusal."""


class Load:
    """What became of the acts: how often each outcome, how slow, and what was last set of whom."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.slowest = 0.0
        self.last: dict[tuple[str, str], str] = {}
        self.over = False

    async def repeat(self, act: Act, alias: str, medium: str) -> None:
        """Set one override after the other, each until it is done."""
        for override in cycle(["deny", "allow"]):
            outcome = ""
            while not self.over and outcome != "done":
                began = time.monotonic()
                outcome = await act(override)
                self.outcomes[outcome] += 1
                self.slowest = max(self.slowest, time.monotonic() - began)
                await asyncio.sleep(PACE)
            if outcome == "done":
                self.last[alias, medium] = override
            if self.over:
                return

    def assert_in_force(self, people: Mapping[str, Participant]) -> None:
        """What was last done of each is what holds now."""
        assert {(alias, medium): people[alias][medium] for alias, medium in self.last} == self.last

    async def until_more(self, outcome: str, count: int, seconds: float = 20) -> None:
        """Return once there were so many more acts with this outcome."""
        enough = self.outcomes[outcome] + count
        async with asyncio.timeout(seconds):
            while self.outcomes[outcome] < enough:
                await asyncio.sleep(0.02)


def swarm(room: LiveRoom) -> list[Witness]:
    """Two hosts and six others, half of them in each process."""
    room.member("alice", "host")
    room.member("anna", "host")
    users = ["alice", "anna", "bob", "bella", "carol", "chen", "dave", "dana"]
    return [Witness(room.admission(user, [number % 2])) for number, user in enumerate(users)]


@asynccontextmanager
async def load(room: LiveRoom, hosts: Sequence[Witness], targets: Sequence[Witness]) -> AsyncIterator[Load]:
    """Have each host and, by REST, each process set overrides of somebody of their own."""
    load = Load()
    async with asyncio.TaskGroup() as group:
        for host, target in zip(hosts, targets, strict=True):
            alias = target.document.you
            group.create_task(load.repeat(by_socket(host, alias), alias, "audio"))
        for at, target in zip(range(len(room.servers)), targets, strict=True):
            alias = target.document.you
            group.create_task(load.repeat(by_rest(room, at, alias), alias, "video"))
        try:
            yield load
        finally:
            load.over = True


def by_socket(host: Witness, alias: str) -> Act:
    async def act(override: str) -> str:
        try:
            await host.command("participant.set", alias=alias, audio=override)
        except Refused as refused:
            return f"{refused.code} by socket"
        return "done"

    return act


def by_rest(room: LiveRoom, at: int, alias: str) -> Act:
    async def act(override: str) -> str:
        path = f"moderation/participants/{alias}/"
        answer = await room.rest("PATCH", path, {"video": override}, at=at)
        return "done" if answer.status == 200 else f"{answer.status} {answer.json['code']}"

    return act
