"""What all tables of jobs have in common."""

from datetime import timedelta

import pytest
from django.utils import timezone

from moderation.models import Webhook
from rooms.models import KickingRule, Room
from tests.moderation.webhooks.outbox import put
from tokensvc.jobs.models import CLAIM_LEASE, MAX_ERROR, Job

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture(params=["webhook", "kicking_rule"])
def job(request: pytest.FixtureRequest, room: Room) -> Job:
    if request.param == "webhook":
        return put(room.id, 1, due_at=NOW)[0]
    return KickingRule.objects.create(room=room, user_id="bob", channel="algebra", uid=1, due_at=NOW)


def read(job: Job) -> Job:
    same: Job = type(job)._default_manager.get(pk=job.pk)
    return same


def test_job_is_claimed_by_one_of_those_who_have_read_it(job: Job) -> None:
    others = [read(job), read(job)]
    assert [each.claim(NOW) for each in (job, *others)] == [True, False, False]


def test_job_can_be_claimed_again_when_the_lease_has_ended(job: Job) -> None:
    assert job.claim(NOW)
    assert read(job).claim(NOW + CLAIM_LEASE)


def test_rule_that_is_claimed_is_not_due_until_the_lease_ends(room: Room) -> None:
    rule = KickingRule.objects.create(room=room, user_id="bob", channel="algebra", uid=1, due_at=NOW)
    assert KickingRule.objects.claim_next(NOW) == rule
    assert KickingRule.objects.claim_next(NOW + CLAIM_LEASE - timedelta(seconds=1)) is None
    assert KickingRule.objects.claim_next(NOW + CLAIM_LEASE) == rule


def test_failure_is_recorded_with_the_next_try(job: Job) -> None:
    job.claim(NOW)
    due_at = NOW + timedelta(seconds=5)
    assert job.put_off("x" * 300, due_at)
    after = read(job)
    assert isinstance(after, Webhook | KickingRule)
    assert (after.attempts, after.error, after.due_at) == (1, "x" * MAX_ERROR, due_at)


def test_failure_is_not_recorded_by_a_process_that_has_lost_its_claim(job: Job) -> None:
    job.claim(NOW)
    other = read(job)
    assert other.claim(NOW + CLAIM_LEASE)
    assert not job.put_off("x", NOW)
    assert read(job).error == ""


def test_jobs_that_are_due_come_in_the_order_of_their_time(room: Room) -> None:
    for seconds in (-1, -3, -2, 1):
        put(room.id, seconds, due_at=NOW + timedelta(seconds=seconds))
    due = Webhook.objects.due(NOW).values_list("due_at", flat=True)
    assert list(due) == [NOW - timedelta(seconds=seconds) for seconds in (3, 2, 1)]
