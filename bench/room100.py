"""A room of a hundred: everybody joins within a second and asks for seats, a host mutes and unmutes."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from http.client import HTTPConnection
from statistics import median
from time import perf_counter, sleep
from typing import Any

from bench import brokers, servers
from bench.databases import database
from bench.failure import BenchmarkError
from bench.live.guests import entrances
from bench.live.swarm import Swarm, allow_sockets
from bench.live.virtual_user import VirtualUser
from bench.report import Report
from bench.servers import Server
from bench.targets import PROXIED, name_of
from bench.tickets import ticket

PEOPLE = 100
SECONDS = 1.0
SEATS = {"audio": 12, "video": 10}
# Until it is written down that the last meeting's sockets are gone.
_PAUSE = 2.0


@dataclass(frozen=True)
class Size:
    rounds: int
    warm_up: int


FULL = Size(rounds=15, warm_up=2)
SHORT = Size(rounds=2, warm_up=1)


@dataclass(frozen=True)
class Meeting:
    """Milliseconds that the slowest of everybody waited, and from the first knock to the end."""

    join_ms: float
    seat_ms: float
    mute_ms: float
    unmute_ms: float
    total_ms: float


def run(*, short: bool) -> Report:
    """Return how long the slowest waited for what; all must agree with the server at the end."""
    size = SHORT if short else FULL
    allow_sockets(PEOPLE)
    last = size.warm_up + size.rounds
    url = brokers.redis_url()
    with database("room100", last=last) as database_url, servers.live(database_url, url) as processes:
        meetings = [_meet(processes, room) for room in range(1, last + 1)]
    return _report(meetings[size.warm_up :])


def _meet(processes: Sequence[Server], room: int) -> Meeting:
    with Swarm[VirtualUser]() as swarm:
        started = perf_counter()
        for number, enter in enumerate(entrances(VirtualUser, processes, room, PEOPLE)):
            swarm.rest(started + SECONDS * number / PEOPLE - perf_counter())
            swarm.add(enter())
        swarm.until(lambda: all(guest.is_answered for guest in swarm.guests))
        mute, unmute = (swarm.mute_everyone(on=on) * 1000 for on in (True, False))
        total = (perf_counter() - started) * 1000
        _check(swarm.guests, processes[0], room)
    sleep(_PAUSE)
    return Meeting(
        join_ms=max(guest.join_ms for guest in swarm.guests),
        seat_ms=max(guest.seat_ms for guest in swarm.guests),
        mute_ms=mute,
        unmute_ms=unmute,
        total_ms=total,
    )


def _check(guests: Sequence[VirtualUser], server: Server, room: int) -> None:
    """Raise `BenchmarkError` unless the seats were all given, none twice, and everybody knows the same."""
    granted = Counter(medium for guest in guests for medium in guest.seats())
    if granted != SEATS:
        raise BenchmarkError(f"{dict(granted)} seats were granted instead of {SEATS}")
    right = _document(server, name_of("room", room))
    if wrong := sum(guest.document() != right for guest in guests):
        raise BenchmarkError(f"{wrong} clients know the room as something else than it is")


def _document(server: Server, room_id: str) -> Any:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"Authorization": f"Ticket {ticket(room_id, 'user-0', 'host')}", **PROXIED}
    connection.request("GET", f"/api/v1/rooms/{room_id}/moderation/", headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise BenchmarkError(f"the room document has status {answer.status}: {body[:300]!r}")
    return json.loads(body)


def _report(meetings: Sequence[Meeting]) -> Report:
    rounds = {field.name: [getattr(one, field.name) for one in meetings] for field in fields(Meeting)}
    medians = Meeting(**{name: median(taken) for name, taken in rounds.items()})
    worst = Meeting(**{name: max(taken) for name, taken in rounds.items()})
    return Report(
        title=f"room of {PEOPLE}: how long the slowest waited, in milliseconds",
        columns=("", "join", "seat answer", "mute", "unmute", "in all"),
        rows=[_row("median", medians), _row("worst", worst)],
        notes=[
            f"Everybody joins within {SECONDS:.0f} s, by two processes, and asks for audio and video seats.",
            f"{SEATS['audio']} and {SEATS['video']} are granted; in the end all know what the server knows.",
            f"{len(meetings)} rounds, a new room in each.",
            f"tokensvc: {servers.LIVE}, twice",
        ],
        figures={"median": asdict(medians), "worst": asdict(worst)},
        rounds=rounds,
    )


def _row(label: str, meeting: Meeting) -> tuple[str, ...]:
    return label, *(f"{value:.1f}" for value in asdict(meeting).values())
