"""Issuing: a user's token request, against Express with `agora-token`, which checks and looks up nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product

from bench import servers
from bench.databases import database
from bench.load import Load
from bench.measured import COLUMNS, Measured, together
from bench.report import Report
from bench.rounds import RATIO, alternate, ratio
from bench.targets import Sample, Visit

OURS, EXPRESS = "tokensvc", "Express + agora-token"
TARGET = 0.45
ROOMS = range(1, 1001)
CONNECTIONS = (32, 4)


@dataclass(frozen=True)
class Size:
    rounds: int
    seconds: int
    warm_up: int


FULL = Size(rounds=15, seconds=2, warm_up=5)
SHORT = Size(rounds=1, seconds=1, warm_up=1)

Turn = tuple[str, int]
"""Which server, at how many connections."""


def run(*, short: bool) -> Report:
    """Return the requests a second and the latencies of both, at 32 and at 4 connections."""
    size = SHORT if short else FULL
    with _loads() as loads:
        for load in loads.values():
            load.put_on(max(CONNECTIONS), size.warm_up)
        turns = {
            (name, connections): partial(loads[name].put_on, connections, size.seconds)
            for connections, name in product(CONNECTIONS, loads)
        }
        rounds = alternate(size.rounds, turns)
    return _report(rounds, size)


@contextmanager
def _loads() -> Iterator[dict[str, Load]]:
    with (
        database("issuing", last=max(ROOMS)) as url,
        servers.tokensvc(url) as ours,
        servers.express() as express,
    ):
        yield {
            OURS: Load.of(ours, [Visit(number, f"user-{number}") for number in ROOMS]),
            EXPRESS: Load.of(express, [Sample(number) for number in ROOMS]),
        }


def _report(rounds: Mapping[Turn, list[Measured]], size: Size) -> Report:
    labels = {turn: f"{turn[0]}, {turn[1]} connections" for turn in rounds}
    medians = {labels[turn]: together(measured) for turn, measured in rounds.items()}
    ratios = {connections: _ratio(rounds, connections) for connections in CONNECTIONS}
    return Report(
        title="issuing: POST /api/v1/rooms/{id}/tokens/ by users, against a server that looks up nothing",
        columns=COLUMNS,
        rows=[measured.row(label) for label, measured in medians.items()],
        notes=[
            *(f"{times:.2f} times Express's requests/s at {number}." for number, times in ratios.items()),
            f"Target at {max(CONNECTIONS)}: {TARGET}. Medians of {size.rounds} rounds of {size.seconds} s.",
            RATIO,
            f"tokensvc: {servers.TOKENSVC}",
        ],
        figures={
            "medians": {label: asdict(measured) for label, measured in medians.items()},
            "ratio": ratios,
            "target": TARGET,
        },
        rounds={labels[turn]: [asdict(one) for one in measured] for turn, measured in rounds.items()},
        errors=sum(measured.errors for measured in medians.values()),
    )


def _ratio(rounds: Mapping[Turn, list[Measured]], connections: int) -> float:
    ours, theirs = ([one.per_second for one in rounds[name, connections]] for name in (OURS, EXPRESS))
    return ratio(ours, theirs)
