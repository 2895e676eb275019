"""Idle sockets: memory and CPU of two thousand sockets in forty rooms, compared with Socket.IO."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain

from bench import brokers, servers
from bench.databases import backends, database
from bench.live import footprint
from bench.live.swarm import Swarm, allow_sockets
from bench.live.virtual_users import SocketIoUser, TokensvcUser, VirtualUser, connectors
from bench.report import Report
from bench.servers import Server

OURS, SOCKET_IO = "tokensvc", "Socket.IO + Redis adapter"
PEOPLE = 50


@dataclass(frozen=True)
class Size:
    """`seconds` is the time measured; `pause`, the seconds to wait for the work that joins cause."""

    rooms: int
    seconds: int
    pause: int


# Five heartbeats of tokensvc, three of Socket.IO.
FULL = Size(rooms=40, seconds=75, pause=5)
SHORT = Size(rooms=3, seconds=2, pause=1)


@dataclass(frozen=True)
class IdleCost:
    """Memory per socket, and the CPU of all sockets and of PostgreSQL in percent of a core."""

    kib_per_socket: float
    cpu_percent: float
    database_percent: float

    def row(self, label: str) -> tuple[str, ...]:
        return label, f"{self.kib_per_socket:.1f}", f"{self.cpu_percent:.2f}", f"{self.database_percent:.2f}"


def run(*, short: bool) -> Report:
    """Measure both contestants, one after the other."""
    size = SHORT if short else FULL
    allow_sockets(size.rooms * PEOPLE)
    url = brokers.redis_url()
    with database("idle", last=size.rooms) as database_url, servers.live(database_url, url) as processes:
        ours = _measure(TokensvcUser, processes, size, partial(backends, database_url))
    with servers.socket_io(url) as processes:
        theirs = _measure(SocketIoUser, processes, size, list)
    return _report({OURS: ours, SOCKET_IO: theirs}, size)


def _measure(
    kind: type[VirtualUser], processes: Sequence[Server], size: Size, database: Callable[[], Iterable[int]]
) -> IdleCost:
    groups = [process.group for process in processes]
    with Swarm[VirtualUser]() as swarm:
        # The first room causes one-time costs such as imports and connections.
        _fill(swarm, kind, processes, [1])
        swarm.listen_for(size.pause)
        before = footprint.of_groups(groups)
        _fill(swarm, kind, processes, range(2, size.rooms + 1))
        swarm.listen_for(size.pause)
        start, database_start = footprint.of_groups(groups), footprint.of_processes(database())
        swarm.listen_for(size.seconds)
        end, database_end = footprint.of_groups(groups), footprint.of_processes(database())
    return IdleCost(
        kib_per_socket=(start.memory - before.memory) / 1024 / (size.rooms - 1) / PEOPLE,
        cpu_percent=(end.cpu - start.cpu) / size.seconds * 100,
        database_percent=(database_end.cpu - database_start.cpu) / size.seconds * 100,
    )


def _fill(
    swarm: Swarm[VirtualUser], kind: type[VirtualUser], processes: Sequence[Server], rooms: Iterable[int]
) -> None:
    swarm.join_all(chain.from_iterable(connectors(kind, processes, room, PEOPLE) for room in rooms))


def _report(costs: dict[str, IdleCost], size: Size) -> Report:
    return Report(
        title=f"idle: {size.rooms * PEOPLE:,} sockets in {size.rooms} rooms, in two processes",
        columns=("", "KiB per socket", "CPU % of a core", "PostgreSQL CPU %"),
        rows=[cost.row(name) for name, cost in costs.items()],
        notes=[
            "Memory is the PSS of all processes with all rooms, less that with the first room.",
            f"CPU is measured over {size.seconds} s and includes heartbeats and pings.",
            f"tokensvc: {servers.LIVE}, twice",
        ],
        figures={name: asdict(cost) for name, cost in costs.items()},
        rounds={},
    )
