"""Threads and processes that deliver at the same time, each with its own connections.

They need PostgreSQL: writers to an in-memory SQLite database do not wait for each other.
"""

import logging
import time
from collections.abc import Callable
from contextlib import closing
from threading import Event, Thread

import pytest
from django.db import OperationalError, connection, transaction

from moderation.models import Webhook
from moderation.webhooks.delivery import DeliveryCounts
from moderation.webhooks.dispatcher import Dispatcher
from moderation.webhooks.endpoint import Endpoint
from tests.moderation.webhooks.app_backend import SECRET, AppBackend
from tests.moderation.webhooks.outbox import make_due, put
from tests.waiting import until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs writers that wait for each other"),
]


def empty() -> bool:
    return not Webhook.objects.exists()


def deliver_all(url: str, counts: list[DeliveryCounts]) -> None:
    """Run a dispatcher as a process of its own would."""
    deadline = time.monotonic() + 20
    try:
        with Endpoint(url, SECRET, timeout=20) as endpoint, Dispatcher(endpoint, 4) as dispatcher:
            dispatcher.run_until(lambda: empty() or time.monotonic() > deadline)
    finally:
        connection.close()
    counts.append(dispatcher.counts)


def test_dispatchers_deliver_everything_once_and_in_order(app_backend: AppBackend) -> None:
    rooms, each = 15, 4
    for number in range(each):
        for room in range(rooms):
            put(f"room-{room:02}", number)
    counts: list[DeliveryCounts] = []
    dispatchers = [Thread(target=deliver_all, args=[app_backend.url, counts]) for _ in range(3)]
    for dispatcher in dispatchers:
        dispatcher.start()
    for dispatcher in dispatchers:
        dispatcher.join(30)
    assert empty()
    assert len(app_backend.calls) == rooms * each
    assert app_backend.by_room() == {f"room-{room:02}": list(range(each)) for room in range(rooms)}
    assert sum(each.delivered for each in counts) == rooms * each
    assert sum(each.failed for each in counts) == 0


def test_slow_room_does_not_delay_the_others(app_backend: AppBackend, endpoint: Endpoint) -> None:
    over = Event()

    def decide(notice: dict[str, dict[str, dict[str, str]]]) -> int:
        if notice["data"]["room"]["id"] == "slow":
            over.wait(15)
        return 200

    app_backend.decide = decide
    put("slow", 1, 2)
    with Dispatcher(endpoint, 2) as dispatcher:
        worker = Thread(target=dispatcher.run_until, args=[over.is_set])
        worker.start()
        for number in range(5):
            put("quick", number)
        until(lambda: app_backend.by_room().get("quick") == [0, 1, 2, 3, 4])
        put("later", 1)
        until(lambda: "later" in app_backend.by_room())
        assert "slow" not in app_backend.by_room()
        over.set()
        worker.join(10)
    # The delivery under way was finished.
    assert app_backend.by_room()["slow"][:1] == [1]
    assert (
        Webhook.objects.count() == 8 - dispatcher.counts.delivered == 2 - len(app_backend.by_room()["slow"])
    )


def test_room_with_many_notices_is_delivered_completely(app_backend: AppBackend, endpoint: Endpoint) -> None:
    put("room", *range(40))
    with Dispatcher(endpoint, 4) as dispatcher:
        dispatcher.run_until_idle()
    assert app_backend.by_room() == {"room": list(range(40))}
    assert (empty(), dispatcher.counts) == (True, DeliveryCounts(delivered=40))


def test_notice_is_sent_outside_any_transaction(app_backend: AppBackend, endpoint: Endpoint) -> None:
    """The row is not locked while the endpoint answers."""

    def lock_and_take(_notice: object) -> int:
        with closing(connection), transaction.atomic():
            return 200 if Webhook.objects.select_for_update(nowait=True).get().claimed_until else 500

    app_backend.decide = lock_and_take
    put("room", 1)
    with Dispatcher(endpoint, 1) as dispatcher:
        dispatcher.run_until_idle()
    assert dispatcher.counts == DeliveryCounts(delivered=1)


def test_run_until_idle_leaves_notices_that_are_not_due(app_backend: AppBackend, endpoint: Endpoint) -> None:
    app_backend.decide = lambda notice: 500 if notice["data"]["number"] == 1 else 200
    put("room", 0, 1, 2)
    put("other", 0)
    with Dispatcher(endpoint, 4) as dispatcher:
        dispatcher.run_until_idle()
    assert dispatcher.counts == DeliveryCounts(delivered=2, failed=1)
    assert Webhook.objects.count() == 2
    make_due()
    app_backend.decide = lambda _: 200
    with Dispatcher(endpoint, 4) as dispatcher:
        dispatcher.run_until_idle()
    assert app_backend.by_room() == {"room": [0, 1, 2], "other": [0]}


def test_database_outage_is_logged_once_and_delivery_goes_on(
    app_backend: AppBackend, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    polls = 0

    def fail(execute: Callable[..., object], sql: str, *rest: object) -> object:
        nonlocal polls
        polls += 1
        if polls <= 3:
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, *rest)

    put("room", 1, 2)
    with (
        caplog.at_level(logging.ERROR, "moderation.webhooks.dispatcher"),
        Dispatcher(endpoint, 2) as dispatcher,
        connection.execute_wrapper(fail),
    ):
        dispatcher.run_until(lambda: len(app_backend.taken) == 2)
    assert app_backend.by_room() == {"room": [1, 2]}
    assert [record.message for record in caplog.records] == ["the outbox cannot be polled"]


def cut_off_the_others() -> None:
    """Close all connections but this one, as a restart of the database does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_connections_closed_by_the_database_are_replaced(app_backend: AppBackend, endpoint: Endpoint) -> None:
    with Dispatcher(endpoint, 2) as dispatcher:
        put("room", 1)
        dispatcher.run_until(empty)
        cut_off_the_others()
        put("room", 2)
        put("other", 1)
        dispatcher.run_until(empty)
    assert app_backend.by_room() == {"room": [1, 2], "other": [1]}


def test_notice_is_sent_again_with_the_same_id_when_the_database_was_lost(
    app_backend: AppBackend, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    def take_and_cut_off(_notice: object) -> int:
        cut_off_the_others()
        connection.close()
        return 200

    app_backend.decide = take_and_cut_off
    put("room", 1)
    with (
        caplog.at_level(logging.ERROR, "moderation.webhooks.dispatcher"),
        Dispatcher(endpoint, 1) as dispatcher,
    ):
        dispatcher.run_until_idle()
    assert dispatcher.counts == DeliveryCounts()
    assert [record.message for record in caplog.records] == ["the webhooks of a room cannot be delivered"]
    app_backend.decide = lambda _: 200
    make_due()
    with Dispatcher(endpoint, 1) as dispatcher:
        dispatcher.run_until_idle()
    assert (empty(), dispatcher.counts) == (True, DeliveryCounts(delivered=1))
    assert [call.said["data"]["number"] for call in app_backend.taken] == [1, 1]
    assert len({call.id for call in app_backend.taken}) == 1
