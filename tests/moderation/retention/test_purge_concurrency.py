"""Concurrent purges, also during acts: on PostgreSQL, which has row locks."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import connection
from psycopg2 import connect

from moderation import actions
from moderation.models import Notice, RoomState, Webhook
from moderation.retention.purge import purge
from rooms.models import Member, Room
from rooms.roles import Role
from tests.moderation.concurrency import at_once, races
from tests.moderation.retention.test_purge import HOUR, NOTHING
from tests.running_room import BACKEND, NOON, after, context

TIMEOUT = 10.0
_WAITING = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def purge_all() -> dict[str, int]:
    return purge(after(3600), HOUR)


def crowded(count: int) -> list[Room]:
    """Ended rooms with two members each; every second one was live."""
    rooms = Room.objects.bulk_create(Room(ended_at=NOON) for _ in range(count))
    RoomState.objects.bulk_create(RoomState.of(room) for room in rooms[::2])
    users = ("alice", "bob")
    Member.objects.bulk_create(
        Member(room=room, user_id=user, role=Role.HOST) for room in rooms for user in users
    )
    return rooms


@pytest.fixture
def another() -> Iterator[Any]:
    """A cursor of a connection of its own, in a transaction."""
    parameters = {**connection.get_connection_params(), "cursor_factory": None}
    with closing(connect(**parameters)) as other, other.cursor() as cursor:
        yield cursor
        other.rollback()


@races
def test_what_several_forget_adds_up(db: None) -> None:
    crowded(1400)
    answers = at_once(purge_all, purge_all, purge_all)
    total: Counter[str] = Counter()
    for answer in answers:
        total.update(answer)
    assert total == NOTHING | {"forgotten": 1400, "members": 2800}
    assert not Room.objects.exists()


@races
def test_rooms_whose_time_is_over_are_ended_once(db: None) -> None:
    Room.objects.bulk_create(Room(ends_at=after(3000)) for _ in range(20))
    answers = at_once(purge_all, purge_all)
    assert sum(answer["ended"] for answer in answers) == 20
    assert set(Room.objects.values_list("ended_at", "version", "events__action")) == {(after(3000), 2, "end")}


@races
def test_acts_go_on_meanwhile(db: None) -> None:
    rooms, going_on = crowded(600), Room.objects.create()

    def act() -> list[Any]:
        codes = []
        for number, room in enumerate(rooms[::39]):
            wanted = {"mute_everyone": number % 2 == 0}
            actions.set_room(context(going_on, BACKEND, after(3600)), wanted)
            codes += at_once(
                partial(Member.objects.ban, room, "bob", None), partial(actions.end, context(room))
            )
        return codes

    first, second, codes = at_once(purge_all, purge_all, act)
    assert first["forgotten"] + second["forgotten"] + purge_all()["forgotten"] == 600
    assert going_on.events.count() == 16
    assert {code for code in codes if isinstance(code, str)} <= {"room_not_found"}


@races
@pytest.mark.parametrize(
    ("table", "key"),
    [("moderation_roomstate", "room_id"), ("moderation_webhook", "room_id"), ("rooms_room", "id")],
)
def test_room_that_somebody_holds_is_left_for_the_next_time(
    db: None, table: str, key: str, another: Any
) -> None:
    held, _ = crowded(2)
    Webhook.objects.create(room_id=held.pk, type=Notice.PARTICIPANT_LEFT, payload="{}")
    another.execute(f'SELECT * FROM "{table}" WHERE {key} = %s FOR UPDATE', [held.pk])  # noqa: S608
    assert purge_all() == NOTHING | {"forgotten": 1, "members": 2}
    assert list(Room.objects.values_list("pk", flat=True)) == [held.pk]
    another.connection.rollback()
    assert purge_all() == NOTHING | {"forgotten": 1, "members": 2, "webhooks": 1}


@races
def test_nothing_is_half_forgotten_when_it_is_killed_in_the_midst(db: None, another: Any) -> None:
    crowded(3)
    with purging(another) as (process, answers), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
    assert "closed the connection" in answers[0]
    assert (Room.objects.count(), RoomState.objects.count(), Member.objects.count()) == (3, 2, 6)
    assert purge_all() == NOTHING | {"forgotten": 3, "members": 6}


@races
def test_act_that_waits_for_a_room_finds_it_forgotten(db: None, another: Any) -> None:
    was_live, was_not = crowded(2)
    acts: list[Callable[[], Any]] = [partial(actions.read, room.pk, NOON) for room in (was_live, was_not)]
    acts += [partial(Member.objects.ban, room, "bob", None) for room in (was_live, was_not)]
    acting = Thread(target=lambda: codes.extend(at_once(*acts)))
    codes: list[Any] = []
    with purging(another) as (_, answers):
        acting.start()
        processes_that_wait(1 + len(acts))
    acting.join(TIMEOUT)
    assert codes == ["room_not_found"] * 4
    assert answers == [NOTHING | {"forgotten": 2, "members": 4}]


@contextmanager
def purging(another: Any) -> Iterator[tuple[int, list[Any]]]:
    """Purge, blocked in the middle of a batch until the block is left; yields the waiting process too."""
    another.execute("SELECT * FROM rooms_member WHERE id = %s FOR UPDATE", [Member.objects.latest("pk").pk])
    answers: list[Any] = []
    thread = Thread(target=lambda: answers.extend(at_once(purge_all)))
    thread.start()
    try:
        yield processes_that_wait(1)[0], answers
    finally:
        another.connection.rollback()
        thread.join(TIMEOUT)


def processes_that_wait(count: int) -> list[int]:
    """Return this many database processes that wait for a lock."""
    deadline = monotonic() + TIMEOUT
    while monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(_WAITING)
            processes = [process for (process,) in cursor.fetchall()]
        if len(processes) == count:
            return processes
        sleep(0.01)
    raise AssertionError(f"{len(processes)} processes wait, not {count}")
