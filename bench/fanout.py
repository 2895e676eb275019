"""Fan-out: a host mutes everyone, and everyone hears of it, against Socket.IO with its Redis adapter."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from statistics import median, quantiles

from bench import brokers, servers
from bench.databases import database
from bench.live.guests import Guest, Ours, Theirs, entrances
from bench.live.swarm import Swarm, allow_sockets
from bench.report import Report
from bench.rounds import alternate
from bench.servers import Server

OURS, SOCKET_IO = "tokensvc", "Socket.IO + Redis adapter"
GUESTS: Mapping[str, type[Guest]] = {OURS: Ours, SOCKET_IO: Theirs}
TARGET_MS = 30.0
# So that no act waits for what the one before has left to do, and no host is told to slow down.
_PAUSE = 0.03


@dataclass(frozen=True)
class Room:
    """So many sockets, and so many rounds of so many acts: an even number, to end as it began."""

    sockets: int
    rounds: int
    acts: int


FULL = (Room(sockets=100, rounds=50, acts=20), Room(sockets=1000, rounds=10, acts=20))
SHORT = (Room(sockets=100, rounds=2, acts=10), Room(sockets=200, rounds=2, acts=6))

Turn = tuple[str, int]
"""Whose sockets, and how many."""


@dataclass(frozen=True)
class Spread:
    """Milliseconds from the host's command to the last socket that has heard."""

    p50_ms: float
    p99_ms: float
    slowest_ms: float

    def row(self, label: str) -> tuple[str, ...]:
        return label, f"{self.p50_ms:.1f}", f"{self.p99_ms:.1f}", f"{self.slowest_ms:.1f}"


def run(*, short: bool) -> Report:
    """Return how long the last socket of a room waits, for both and for both sizes of room."""
    rooms = SHORT if short else FULL
    allow_sockets(2 * max(room.sockets for room in rooms))
    url = brokers.redis_url()
    with (
        database("fanout", last=len(rooms)) as database_url,
        servers.live(database_url, url) as ours,
        servers.socket_io(url) as theirs,
    ):
        contestants = {OURS: ours, SOCKET_IO: theirs}
        rounds: dict[Turn, list[list[float]]] = {}
        for number, room in enumerate(rooms, start=1):
            rounds |= _measure(contestants, number, room)
    return _report(rounds, rooms)


def _measure(
    contestants: Mapping[str, Sequence[Server]], number: int, room: Room
) -> dict[Turn, list[list[float]]]:
    with _crowds(contestants, number, room.sockets) as crowds:
        turns = {(name, room.sockets): partial(_acts, swarm, room.acts) for name, swarm in crowds.items()}
        for warm_up in turns.values():
            warm_up()
        return alternate(room.rounds, turns)


@contextmanager
def _crowds(
    contestants: Mapping[str, Sequence[Server]], number: int, sockets: int
) -> Iterator[dict[str, Swarm[Guest]]]:
    with ExitStack() as stack:
        crowds = {name: stack.enter_context(Swarm[Guest]()) for name in contestants}
        for name, swarm in crowds.items():
            swarm.gather(entrances(GUESTS[name], contestants[name], number, sockets))
        yield crowds


def _acts(swarm: Swarm[Guest], count: int) -> list[float]:
    taken = []
    for act in range(count):
        swarm.rest(_PAUSE)
        taken.append(swarm.mute_everyone(on=act % 2 == 0) * 1000)
    return taken


def _spread(rounds: Sequence[Sequence[float]]) -> Spread:
    taken = [act for acts in rounds for act in acts]
    return Spread(median(taken), quantiles(taken, n=100, method="inclusive")[98], max(taken))


def _report(rounds: Mapping[Turn, list[list[float]]], rooms: Sequence[Room]) -> Report:
    labels = {(name, sockets): f"{name}, {sockets} sockets" for name, sockets in rounds}
    spreads = {turn: _spread(acts) for turn, acts in rounds.items()}
    ratios = {room.sockets: _ratios(spreads, room.sockets) for room in rooms}
    return Report(
        title="fan-out: from a host's command to the last socket that hears of it, over two processes",
        columns=("", "p50 ms", "p99 ms", "slowest ms"),
        rows=[spread.row(labels[turn]) for turn, spread in spreads.items()],
        notes=[
            *(
                f"With {sockets}: {times['p50']:.2f} times Socket.IO's p50, {times['p99']:.2f} times its p99."
                for sockets, times in ratios.items()
            ),
            f"Target with {rooms[0].sockets}: p99 at most {TARGET_MS:.0f} ms, and at most Socket.IO's.",
            *(f"With {room.sockets}: {room.rounds} rounds of {room.acts} acts each." for room in rooms),
            "Ours is a transaction and an event in the log; Socket.IO asks nobody and keeps nothing.",
            f"tokensvc: {servers.LIVE}, twice",
        ],
        figures={
            "spread": {labels[turn]: asdict(spread) for turn, spread in spreads.items()},
            "ratio": ratios,
            "target_ms": TARGET_MS,
        },
        rounds={labels[turn]: acts for turn, acts in rounds.items()},
    )


def _ratios(spreads: Mapping[Turn, Spread], sockets: int) -> dict[str, float]:
    ours, theirs = (spreads[name, sockets] for name in (OURS, SOCKET_IO))
    return {"p50": ours.p50_ms / theirs.p50_ms, "p99": ours.p99_ms / theirs.p99_ms}
