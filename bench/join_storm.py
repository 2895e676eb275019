"""A join storm: 100 users request tokens of one uncached room at the same moment."""

from dataclasses import dataclass
from statistics import median

from bench import servers
from bench.databases import database
from bench.report import Report
from bench.sockets import send_at_once
from bench.targets import TokenRequest

USERS = 100


@dataclass(frozen=True)
class Size:
    rounds: int
    warm_up: int


FULL = Size(rounds=21, warm_up=20)
SHORT = Size(rounds=3, warm_up=2)


@dataclass(frozen=True)
class Storm:
    """The waiting times of the median and of the last user, in milliseconds."""

    median_ms: float
    slowest_ms: float


def run(*, short: bool) -> Report:
    """Return how long users wait for their tokens when all request them at once."""
    size = SHORT if short else FULL
    last = size.warm_up + size.rounds
    with database("join_storm", last=last) as url, servers.tokensvc(url) as port:
        storms = [_storm(port, room) for room in range(1, last + 1)]
    return _report(storms[size.warm_up :])


def _storm(port: int, room: int) -> Storm:
    requests = [TokenRequest(room, f"user-{room}-{number}") for number in range(USERS)]
    responses = send_at_once(port, [request.request for request in requests])
    for request, response in zip(requests, responses, strict=True):
        request.check(response)
    waited = [response.seconds * 1000 for response in responses]
    return Storm(median(waited), max(waited))


def _report(storms: list[Storm]) -> Report:
    medians = Storm(median(storm.median_ms for storm in storms), median(storm.slowest_ms for storm in storms))
    return Report(
        title=f"join storm: {USERS} users request tokens of an uncached room at the same moment",
        columns=("", "median ms", "slowest ms"),
        rows=[("tokensvc", f"{medians.median_ms:.1f}", f"{medians.slowest_ms:.1f}")],
        notes=[f"Medians of {len(storms)} rounds, a new room in each. tokensvc: {servers.TOKENSVC}"],
        figures={"median_ms": medians.median_ms, "slowest_ms": medians.slowest_ms},
        rounds={
            "median_ms": [storm.median_ms for storm in storms],
            "slowest_ms": [storm.slowest_ms for storm in storms],
        },
    )
