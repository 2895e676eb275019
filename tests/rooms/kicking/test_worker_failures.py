"""Rules that are not placed or lifted at the first try, for every answer of Agora and for none."""

import pytest

from rooms.kicking import enforcement, worker
from rooms.kicking.client import Project
from rooms.models import KickingRule, Room
from tests.rooms.kicking.agora_rest import APP_ID, CUSTOMER, AgoraRest, Fault, fails, works
from tests.rooms.kicking.rules import Clock, ban, methods, rules, unban, work_until_settled

pytestmark = pytest.mark.django_db


TEMPORARY = {
    "500": (fails(500), ["POST", "GET", "POST"]),
    "504-undone": (fails(504), ["POST", "GET", "POST"]),
    "504-done": (fails(504, done=True), ["POST", "GET"]),
    "broken-off-done": (fails(0, done=True), ["POST", "GET"]),
    "garbage-done": (fails(200, done=True, body=b"<html>"), ["POST", "GET"]),
    "408": (fails(408), ["POST", "GET", "POST"]),
    "429": (fails(429), ["POST", "POST"]),
}


@pytest.mark.parametrize("case", TEMPORARY)
def test_temporary_failure_leaves_exactly_one_rule(
    numbered: Room, agora: AgoraRest, clock: Clock, case: str
) -> None:
    fault, calls = TEMPORARY[case]
    uid = ban(numbered)
    agora.faults.append(fault)
    worker.work(clock)
    assert rules("progress", "attempts") == [("requested", 1)]
    assert rules("error") != [""]
    clock.skip(5)
    worker.work(clock)
    assert methods(agora) == calls
    assert agora.blocked == [(numbered.channel, uid)]
    assert rules("progress", "rule_id", "error") == [("provider", *agora.rules, "")]


def test_time_out_is_looked_up_before_it_is_placed_again(
    numbered: Room, agora: AgoraRest, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = Project(APP_ID, *CUSTOMER, agora.url, timeout=0.5)
    monkeypatch.setattr(enforcement, "_project", lambda: impatient)
    uid = ban(numbered)
    agora.open.clear()
    worker.work(clock)
    assert rules("progress", "error") == [("requested", "Agora did not answer (TimeoutError).")]
    agora.open.set()
    monkeypatch.undo()
    clock.skip(5)
    worker.work(clock)
    assert methods(agora)[:2] == ["POST", "GET"]
    assert agora.blocked == [(numbered.channel, uid)]


def test_rule_stays_in_doubt_when_the_list_is_refused(numbered: Room, agora: AgoraRest, clock: Clock) -> None:
    ban(numbered)
    agora.faults.extend([fails(504, done=True), fails(429), works])
    for _ in range(3):
        worker.work(clock)
        clock.skip(20)
    assert (methods(agora), len(agora.rules)) == (["POST", "GET", "GET"], 1)


def test_rule_of_an_earlier_ban_is_not_taken_for_the_new_one(
    numbered: Room, agora: AgoraRest, clock: Clock
) -> None:
    ban(numbered)
    worker.work(clock)
    KickingRule.objects.update(progress="stuck")
    ban(numbered, 600)
    agora.faults.extend([fails(504), works, works])
    worker.work(clock)
    clock.skip(5)
    worker.work(clock)
    assert methods(agora) == ["POST", "POST", "GET", "POST"]
    assert rules("rule_id") == list(agora.rules)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_refusal_is_final_and_visible(numbered: Room, agora: AgoraRest, clock: Clock, status: int) -> None:
    ban(numbered)
    agora.always = fails(status)
    work_until_settled(clock)
    assert len(agora.calls) == 1
    assert rules("progress", "due_at", "error") == [("failed", None, f"Agora answered {status}.")]


@pytest.mark.parametrize("fault", [fails(500), fails(504), fails(429), fails(0)])
def test_ten_failures_are_visible(numbered: Room, agora: AgoraRest, clock: Clock, fault: Fault) -> None:
    ban(numbered)
    agora.always = fault
    work_until_settled(clock)
    assert rules("progress", "attempts", "due_at") == [("failed", 10, None)]
    assert len(agora.calls) == 10


def test_pauses_grow_to_five_minutes(numbered: Room, agora: AgoraRest, clock: Clock) -> None:
    ban(numbered)
    agora.always = fails(500)
    for pause in (2, 4, 8, 16, 32, 64, 128, 256, 300):
        clock.skip(pause_after_work(clock, at_least=pause))
    worker.work(clock)
    assert rules("due_at") == [None]


def pause_after_work(clock: Clock, *, at_least: int) -> float:
    """Work once; return the pause before the next attempt, which is at most a quarter longer."""
    before = clock()
    worker.work(clock)
    after = clock()
    (due_at,) = rules("due_at")
    assert (due_at - before).total_seconds() >= at_least
    assert (due_at - after).total_seconds() <= at_least * 1.25
    return float((due_at - before).total_seconds())


@pytest.mark.parametrize(("said", "pause"), [("40", 40), ("1", 2), ("99999", 3600), ("soon", 2)])
def test_retry_after_is_respected(
    numbered: Room, agora: AgoraRest, clock: Clock, said: str, pause: int
) -> None:
    ban(numbered)
    agora.faults.append(fails(429, Retry_After=said))
    pause_after_work(clock, at_least=pause)


def test_crash_before_the_outcome_is_recorded_places_no_second_rule(
    numbered: Room, agora: AgoraRest, clock: Clock
) -> None:
    uid = ban(numbered)
    assert KickingRule.objects.claim_next(clock()) is not None
    rule_id = Project(APP_ID, *CUSTOMER, agora.url).keep_out(numbered.channel, uid, 600)
    clock.skip(50)
    worker.work(clock)
    assert methods(agora) == ["POST"]
    clock.skip(11)
    worker.work(clock)
    assert (methods(agora), rules("progress", "rule_id")) == (["POST", "GET"], [("provider", rule_id)])


def test_crash_of_every_try_is_visible(numbered: Room, agora: AgoraRest, clock: Clock) -> None:
    ban(numbered)
    for _ in range(10):
        assert KickingRule.objects.claim_next(clock()) is not None
        clock.skip(61)
    worker.work(clock)
    assert (agora.calls, rules("progress", "error")) == (
        [],
        [("failed", "The outcome of 10 tries is unknown.")],
    )


def test_ban_lifted_during_its_call_is_removed(numbered: Room, agora: AgoraRest, clock: Clock) -> None:
    uid = ban(numbered)
    rule = KickingRule.objects.claim_next(clock())
    assert rule is not None
    rule_id = Project(APP_ID, *CUSTOMER, agora.url).keep_out(numbered.channel, uid, 600)
    unban(numbered)
    worker.work(clock)
    assert methods(agora) == ["POST"]
    rule.record_placed(rule_id, clock())
    worker.work(clock)
    assert (methods(agora), agora.rules, rules("progress")) == (["POST", "DELETE"], {}, ["lifted"])


@pytest.mark.parametrize("made", [True, False])
def test_ban_lifted_during_a_call_that_is_never_recorded_is_looked_up(
    numbered: Room, agora: AgoraRest, clock: Clock, *, made: bool
) -> None:
    uid = ban(numbered)
    KickingRule.objects.claim_next(clock())
    if made:
        Project(APP_ID, *CUSTOMER, agora.url).keep_out(numbered.channel, uid, 600)
    unban(numbered)
    clock.skip(61)
    worker.work(clock)
    assert methods(agora) == (["POST", "GET", "DELETE"] if made else ["GET"])
    assert (agora.rules, rules("progress")) == ({}, ["lifted"])


def test_failure_of_a_call_during_which_the_ban_was_lifted_changes_nothing(
    numbered: Room, agora: AgoraRest, clock: Clock
) -> None:
    ban(numbered)
    rule = KickingRule.objects.claim_next(clock())
    assert rule is not None
    unban(numbered)
    assert not rule.give_up("x", in_doubt=False)
    assert rules("progress", "error") == [("lifting", "")]


def test_lifting_that_fails_is_visible_and_can_be_tried_again(
    numbered: Room, agora: AgoraRest, clock: Clock
) -> None:
    ban(numbered)
    worker.work(clock)
    unban(numbered)
    agora.always = fails(500)
    work_until_settled(clock)
    assert rules("progress", "attempts", "error") == [("stuck", 10, "Agora answered 500.")]
    agora.always = None
    assert KickingRule.objects.retry(clock()) == 1
    worker.work(clock)
    assert (rules("progress"), agora.rules) == (["lifted"], {})
