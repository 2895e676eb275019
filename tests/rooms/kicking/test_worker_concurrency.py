"""Several processes with the same rules, as threads with their own connections; the background thread."""

import logging
import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError, connection

from rooms.kicking import worker
from rooms.models import KickingRule, Member, Room
from rooms.roles import Role
from tests.rooms.kicking.agora_rest import AgoraRest, fails
from tests.rooms.kicking.rules import Clock, by_number, numbers, rules
from tests.waiting import until
from tokensvc.jobs import worker as jobs_worker
from tokensvc.jobs.worker import Worker

TIMEOUT = 10.0


@pytest.fixture
def numbered(transactional_db: None, room: Room, agora: AgoraRest) -> Room:
    if connection.vendor != "postgresql":
        pytest.skip("threads do not share the rows of an in-memory SQLite database")
    return by_number(room, "bob")


@pytest.fixture
def running_worker(numbered: Room) -> Iterator[Worker]:
    started = worker.start()
    assert started is not None
    yield started
    started.stop(TIMEOUT)
    assert not started.is_alive()


def run_in_threads(count: int, work: Callable[[], None]) -> None:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT)
        assert not thread.is_alive()


def test_each_rule_is_placed_once_and_no_more_than_ten_a_second(numbered: Room, agora: AgoraRest) -> None:
    people = [f"u-{number}" for number in range(14)]
    by_number(numbered, *people)
    for user_id in people:
        Member.objects.ban(numbered, user_id, None)
    agora.calls_per_second = 10
    run_in_threads(4, worker.work)
    assert sorted(rule["uid"] for rule in agora.made) == sorted(rules("uid"))
    assert (rules("progress"), agora.refused_by_rate) == (["provider"] * 14, 0)


def test_ban_lifted_while_agora_is_slow_leaves_no_rule(
    numbered: Room, agora: AgoraRest, running_worker: Worker
) -> None:
    agora.open.clear()
    Member.objects.ban(numbered, "bob", None)
    until(lambda: len(agora.calls) == 1)
    Member.objects.appoint(numbered, "bob", Role.PUBLISHER)
    agora.open.set()
    until(lambda: rules("progress") == ["lifted"])
    assert ([call.method for call in agora.calls], agora.rules) == (["POST", "DELETE"], {})


def test_background_thread_places_requested_rules(
    numbered: Room, agora: AgoraRest, running_worker: Worker
) -> None:
    Member.objects.ban(numbered, "bob", None)
    until(lambda: rules("progress") == ["provider"])
    assert agora.blocked == [(numbered.channel, *numbers(numbered, "bob"))]


def test_background_thread_survives_a_database_outage_and_logs_it_once(
    numbered: Room,
    agora: AgoraRest,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    failures = 0

    def away(_rules: object, _now: object) -> None:
        nonlocal failures
        failures += 1
        raise OperationalError("gone")

    monkeypatch.setattr(jobs_worker, "POLL_INTERVAL", 0.02)
    with monkeypatch.context() as outage, caplog.at_level(logging.ERROR, "rooms.kicking.worker"):
        outage.setattr(type(KickingRule.objects.all()), "claim_next", away)
        outage.setattr(type(KickingRule.objects), "claim_next", away)
        thread = worker.start()
        assert thread is not None
        until(lambda: failures >= 3)
    Member.objects.ban(numbered, "bob", None)
    until(lambda: rules("progress") == ["provider"])
    thread.stop(TIMEOUT)
    assert [record.message for record in caplog.records] == ["kicking rules: poll failed"]


def test_every_rule_ends_up_placed_or_failed(numbered: Room, agora: AgoraRest) -> None:
    people = [f"u-{number}" for number in range(5)]
    by_number(numbered, *people)
    for user_id in people:
        Member.objects.ban(numbered, user_id, None)
    agora.faults.extend([fails(500), fails(504, done=True), fails(429), fails(0, done=True), fails(403)])
    clock = Clock()
    while KickingRule.objects.filter(due_at__isnull=False).exists():
        run_in_threads(2, lambda: worker.work(clock))
        clock.skip(400)
    assert sorted(rules("progress")) == ["failed"] + ["provider"] * 4
    placed = KickingRule.objects.filter(progress="provider")
    assert set(placed.values_list("rule_id", flat=True)) == set(agora.rules)
    assert [error for error in rules("error") if error] == ["Agora answered 403."]


def test_nothing_runs_without_the_account() -> None:
    assert worker.start() is None
