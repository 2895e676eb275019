"""Undelivered webhooks in the admin."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from moderation.models import Webhook
from tests.moderation.webhooks.outbox import put
from tests.rooms.admin.pages import log, messages, rows

WEBHOOKS = "/admin/moderation/webhook/"
DUE = datetime(2026, 11, 2, 15, 0, 1, tzinfo=UTC)


@pytest.fixture
def queued(db: None) -> list[Webhook]:
    """Two webhooks of one room, the first of which has failed, and one of another room."""
    failed = put("room", 1, attempts=3, due_at=DUE, error="HTTP 503")
    return [*failed, *put("room", 2, due_at=DUE), *put("other", 1, due_at=DUE)]


def send_now(client: Client, *chosen: Webhook) -> object:
    data = {"action": "send_now", "_selected_action": [webhook.pk for webhook in chosen]}
    return client.post(WEBHOOKS, data, follow=True)


def test_list_shows_what_waits_in_its_order(admin_client: Client, queued: list[Webhook]) -> None:
    due = "Nov. 2, 2026, 3 p.m."
    assert rows(admin_client.get(WEBHOOKS)) == [
        [queued[0].message_id, "Participant Joined", "room", "3", due, "HTTP 503"],
        [queued[1].message_id, "Participant Joined", "room", "0", due, "-"],
        [queued[2].message_id, "Participant Joined", "other", "0", due, "-"],
    ]


def test_search_finds_by_room_and_by_id(admin_client: Client, queued: list[Webhook]) -> None:
    def found(term: str) -> list[str]:
        return [row[0] for row in rows(admin_client.get(WEBHOOKS, {"q": term}))]

    ids = [webhook.message_id for webhook in queued]
    assert (found("room"), found(ids[2]), found("roo")) == (ids[:2], ids[2:], [])


def test_sending_now_makes_the_whole_room_due(admin_client: Client) -> None:
    later = timezone.now() + timedelta(minutes=10)
    claimed_until = timezone.now() + timedelta(seconds=50)
    first, second = put("room", 1, 2, due_at=later, attempts=4, claimed_until=claimed_until)
    (other,) = put("other", 1, due_at=later)
    response = send_now(admin_client, second)
    assert messages(response) == [("success", "They are sent at once, in their order.")]
    assert log() == [("admin", "webhook", second.message_id, "Had it sent now.")]
    for webhook in (first, second, other):
        webhook.refresh_from_db()
    assert first.due_at == second.due_at <= timezone.now()
    # Who is sending it just now goes on doing so alone.
    assert (first.claimed_until, first.attempts, other.due_at) == (claimed_until, 4, later)
    assert Webhook.objects.rooms_due(timezone.now(), 10)[0] == []


def test_webhooks_cannot_be_written(admin_client: Client, queued: list[Webhook]) -> None:
    before = list(Webhook.objects.order_by("pk").values())
    page = f"{WEBHOOKS}{queued[0].pk}"
    assert admin_client.get(f"{page}/change/").context["adminform"].form.fields == {}
    for path in (f"{WEBHOOKS}add/", f"{page}/change/", f"{page}/delete/"):
        assert admin_client.post(path, {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": queued[0].pk, "post": "yes"}
    admin_client.post(WEBHOOKS, chosen)
    assert list(Webhook.objects.order_by("pk").values()) == before


def test_page_does_not_show_what_is_said(admin_client: Client, queued: list[Webhook]) -> None:
    page = admin_client.get(f"{WEBHOOKS}{queued[0].pk}/change/").content.decode()
    assert ("HTTP 503" in page, "number" in page) == (True, False)


@pytest.mark.parametrize(
    ("permissions", "status", "may_send"),
    [
        (("view_webhook",), 200, False),
        (("view_webhook", "change_webhook"), 200, True),
        (("view_event",), 403, False),
    ],
)
def test_webhooks_are_seen_and_sent_by_those_who_may(
    staff: Callable[..., Client], permissions: tuple[str, ...], status: int, may_send: bool
) -> None:
    later = timezone.now() + timedelta(minutes=10)
    (webhook,) = put("room", 1, due_at=later)
    sam = staff(*permissions)
    assert sam.get(WEBHOOKS).status_code == status
    send_now(sam, webhook)
    webhook.refresh_from_db()
    assert (webhook.due_at < later) == may_send
