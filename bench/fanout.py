"""Fan-out: time until all sockets receive a host's mute, compared with Socket.IO and its Redis adapter."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from statistics import median, quantiles

from bench import brokers, servers
from bench.databases import database
from bench.live.swarm import Swarm, allow_sockets
from bench.live.virtual_users import SocketIoUser, TokensvcUser, VirtualUser, connectors
from bench.report import Report
from bench.rounds import alternate
from bench.servers import Server

OURS, SOCKET_IO = "tokensvc", "Socket.IO + Redis adapter"
USERS: Mapping[str, type[VirtualUser]] = {OURS: TokensvcUser, SOCKET_IO: SocketIoUser}
TARGET_MS = 30.0
# Let the work of the previous command finish, and stay below the command rate limit.
_PAUSE = 0.03


@dataclass(frozen=True)
class Room:
    """The sockets of a room, the rounds, and the commands per round: an even number, to end unmuted."""

    sockets: int
    rounds: int
    commands: int


FULL = (Room(sockets=100, rounds=50, commands=20), Room(sockets=1000, rounds=10, commands=20))
SHORT = (Room(sockets=100, rounds=2, commands=10), Room(sockets=200, rounds=2, commands=6))

Turn = tuple[str, int]
"""A contestant and the number of its sockets."""


@dataclass(frozen=True)
class Spread:
    """Milliseconds from the host's command until the last socket has received it."""

    p50_ms: float
    p99_ms: float
    slowest_ms: float

    def row(self, label: str) -> tuple[str, ...]:
        return label, f"{self.p50_ms:.1f}", f"{self.p99_ms:.1f}", f"{self.slowest_ms:.1f}"


def run(*, short: bool) -> Report:
    """Return the delays of both contestants for both room sizes."""
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
    with _swarms(contestants, number, room.sockets) as swarms:
        turns = {(name, room.sockets): partial(_mute, swarm, room.commands) for name, swarm in swarms.items()}
        for warm_up in turns.values():
            warm_up()
        return alternate(room.rounds, turns)


@contextmanager
def _swarms(
    contestants: Mapping[str, Sequence[Server]], number: int, sockets: int
) -> Iterator[dict[str, Swarm[VirtualUser]]]:
    with ExitStack() as stack:
        swarms = {name: stack.enter_context(Swarm[VirtualUser]()) for name in contestants}
        for name, swarm in swarms.items():
            swarm.join_all(connectors(USERS[name], contestants[name], number, sockets))
        yield swarms


def _mute(swarm: Swarm[VirtualUser], count: int) -> list[float]:
    delays = []
    for command in range(count):
        swarm.listen_for(_PAUSE)
        delays.append(swarm.mute_everyone(on=command % 2 == 0) * 1000)
    return delays


def _spread(rounds: Sequence[Sequence[float]]) -> Spread:
    delays = [delay for taken in rounds for delay in taken]
    return Spread(median(delays), quantiles(delays, n=100, method="inclusive")[98], max(delays))


def _report(rounds: Mapping[Turn, list[list[float]]], rooms: Sequence[Room]) -> Report:
    labels = {(name, sockets): f"{name}, {sockets} sockets" for name, sockets in rounds}
    spreads = {turn: _spread(delays) for turn, delays in rounds.items()}
    ratios = {room.sockets: _ratios(spreads, room.sockets) for room in rooms}
    return Report(
        title="fan-out: from a host's command until the last socket receives it, over two processes",
        columns=("", "p50 ms", "p99 ms", "slowest ms"),
        rows=[spread.row(labels[turn]) for turn, spread in spreads.items()],
        notes=[
            *(
                f"With {sockets}: {times['p50']:.2f} times Socket.IO's p50, {times['p99']:.2f} times its p99."
                for sockets, times in ratios.items()
            ),
            f"Target with {rooms[0].sockets}: p99 at most {TARGET_MS:.0f} ms, and at most Socket.IO's.",
            *(
                f"With {room.sockets}: {room.rounds} rounds of {room.commands} commands each."
                for room in rooms
            ),
            "tokensvc commits a transaction and an event; Socket.IO checks and stores nothing.",
            f"tokensvc: {servers.LIVE}, twice",
        ],
        figures={
            "spread": {labels[turn]: asdict(spread) for turn, spread in spreads.items()},
            "ratio": ratios,
            "target_ms": TARGET_MS,
        },
        rounds={labels[turn]: delays for turn, delays in rounds.items()},
    )


def _ratios(spreads: Mapping[Turn, Spread], sockets: int) -> dict[str, float]:
    ours, theirs = (spreads[name, sockets] for name in (OURS, SOCKET_IO))
    return {"p50": ours.p50_ms / theirs.p50_ms, "p99": ours.p99_ms / theirs.p99_ms}
