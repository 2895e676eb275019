"""Threads and processes that deliver at the same time, each with connections of its own.

They need PostgreSQL: in SQLite's memory, where tests keep their rows, writers do not wait for each other.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Event, Thread

import pytest
from django.db import OperationalError, connection, transaction

from moderation.models import Webhook
from moderation.webhooks.delivery import DeliveryCounts
from moderation.webhooks.dispatcher import Dispatcher
from moderation.webhooks.endpoint import Endpoint
from tests.moderation.webhooks.app_backend import SECRET, AppBackend, running
from tests.moderation.webhooks.outbox import make_due, put

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs writers that wait for each other"),
]


@pytest.fixture
def backend() -> Iterator[AppBackend]:
    with running(AppBackend()) as backend:
        yield backend


@pytest.fixture
def receiver(backend: AppBackend) -> Iterator[Endpoint]:
    with Endpoint(backend.url, SECRET, timeout=3) as receiver:
        yield receiver


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def empty() -> bool:
    return not Webhook.objects.exists()


def deliver_all(url: str, tallies: list[DeliveryCounts]) -> None:
    """As a process of its own would."""
    deadline = time.monotonic() + 20
    try:
        with Endpoint(url, SECRET, timeout=3) as receiver, Dispatcher(receiver, 4) as dispatcher:
            dispatcher.run_until(lambda: empty() or time.monotonic() > deadline)
    finally:
        connection.close()
    tallies.append(dispatcher.counts)


def test_crews_deliver_everything_once_and_in_order(backend: AppBackend) -> None:
    rooms, each = 15, 4
    for number in range(each):
        for room in range(rooms):
            put(f"room-{room:02}", number)
    tallies: list[DeliveryCounts] = []
    crews = [Thread(target=deliver_all, args=[backend.url, tallies]) for _ in range(3)]
    for dispatcher in crews:
        dispatcher.start()
    for dispatcher in crews:
        dispatcher.join(30)
    assert empty()
    assert len(backend.calls) == rooms * each
    assert backend.by_room() == {f"room-{room:02}": list(range(each)) for room in range(rooms)}
    assert sum(tally.delivered for tally in tallies) == rooms * each
    assert sum(tally.failed for tally in tallies) == 0


def test_room_that_is_slow_does_not_stop_the_others(backend: AppBackend, receiver: Endpoint) -> None:
    over = Event()

    def decide(notice: dict[str, dict[str, dict[str, str]]]) -> int:
        if notice["data"]["room"]["id"] == "slow":
            over.wait(3)
        return 200

    backend.decide = decide
    put("slow", 1, 2)
    with Dispatcher(receiver, 2) as dispatcher:
        worker = Thread(target=dispatcher.run_until, args=[over.is_set])
        worker.start()
        for number in range(5):
            put("quick", number)
        until(lambda: backend.by_room().get("quick") == [0, 1, 2, 3, 4])
        put("later", 1)
        until(lambda: "later" in backend.by_room())
        assert "slow" not in backend.by_room()
        over.set()
        worker.join(10)
    # What was under way was finished.
    assert backend.by_room()["slow"][:1] == [1]
    assert Webhook.objects.count() == 8 - dispatcher.counts.delivered == 2 - len(backend.by_room()["slow"])


def test_room_with_much_to_tell_is_delivered_to_its_end(backend: AppBackend, receiver: Endpoint) -> None:
    put("room", *range(40))
    with Dispatcher(receiver, 4) as dispatcher:
        dispatcher.run_until_idle()
    assert backend.by_room() == {"room": list(range(40))}
    assert (empty(), dispatcher.counts) == (True, DeliveryCounts(delivered=40))


def test_notice_is_sent_outside_any_transaction(backend: AppBackend, receiver: Endpoint) -> None:
    """While the receiver takes its time, others may write the row: it is not locked."""

    def lock_and_take(_notice: object) -> int:
        with closing(connection), transaction.atomic():
            return 200 if Webhook.objects.select_for_update(nowait=True).get().claimed_until else 500

    backend.decide = lock_and_take
    put("room", 1)
    with Dispatcher(receiver, 1) as dispatcher:
        dispatcher.run_until_idle()
    assert dispatcher.counts == DeliveryCounts(delivered=1)


def test_working_off_leaves_what_is_not_due(backend: AppBackend, receiver: Endpoint) -> None:
    backend.decide = lambda notice: 500 if notice["data"]["number"] == 1 else 200
    put("room", 0, 1, 2)
    put("other", 0)
    with Dispatcher(receiver, 4) as dispatcher:
        dispatcher.run_until_idle()
    assert dispatcher.counts == DeliveryCounts(delivered=2, failed=1)
    assert Webhook.objects.count() == 2
    make_due()
    backend.decide = lambda _: 200
    with Dispatcher(receiver, 4) as dispatcher:
        dispatcher.run_until_idle()
    assert backend.by_room() == {"room": [0, 1, 2], "other": [0]}


def test_outage_of_the_database_is_survived_and_logged_once(
    backend: AppBackend, receiver: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    looks = [0]

    def fail(execute: Callable[..., object], sql: str, *rest: object) -> object:
        looks[0] += 1
        if looks[0] <= 3:
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, *rest)

    put("room", 1, 2)
    with (
        caplog.at_level(logging.ERROR, "moderation.webhooks.dispatcher"),
        Dispatcher(receiver, 2) as dispatcher,
        connection.execute_wrapper(fail),
    ):
        dispatcher.run_until(lambda: len(backend.taken) == 2)
    assert backend.by_room() == {"room": [1, 2]}
    assert [record.message for record in caplog.records] == ["the outbox cannot be polled"]


def cut_off_the_others() -> None:
    """As a restart of the database does with all connections but this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_connections_that_the_database_closed_are_replaced(backend: AppBackend, receiver: Endpoint) -> None:
    with Dispatcher(receiver, 2) as dispatcher:
        put("room", 1)
        dispatcher.run_until(empty)
        cut_off_the_others()
        put("room", 2)
        put("other", 1)
        dispatcher.run_until(empty)
    assert backend.by_room() == {"room": [1, 2], "other": [1]}


def test_database_lost_while_sending_means_sending_again_with_the_same_id(
    backend: AppBackend, receiver: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    def take_and_cut_off(_notice: object) -> int:
        cut_off_the_others()
        connection.close()
        return 200

    backend.decide = take_and_cut_off
    put("room", 1)
    with (
        caplog.at_level(logging.ERROR, "moderation.webhooks.dispatcher"),
        Dispatcher(receiver, 1) as dispatcher,
    ):
        dispatcher.run_until_idle()
    assert dispatcher.counts == DeliveryCounts()
    assert [record.message for record in caplog.records] == ["the webhooks of a room cannot be delivered"]
    backend.decide = lambda _: 200
    make_due()
    with Dispatcher(receiver, 1) as dispatcher:
        dispatcher.run_until_idle()
    assert (empty(), dispatcher.counts) == (True, DeliveryCounts(delivered=1))
    assert [call.said["data"]["number"] for call in backend.taken] == [1, 1]
    assert len({call.id for call in backend.taken}) == 1
