"""Growth: the same requests with a thousand rooms in the database and with a million."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial

from bench import programs, servers
from bench.databases import database
from bench.load import Load
from bench.measured import COLUMNS, Measured, medians
from bench.report import Report
from bench.rounds import RATIO, alternate, ratio
from bench.targets import TokenRequest

FEW, MANY = "few rooms", "many rooms"
TARGET = 1.15
TARGETS = 1000
CONNECTIONS = 32


@dataclass(frozen=True)
class Size:
    rooms: int
    rounds: int
    seconds: int
    warm_up: int


FULL = Size(rooms=1_000_000, rounds=15, seconds=3, warm_up=5)
SHORT = Size(rooms=20_000, rounds=1, seconds=1, warm_up=1)


def run(*, short: bool) -> Report:
    """Return latencies and requests per second with few and with many rooms."""
    programs.find("wrk")  # fail before a million rooms are created
    size = SHORT if short else FULL
    with _loads(size) as loads:
        for load in loads.values():
            load.run(CONNECTIONS, size.warm_up)
        rounds = alternate(
            size.rounds,
            {name: partial(load.run, CONNECTIONS, size.seconds) for name, load in loads.items()},
        )
    return _report(rounds, size)


@contextmanager
def _loads(size: Size) -> Iterator[dict[str, Load]]:
    """Yield the same load for both databases: the few rooms are an evenly spread subset of the many."""
    step = size.rooms // TARGETS
    with (
        database("few", last=size.rooms, step=step) as few,
        database("many", last=size.rooms) as many,
        servers.tokensvc(few) as port_of_few,
        servers.tokensvc(many) as port_of_many,
    ):
        requests = [TokenRequest(number, f"user-{number}") for number in range(step, size.rooms + 1, step)]
        yield {FEW: Load.of(port_of_few, requests), MANY: Load.of(port_of_many, requests)}


def _report(rounds: dict[str, list[Measured]], size: Size) -> Report:
    summary = {name: medians(measured) for name, measured in rounds.items()}
    latency = ratio(*([one.p50_ms for one in rounds[name]] for name in (MANY, FEW)))
    throughput = ratio(*([one.per_second for one in rounds[name]] for name in (MANY, FEW)))
    counts = {FEW: TARGETS, MANY: size.rooms}
    return Report(
        title="growth: the same requests with few and with many rooms in the database",
        columns=COLUMNS,
        rows=[measured.row(f"{counts[name]:,} rooms") for name, measured in summary.items()],
        notes=[
            f"With many: {latency:.2f} times the median latency, {throughput:.2f} times the requests/s.",
            f"Target: at most {TARGET} times the latency.",
            f"Medians of {size.rounds} rounds of {size.seconds} s with {CONNECTIONS} connections.",
            RATIO,
        ],
        figures={
            "rooms": counts,
            "medians": {name: asdict(measured) for name, measured in summary.items()},
            "latency_ratio": latency,
            "throughput_ratio": throughput,
            "target": TARGET,
        },
        rounds={name: [asdict(one) for one in measured] for name, measured in rounds.items()},
        errors=sum(measured.errors for measured in summary.values()),
    )
