"""Placing and lifting rules at Agora."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from rooms.kicking import worker
from rooms.models import KickingRule, RateLimitSlot, Room
from tests.rooms.kicking.agora_rest import AgoraRest, fails, works
from tests.rooms.kicking.rules import Clock, ban, by_number, methods, numbers, rules, unban

pytestmark = pytest.mark.django_db


def test_kick_is_placed_once_for_each_number(numbered: Room, agora: AgoraRest, clock: Clock) -> None:
    by_number(numbered, "bob", screens=True)
    KickingRule.objects.kick(numbered.id, numbered.channel, "bob")
    worker.work(clock)
    worker.work(clock)
    assert [(rule["cname"], rule["uid"], rule["time_in_seconds"]) for rule in agora.made] == [
        (numbered.channel, uid, 0) for uid in numbers(numbered, "bob")
    ]
    assert rules("progress", "due_at", "error", "in_doubt") == [("provider", None, "", False)] * 2


@pytest.mark.parametrize(
    ("seconds", "least", "most"),
    [(None, 86400, 86400), (3, 10, 10), (600, 590, 600), (86_000, 85_990, 86_000), (10**7, 86400, 86400)],
)
def test_ban_is_placed_for_as_long_as_it_lasts_or_a_day(
    numbered: Room, agora: AgoraRest, clock: Clock, seconds: float | None, least: int, most: int
) -> None:
    uid = ban(numbered, seconds)
    worker.work(clock)
    ((rule_id, rule),) = agora.rules.items()
    assert (rule["cname"], rule["uid"]) == (numbered.channel, uid)
    assert least <= rule["time_in_seconds"] <= most
    assert rules("progress", "rule_id", "due_at") == [("provider", rule_id, None)]


def test_lifted_ban_is_removed_at_agora(numbered: Room, agora: AgoraRest, clock: Clock) -> None:
    ban(numbered)
    worker.work(clock)
    unban(numbered)
    worker.work(clock)
    assert (methods(agora), agora.rules) == (["POST", "DELETE"], {})
    assert rules("progress", "due_at") == [("lifted", None)]


def test_rule_that_is_gone_already_counts_as_lifted(numbered: Room, agora: AgoraRest, clock: Clock) -> None:
    ban(numbered)
    worker.work(clock)
    agora.rules.clear()
    unban(numbered)
    worker.work(clock)
    assert rules("progress") == ["lifted"]


def test_other_end_is_lifted_and_placed_in_this_order(numbered: Room, agora: AgoraRest, clock: Clock) -> None:
    uid = ban(numbered)
    worker.work(clock)
    ban(numbered, 600)
    agora.faults.extend([fails(500), works])
    worker.work(clock)
    assert methods(agora) == ["POST", "DELETE"]
    clock.skip(10)
    worker.work(clock)
    assert methods(agora) == ["POST", "DELETE", "DELETE", "POST"]
    assert agora.blocked == [(numbered.channel, uid)]
    assert rules("progress") == ["lifted", "provider"]


def test_ban_that_is_over_before_its_call_is_visible(numbered: Room, agora: AgoraRest, clock: Clock) -> None:
    ban(numbered, 60)
    clock.skip(61)
    worker.work(clock)
    assert (agora.calls, rules("progress", "error")) == (
        [],
        [("failed", "The ban was over before Agora had the rule.")],
    )
    assert KickingRule.objects.retry(clock()) == 0


def test_unusable_channel_is_visible(room: Room, agora: AgoraRest, clock: Clock) -> None:
    wrong: dict[str, Any] = {"channel": "*", "uid": 1, "due_at": clock()}
    KickingRule.objects.create(room=room, user_id="bob", **wrong)
    worker.work(clock)
    assert agora.calls == []
    assert rules("progress", "error") == [("failed", "channel must not contain *: it is a wildcard")]


def test_calls_keep_to_the_rate_limit(numbered: Room, agora: AgoraRest, clock: Clock) -> None:
    by_number(numbered, "alice", "carol", "dave")
    for user_id in ("alice", "bob", "carol", "dave"):
        KickingRule.objects.kick(numbered.id, numbered.channel, user_id)
    worker.work(clock)
    times = [call.at for call in agora.calls]
    assert len(times) == 4
    assert times[-1] - times[0] >= 0.3


def test_clock_far_ahead_does_not_stop_other_processes(db: None) -> None:
    now = timezone.now()
    RateLimitSlot.objects.create(account="agora", free_at=now + timedelta(days=1))
    assert RateLimitSlot.take("agora", timedelta(seconds=1), now) == timedelta(seconds=60)
