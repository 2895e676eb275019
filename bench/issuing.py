"""Issuing: token requests of users, compared with Express and `agora-token`, without checks or look-ups."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product

from bench import servers
from bench.databases import database
from bench.load import Load
from bench.measured import COLUMNS, Measured, medians
from bench.report import Report
from bench.rounds import RATIO, alternate, ratio
from bench.targets import ExpressRequest, TokenRequest

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
"""A server and the number of connections."""


def run(*, short: bool) -> Report:
    """Return requests per second and latencies of both servers, with 32 and with 4 connections."""
    size = SHORT if short else FULL
    with _loads() as loads:
        for load in loads.values():
            load.run(max(CONNECTIONS), size.warm_up)
        turns = {
            (name, connections): partial(loads[name].run, connections, size.seconds)
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
            OURS: Load.of(ours, [TokenRequest(number, f"user-{number}") for number in ROOMS]),
            EXPRESS: Load.of(express, [ExpressRequest(number) for number in ROOMS]),
        }


def _report(rounds: Mapping[Turn, list[Measured]], size: Size) -> Report:
    labels = {turn: f"{turn[0]}, {turn[1]} connections" for turn in rounds}
    summary = {labels[turn]: medians(measured) for turn, measured in rounds.items()}
    ratios = {connections: _ratio(rounds, connections) for connections in CONNECTIONS}
    return Report(
        title="issuing: POST /api/v1/rooms/{id}/tokens/ by users, compared with a server without look-ups",
        columns=COLUMNS,
        rows=[measured.row(label) for label, measured in summary.items()],
        notes=[
            *(
                f"{times:.2f} times Express's requests/s with {number} connections."
                for number, times in ratios.items()
            ),
            f"Target with {max(CONNECTIONS)}: {TARGET}. Medians of {size.rounds} rounds of {size.seconds} s.",
            RATIO,
            f"tokensvc: {servers.TOKENSVC}",
        ],
        figures={
            "medians": {label: asdict(measured) for label, measured in summary.items()},
            "ratio": ratios,
            "target": TARGET,
        },
        rounds={labels[turn]: [asdict(one) for one in measured] for turn, measured in rounds.items()},
        errors=sum(measured.errors for measured in summary.values()),
    )


def _ratio(rounds: Mapping[Turn, list[Measured]], connections: int) -> float:
    ours, theirs = ([one.per_second for one in rounds[name, connections]] for name in (OURS, EXPRESS))
    return ratio(ours, theirs)
