"""Idle sockets: what two thousand people in forty rooms cost while nothing happens, against Socket.IO."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain

from bench import brokers, servers
from bench.databases import backends, database
from bench.live import footprint
from bench.live.guests import Guest, Ours, Theirs, entrances
from bench.live.swarm import Swarm, allow_sockets
from bench.report import Report
from bench.servers import Server

OURS, SOCKET_IO = "tokensvc", "Socket.IO + Redis adapter"
PEOPLE = 50


@dataclass(frozen=True)
class Size:
    """`release_forbidden_seats` are the seconds until what joining has left to do is done."""

    rooms: int
    seconds: int
    release_forbidden_seats: int


# The seconds are five of our heartbeats, three of Socket.IO's.
FULL = Size(rooms=40, seconds=75, release_forbidden_seats=5)
SHORT = Size(rooms=3, seconds=2, release_forbidden_seats=1)


@dataclass(frozen=True)
class Rest:
    """Memory for one socket; CPU for all of them, in percent of a core, and what PostgreSQL takes."""

    kib_a_socket: float
    cpu_percent: float
    database_percent: float

    def row(self, label: str) -> tuple[str, ...]:
        return label, f"{self.kib_a_socket:.1f}", f"{self.cpu_percent:.2f}", f"{self.database_percent:.2f}"


def run(*, short: bool) -> Report:
    """Return memory and CPU of both, one after the other."""
    size = SHORT if short else FULL
    allow_sockets(size.rooms * PEOPLE)
    url = brokers.redis_url()
    with database("idle", last=size.rooms) as database_url, servers.live(database_url, url) as processes:
        ours = _at_rest(Ours, processes, size, partial(backends, database_url))
    with servers.socket_io(url) as processes:
        theirs = _at_rest(Theirs, processes, size, list)
    return _report({OURS: ours, SOCKET_IO: theirs}, size)


def _at_rest(
    kind: type[Guest], processes: Sequence[Server], size: Size, database: Callable[[], Iterable[int]]
) -> Rest:
    groups = [process.group for process in processes]
    with Swarm[Guest]() as swarm:
        # The first room pays for what is loaded and opened once.
        _fill(swarm, kind, processes, [1])
        swarm.rest(size.release_forbidden_seats)
        before = footprint.of_groups(groups)
        _fill(swarm, kind, processes, range(2, size.rooms + 1))
        swarm.rest(size.release_forbidden_seats)
        start, database_start = footprint.of_groups(groups), footprint.of_processes(database())
        swarm.rest(size.seconds)
        end, database_end = footprint.of_groups(groups), footprint.of_processes(database())
    return Rest(
        kib_a_socket=(start.memory - before.memory) / 1024 / (size.rooms - 1) / PEOPLE,
        cpu_percent=(end.cpu - start.cpu) / size.seconds * 100,
        database_percent=(database_end.cpu - database_start.cpu) / size.seconds * 100,
    )


def _fill(swarm: Swarm[Guest], kind: type[Guest], processes: Sequence[Server], rooms: Iterable[int]) -> None:
    swarm.gather(chain.from_iterable(entrances(kind, processes, room, PEOPLE) for room in rooms))


def _report(rests: dict[str, Rest], size: Size) -> Report:
    return Report(
        title=f"idle: {size.rooms * PEOPLE:,} sockets in {size.rooms} rooms, in two processes",
        columns=("", "KiB a socket", "CPU % of a core", "PostgreSQL's"),
        rows=[rest.row(name) for name, rest in rests.items()],
        notes=[
            "Memory is all processes' (PSS), once everybody is in, less what it was with the first room.",
            f"CPU is over {size.seconds} s, with the heartbeats and pings of both.",
            f"tokensvc: {servers.LIVE}, twice",
        ],
        figures={name: asdict(rest) for name, rest in rests.items()},
        rounds={},
    )
