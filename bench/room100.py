"""A room of 100: all users join within a second and request seats, then a host mutes and unmutes."""

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
from bench.live.recording_user import RecordingUser
from bench.live.swarm import Swarm, allow_sockets
from bench.live.virtual_users import connectors
from bench.report import Report
from bench.servers import Server
from bench.targets import PROXIED, name_of
from bench.tickets import ticket

PEOPLE = 100
SECONDS = 1.0
SEATS = {"audio": 12, "video": 10}
# Time to record that the sockets of the last meeting are closed.
_PAUSE = 2.0


@dataclass(frozen=True)
class Size:
    rounds: int
    warm_up: int


FULL = Size(rounds=15, warm_up=2)
SHORT = Size(rounds=2, warm_up=1)


@dataclass(frozen=True)
class Meeting:
    """Waiting times of the slowest user, and the total duration, in milliseconds."""

    join_ms: float
    seat_ms: float
    mute_ms: float
    unmute_ms: float
    total_ms: float


def run(*, short: bool) -> Report:
    """Return the waiting times of the slowest user; at the end, all users must agree with the server."""
    size = SHORT if short else FULL
    allow_sockets(PEOPLE)
    last = size.warm_up + size.rounds
    url = brokers.redis_url()
    with database("room100", last=last) as database_url, servers.live(database_url, url) as processes:
        meetings = [_meet(processes, room) for room in range(1, last + 1)]
    return _report(meetings[size.warm_up :])


def _meet(processes: Sequence[Server], room: int) -> Meeting:
    with Swarm[RecordingUser]() as swarm:
        started = perf_counter()
        for number, connect in enumerate(connectors(RecordingUser, processes, room, PEOPLE)):
            swarm.listen_for(started + SECONDS * number / PEOPLE - perf_counter())
            swarm.add(connect())
        swarm.until(lambda: all(user.has_replies for user in swarm.users))
        mute, unmute = (swarm.mute_everyone(on=on) * 1000 for on in (True, False))
        total = (perf_counter() - started) * 1000
        _check(swarm.users, processes[0], room)
    sleep(_PAUSE)
    return Meeting(
        join_ms=max(user.join_ms for user in swarm.users),
        seat_ms=max(user.seat_ms for user in swarm.users),
        mute_ms=mute,
        unmute_ms=unmute,
        total_ms=total,
    )


def _check(users: Sequence[RecordingUser], server: Server, room: int) -> None:
    """Raise `BenchmarkError` unless all seats are granted and all users have the server's document."""
    granted = Counter(medium for user in users for medium in user.seats())
    if granted != SEATS:
        raise BenchmarkError(f"{dict(granted)} seats were granted instead of {SEATS}")
    expected = _document(server, name_of("room", room))
    if wrong := sum(user.document() != expected for user in users):
        raise BenchmarkError(f"the documents of {wrong} clients differ from the server's")


def _document(server: Server, room_id: str) -> Any:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"Authorization": f"Ticket {ticket(room_id, 'user-0', 'host')}", **PROXIED}
    connection.request("GET", f"/api/v1/rooms/{room_id}/moderation/", headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != 200:
        raise BenchmarkError(f"the room document has status {response.status}: {body[:300]!r}")
    return json.loads(body)


def _report(meetings: Sequence[Meeting]) -> Report:
    rounds = {field.name: [getattr(one, field.name) for one in meetings] for field in fields(Meeting)}
    medians = Meeting(**{name: median(taken) for name, taken in rounds.items()})
    worst = Meeting(**{name: max(taken) for name, taken in rounds.items()})
    return Report(
        title=f"room of {PEOPLE}: waiting times of the slowest user, in milliseconds",
        columns=("", "join", "seat reply", "mute", "unmute", "total"),
        rows=[_row("median", medians), _row("worst", worst)],
        notes=[
            f"All users join within {SECONDS:.0f} s, over two processes, and request audio and video seats.",
            f"{SEATS['audio']} and {SEATS['video']} are granted; all clients end with the server's document.",
            f"{len(meetings)} rounds, a new room in each.",
            f"tokensvc: {servers.LIVE}, twice",
        ],
        figures={"median": asdict(medians), "worst": asdict(worst)},
        rounds=rounds,
    )


def _row(label: str, meeting: Meeting) -> tuple[str, ...]:
    return label, *(f"{value:.1f}" for value in asdict(meeting).values())
