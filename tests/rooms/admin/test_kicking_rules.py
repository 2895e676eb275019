"""Kicking rules in the admin: the list, and retrying."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from rooms.models import KickingRule, Room
from tests.rooms.admin.pages import log, messages, rows
from tests.rooms.kicking.rules import rules

RULES = "/admin/rooms/kickingrule/"


def add(room: Room, user_id: str, **fields: Any) -> KickingRule:
    return KickingRule.objects.create(room=room, user_id=user_id, channel="algebra", uid=42, **fields)


@pytest.fixture
def asked_for(room: Room) -> list[KickingRule]:
    return [
        add(room, "bob", progress="failed", attempts=10, error="Agora answered 504."),
        add(room, "carol", progress="provider", attempts=1, once=True, rule_id=7),
        add(room, "mallory", progress="stuck", attempts=10, rule_id=8, error="Agora answered 500."),
    ]


def test_list_shows_what_became_of_each_newest_first(
    admin_client: Client, asked_for: list[KickingRule]
) -> None:
    assert rows(admin_client.get(RULES)) == [
        ["Algebra 1", "mallory", "42", "ban", "-", "failed to lift", "10", "-", "Agora answered 500."],
        ["Algebra 1", "carol", "42", "kick", "-", "at the provider", "1", "-", "-"],
        ["Algebra 1", "bob", "42", "ban", "-", "Failed", "10", "-", "Agora answered 504."],
    ]


def test_list_is_filtered_and_searched(admin_client: Client, asked_for: list[KickingRule]) -> None:
    def users(**query: str) -> list[str]:
        return [row[1] for row in rows(admin_client.get(RULES, query))]

    assert users(progress__exact="failed") == ["bob"]
    assert users(q="carol") == ["carol"]
    assert users(q=asked_for[0].room_id) == ["mallory", "carol", "bob"]


def test_try_again_takes_up_what_was_given_up(admin_client: Client, asked_for: list[KickingRule]) -> None:
    before = timezone.now()
    chosen = {"action": "try_again", "_selected_action": [rule.pk for rule in asked_for]}
    response = admin_client.post(RULES, chosen, follow=True)
    assert messages(response) == [("success", "2 rules are tried again.")]
    assert rules("progress", "attempts") == [("requested", 0), ("provider", 1), ("lifting", 0)]
    assert [due_at is not None and due_at >= before for due_at in rules("due_at")] == [True, False, True]
    assert log() == [("admin", "kickingrule", "algebra/42", "Tried again.")] * 2


def test_rules_cannot_be_written(admin_client: Client, asked_for: list[KickingRule]) -> None:
    page = f"{RULES}{asked_for[0].pk}"
    opened = admin_client.get(f"{page}/change/")
    assert (opened.status_code, opened.context["adminform"].form.fields) == (200, {})
    for path in (f"{RULES}add/", f"{page}/change/", f"{page}/delete/"):
        assert admin_client.post(path, {"post": "yes"}).status_code == 403
    assert KickingRule.objects.count() == 3


@pytest.mark.parametrize(
    ("permission", "status", "tried"), [("view_kickingrule", 200, 0), ("view_room", 403, 0)]
)
def test_rules_are_seen_and_tried_again_by_those_who_may(
    staff: Callable[..., Client], asked_for: list[KickingRule], permission: str, status: int, tried: int
) -> None:
    sam = staff(permission)
    assert sam.get(RULES).status_code == status
    sam.post(RULES, {"action": "try_again", "_selected_action": [asked_for[0].pk]})
    assert KickingRule.objects.filter(progress="requested").count() == tried


def test_room_with_rules_can_be_deleted(
    admin_client: Client, room: Room, asked_for: list[KickingRule]
) -> None:
    response = admin_client.post(f"/admin/rooms/room/{room.pk}/delete/", {"post": "yes"}, follow=True)
    assert response.status_code == 200
    assert (Room.objects.exists(), rules("pk")) == (False, [])
