"""Delivering the outbox: in order per room, until the endpoint accepts."""

import json
import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from moderation.models import Webhook
from moderation.models.webhook import QUEUED_PAUSE
from moderation.webhooks.delivery import BACKOFF, DeliveryCounts, deliver, deliver_room
from moderation.webhooks.endpoint import Endpoint
from tests.moderation.queries import asked
from tests.moderation.webhooks.app_backend import SECRET, AppBackend
from tests.moderation.webhooks.outbox import make_due, put, waiting
from tests.serving import serving
from tokensvc.jobs.models import CLAIM_LEASE

pytestmark = pytest.mark.django_db


def due() -> list[str]:
    return Webhook.objects.rooms_due(timezone.now(), 100)[0]


@pytest.mark.parametrize(
    ("attempts", "longest"), [(1, 5), (2, 10), (3, 20), (7, 320), (8, 640), (9, 900), (10, 900), (10**6, 900)]
)
def test_pause_doubles_from_five_seconds_up_to_a_quarter_of_an_hour(attempts: int, longest: int) -> None:
    pauses = [BACKOFF.pause_after(attempts, chance).total_seconds() for chance in (0.0, 0.5, 1.0)]
    assert pauses == [longest, longest * 0.75, longest / 2]


def test_notices_of_a_room_are_sent_in_order_and_deleted(app_backend: AppBackend, endpoint: Endpoint) -> None:
    written = put("room", 1, 2, 3)
    assert deliver_room(endpoint, "room") == DeliveryCounts(delivered=3)
    assert [(call.id, call.body.decode()) for call in app_backend.taken] == [
        (webhook.message_id, webhook.payload) for webhook in written
    ]
    assert not Webhook.objects.exists()


def test_failed_notice_holds_up_the_later_ones_of_its_room(
    app_backend: AppBackend, endpoint: Endpoint
) -> None:
    put("room", 1, 2, 3)
    put("other", 1)
    app_backend.decide = lambda notice: 200 if notice["data"]["number"] == 1 else 500
    before = timezone.now()
    assert deliver_room(endpoint, "room") == DeliveryCounts(delivered=1, failed=1)
    assert waiting("room") == [(2, 1, "HTTP 500"), (3, 0, "")]
    head = Webhook.objects.filter(room_id="room").earliest("pk")
    assert timedelta(seconds=2.5) <= head.due_at - before <= timedelta(seconds=6)
    assert head.claimed_until is None
    assert due() == ["other"]
    assert deliver_room(endpoint, "room") == DeliveryCounts()
    assert deliver_room(endpoint, "other") == DeliveryCounts(delivered=1)
    assert app_backend.by_room() == {"room": [1], "other": [1]}


def test_failed_notice_is_sent_again_with_the_same_id(app_backend: AppBackend, endpoint: Endpoint) -> None:
    (webhook,) = put("room", 1)
    answers = iter([500, 503, 302, 404, 200])
    app_backend.decide = lambda _: next(answers)
    for tries in range(1, 5):
        assert deliver_room(endpoint, "room") == DeliveryCounts(failed=1)
        assert waiting("room")[0][1] == tries
        make_due()
    assert deliver_room(endpoint, "room") == DeliveryCounts(delivered=1)
    assert [(call.id, call.answer) for call in app_backend.calls] == [
        (webhook.message_id, status) for status in (500, 503, 302, 404, 200)
    ]


def test_each_try_is_signed_with_its_own_time(app_backend: AppBackend, endpoint: Endpoint) -> None:
    (webhook,) = put("room", 1, created_at=timezone.now() - timedelta(days=3))
    app_backend.decide = lambda _: 500
    for seconds in (-200, 200):  # receivers accept five minutes
        deliver(endpoint, webhook, timezone.now() + timedelta(seconds=seconds))
    first, second = app_backend.calls
    apart = int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"])
    assert 400 <= apart <= 402
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


def test_everything_is_delivered_in_order_after_a_long_outage() -> None:
    away = AppBackend()
    port = away.server_port
    away.server_close()
    for number in range(3):
        put("room", number)
        put("other", number)
    with Endpoint(f"http://127.0.0.1:{port}/", SECRET) as endpoint:
        for _ in range(20):
            assert {deliver_room(endpoint, room_id) for room_id in due()} == {DeliveryCounts(failed=1)}
            make_due()
        assert waiting("room") == [(0, 20, "connection refused"), (1, 0, ""), (2, 0, "")]
        with serving(AppBackend(port)) as back:
            for room_id in due():
                deliver_room(endpoint, room_id)
            assert back.by_room() == {"room": [0, 1, 2], "other": [0, 1, 2]}
            assert len(back.calls) == 6
    assert not Webhook.objects.exists()


def test_claimed_notice_is_not_sent_by_another_process() -> None:
    put("room", 1, 2)
    now = timezone.now()
    mine = Webhook.objects.claim_first("room", now)
    assert mine is not None
    almost = now + CLAIM_LEASE - timedelta(seconds=1)
    assert (Webhook.objects.claim_first("room", now), Webhook.objects.claim_first("room", almost)) == (
        None,
        None,
    )
    assert due() == []


def test_accepted_notice_that_was_not_deleted_is_sent_again_with_the_same_id(
    app_backend: AppBackend, endpoint: Endpoint
) -> None:
    put("room", 1, 2)
    killed = Webhook.objects.claim_first("room", timezone.now())
    assert killed is not None
    endpoint.post(killed.message_id, killed.payload, timezone.now())  # and then the process dies
    later = timezone.now() + CLAIM_LEASE
    assert Webhook.objects.rooms_due(later, 100)[0] == ["room"]
    make_due()
    assert deliver_room(endpoint, "room") == DeliveryCounts(delivered=2)
    assert [call.said["data"]["number"] for call in app_backend.taken] == [1, 1, 2]
    assert app_backend.taken[0].id == app_backend.taken[1].id == killed.message_id


def test_failure_after_the_claim_has_expired_changes_nothing(
    app_backend: AppBackend, endpoint: Endpoint
) -> None:
    put("room", 1)
    late = Webhook.objects.claim_first("room", timezone.now() - CLAIM_LEASE)
    other = Webhook.objects.claim_first("room", timezone.now())
    assert late is not None
    assert other is not None
    app_backend.decide = lambda _: 500
    assert not deliver(endpoint, late, timezone.now())
    row = Webhook.objects.get()
    assert (row.attempts, row.error, row.claimed_until) == (0, "", other.claimed_until)


def test_queued_notice_is_put_off_and_still_sent_right_after_the_first(
    app_backend: AppBackend, endpoint: Endpoint
) -> None:
    put("room", 1, 2, 3)
    now = timezone.now()
    assert Webhook.objects.rooms_due(now, 100) == (["room"], 3)
    assert Webhook.objects.rooms_due(now, 100) == (["room"], 1)
    assert [webhook.due_at for webhook in Webhook.objects.order_by("pk")[1:]] == [now + QUEUED_PAUSE] * 2
    keep_on = iter([True, False])
    assert deliver_room(endpoint, "room", lambda: next(keep_on)) == DeliveryCounts(delivered=1)
    assert due() == ["room"]
    assert deliver_room(endpoint, "room") == DeliveryCounts(delivered=2)
    assert app_backend.by_room() == {"room": [1, 2, 3]}


def test_put_off_notice_is_found_when_its_claim_has_expired() -> None:
    first, _ = put("room", 1, 2)
    now = timezone.now()
    Webhook.objects.rooms_due(now, 100)
    first.delete()
    assert Webhook.objects.claim_first("room", now) is not None
    assert Webhook.objects.rooms_due(now + CLAIM_LEASE, 100)[0] == ["room"]


def test_put_off_notice_that_became_the_first_is_found_after_the_pause() -> None:
    first, second = put("room", 1, 2)
    now = timezone.now()
    Webhook.objects.rooms_due(now, 100)
    first.delete()
    assert Webhook.objects.rooms_due(now + QUEUED_PAUSE, 100)[0] == [second.room_id]


def test_poll_takes_two_statements_at_most_and_one_when_nothing_is_queued() -> None:
    for number in range(3):
        put(f"room-{number}", 1)
    assert len(asked(due)) == 1
    for number in range(3):
        put(f"room-{number}", 2, 3)
    statements = [sql for sql in asked(due) if sql.startswith(("SELECT", "UPDATE"))]
    assert len(statements) == 2


def test_failure_is_logged_without_names_or_addresses(
    app_backend: AppBackend, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    (webhook,) = put("room", 1)
    answers = iter([503, 410, 200])
    app_backend.decide = lambda _: next(answers)
    with caplog.at_level(logging.INFO, "moderation.webhooks.delivery"):
        for _ in range(3):
            deliver_room(endpoint, "room")
            make_due()
    lines: list[tuple[str, str, Any]] = [
        (record.levelname, record.message, record.__dict__["fields"]) for record in caplog.records
    ]
    about = {"webhook": webhook.message_id, "type": "participant.joined", "room": "room"}
    pauses = [fields.pop("retry_in", None) for _, _, fields in lines]
    assert lines == [
        ("WARNING", "webhook not delivered", {**about, "error": "HTTP 503", "attempts": 1}),
        ("ERROR", "webhook endpoint is gone", {**about, "error": "HTTP 410", "attempts": 2}),
        ("INFO", "webhook delivered", about),
    ]
    assert 2.5 <= pauses[0] <= 5 <= pauses[1] <= 10


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the plan is PostgreSQL's")
@pytest.mark.parametrize("rooms", [1, 50_000])
def test_poll_of_a_hundred_thousand_notices_reads_only_due_ones(rooms: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO moderation_webhook
                (message_id, room_id, type, payload, created_at, attempts, due_at, error)
            SELECT 'msg_' || n, 'room-' || n %% %s, 'room.ended', repeat('x', 250), now(), 1,
                now() + n * interval '1 s', ''
            FROM generate_series(1, 100000) AS n
            """,
            [rooms],
        )
        cursor.execute("ANALYZE moderation_webhook")
    put("due-1", 1)
    put("due-2", 1)
    statements = asked(lambda: Webhook.objects.rooms_due(timezone.now(), 200))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statements[0]}")
        plan = json.dumps(cursor.fetchone()[0])
    assert set(re.findall(r'"Index Name": "(\w+)"', plan)) == {
        "moderation_webhook_due",
        "moderation_webhook_in_order",
    }
    assert "Seq Scan" not in plan
