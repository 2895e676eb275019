"""`manage.py deliver_webhooks`. What its threads do at once is tested with the dispatcher."""

import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from moderation import presence
from moderation.models import LEASE, LiveProcess, ParticipantState, Webhook
from rooms.callers import TicketHolder
from rooms.models import Room
from rooms.roles import Role
from tests.moderation.webhooks.app_backend import SECRET, AppBackend
from tests.moderation.webhooks.outbox import put, waiting
from tests.rooms.management.commands import failure_of, output_of, report_of, table
from tests.serving import serving
from tests.threads import closed_connections

# The delivery thread has a connection of its own.
pytestmark = pytest.mark.django_db(transaction=True)
ONE = ("--concurrency", "1")


@pytest.fixture(autouse=True)
def _closed_connections(transactional_db: None) -> Iterator[None]:
    with closed_connections():
        yield


@pytest.fixture
def backend(settings: Any) -> Iterator[AppBackend]:
    with serving(AppBackend()) as backend:
        settings.WEBHOOK_URL, settings.WEBHOOK_SECRET = backend.url, SECRET
        yield backend


def test_due_notices_are_delivered_and_reported(backend: AppBackend) -> None:
    backend.decide = lambda notice: 500 if notice["data"]["number"] == 1 else 200
    put("room", 0, 1, 2)
    put("other", 0)
    assert report_of("deliver_webhooks", "--once", *ONE) == {"delivered": 2, "failed": 1, "waiting": 2}
    assert backend.by_room() == {"room": [0], "other": [0]}
    assert waiting("room") == [(1, 1, "HTTP 500"), (2, 0, "")]


def test_report_is_a_table(backend: AppBackend) -> None:
    put("room", 0)
    expected = table({"delivered": 1, "failed": 0, "waiting": 0})
    assert output_of("deliver_webhooks", "--once", *ONE) == expected


def test_empty_outbox_is_reported(backend: AppBackend) -> None:
    assert report_of("deliver_webhooks", "--once") == {"delivered": 0, "failed": 0, "waiting": 0}


def test_last_participant_to_leave_is_noticed_without_a_live_process(backend: AppBackend, room: Room) -> None:
    now = timezone.now()
    LiveProcess.objects.renew("process", now)
    bob = TicketHolder("bob", room.id, Role.PUBLISHER, "Bob")
    presence.join(bob, "socket", "process", now - 2 * LEASE)
    presence.disconnect(room.id, ["socket"], now - 2 * LEASE)
    report_of("deliver_webhooks", "--once", *ONE)
    told = [
        (notice["type"], notice["data"].get("reason")) for notice in (call.said for call in backend.taken)
    ]
    assert told == [("participant.joined", None), ("participant.left", "left")]
    assert not ParticipantState.objects.present().exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_it_after_the_deliveries_under_way(backend: AppBackend, number: signal.Signals) -> None:
    under_way = threading.Event()

    def stop_and_take(_notice: object) -> int:
        under_way.set()
        os.kill(os.getpid(), number)
        threading.Event().wait(0.3)
        return 200

    backend.decide = stop_and_take
    put("room", 0, 1)
    before = signal.getsignal(number)
    assert report_of("deliver_webhooks", *ONE)["delivered"] >= 1
    assert under_way.is_set()
    assert len(backend.taken) + Webhook.objects.count() == 2
    assert signal.getsignal(number) is before


def test_without_an_endpoint_the_command_fails(db: None, settings: Any) -> None:
    settings.WEBHOOK_URL = settings.WEBHOOK_SECRET = ""
    assert failure_of("deliver_webhooks") == (
        "There is no endpoint to deliver to: set WEBHOOK_URL and WEBHOOK_SECRET."
    )


def test_unusable_url_is_refused_and_not_shown(db: None, settings: Any) -> None:
    settings.WEBHOOK_URL, settings.WEBHOOK_SECRET = "https://me:password@app.example:port/", SECRET
    assert failure_of("deliver_webhooks") == "WEBHOOK_URL cannot be used."


@pytest.mark.parametrize("concurrency", ["0", "-1", "many"])
def test_concurrency_is_a_positive_number(backend: AppBackend, concurrency: str) -> None:
    assert "concurrency" in failure_of("deliver_webhooks", "--concurrency", concurrency)
