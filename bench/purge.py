"""Purging: latencies of token requests while `purge_rooms` deletes a tenth of all rooms, and without it."""

import json
import sys
import time
from dataclasses import asdict, dataclass
from statistics import median
from typing import NamedTuple

from bench import ended_rooms, programs, servers
from bench.databases import database
from bench.failure import BenchmarkError
from bench.load import Load
from bench.measured import COLUMNS, Measured, medians
from bench.report import Report
from bench.settings import settings
from bench.targets import TokenRequest

CONNECTIONS = 4
# One of so many rooms has ended.
STEP = 10
IDLE, PURGING = "idle", "during purge_rooms"


@dataclass(frozen=True)
class Size:
    rooms: int
    targets: int
    slices: int
    idle_rounds: int
    seconds: int
    warm_up: int

    @property
    def ended(self) -> int:
        return self.rooms // STEP


FULL = Size(rooms=1_000_000, targets=1000, slices=5, idle_rounds=5, seconds=2, warm_up=5)
SHORT = Size(rooms=10_000, targets=100, slices=1, idle_rounds=1, seconds=1, warm_up=1)


class Purge(NamedTuple):
    """The result of one run of the command, on one slice of the ended rooms."""

    rooms_per_second: float
    load: list[Measured]


def run(*, short: bool) -> Report:
    """Return the latencies of token requests with and without a concurrent purge, alternating."""
    programs.find("wrk")  # fail before a million rooms are created
    size = SHORT if short else FULL
    idle, purges = [], []
    with database("purge", last=size.rooms) as url:
        ended_rooms.fill(url, count=size.ended, step=STEP, slices=size.slices)
        with servers.tokensvc(url) as port:
            load = Load.of(port, _requests(size))
            load.run(CONNECTIONS, size.warm_up)
            for number in range(size.slices):
                idle += [load.run(CONNECTIONS, size.seconds) for _ in range(size.idle_rounds)]
                purges.append(_purge(url, number, load, size))
    return _report(idle, purges, size)


def _requests(size: Size) -> list[TokenRequest]:
    """Return requests for rooms that have not ended, evenly spread."""
    numbers = range(1, size.rooms, size.rooms // size.targets)
    return [TokenRequest(number, f"user-{number}") for number in numbers]


def _purge(url: str, number: int, load: Load, size: Size) -> Purge:
    """Purge the oldest remaining slice, under load for the whole run."""
    variables = {**settings(url), "RETENTION_SECONDS": str(3600 * (size.slices - number))}
    command = [sys.executable, "manage.py", "purge_rooms", "--json"]
    measured = []
    started = time.monotonic()
    with programs.running(command, programs.environment(variables), piped=True) as process:
        while process.poll() is None:
            measured.append(load.run(CONNECTIONS, size.seconds))
        seconds = time.monotonic() - started
        printed = process.communicate()[0]
    expected = size.ended // size.slices
    if process.returncode != 0 or json.loads(printed)["forgotten"] != expected:
        raise BenchmarkError(f"purge_rooms should have deleted {expected} rooms; it printed: {printed}")
    return Purge(expected / seconds, measured)


def _report(idle: list[Measured], purges: list[Purge], size: Size) -> Report:
    rounds = {IDLE: idle, PURGING: [measured for purge in purges for measured in purge.load]}
    summary = {name: medians(measured) for name, measured in rounds.items()}
    speed = median(purge.rooms_per_second for purge in purges)
    return Report(
        title="purge: token requests while ended rooms are deleted",
        columns=COLUMNS,
        rows=[measured.row(name) for name, measured in summary.items()],
        notes=[
            f"{speed:.0f} rooms/s deleted, each with {ended_rooms.EACH}; includes the command's start.",
            f"{size.ended:,} of {size.rooms:,} rooms, by {size.slices} runs with idle rounds before each.",
            f"Medians of rounds of {size.seconds} s with {CONNECTIONS} connections.",
        ],
        figures={
            "medians": {name: asdict(measured) for name, measured in summary.items()},
            "rooms_per_second": speed,
        },
        rounds={name: [asdict(one) for one in measured] for name, measured in rounds.items()},
        errors=sum(measured.errors for measured in summary.values()),
    )
