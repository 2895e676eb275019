"""Enforcing kicks and bans at Agora: creating and removing the requested rules in the background.

Any number of processes may do this at once. No transaction is open during a call to Agora, and no act waits
for one.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from random import random

from django.utils import timezone

from rooms.agora import UnusableValue
from rooms.kicking.client import CallFailed
from rooms.kicking.enforcement import Clock, lift, place
from rooms.models import KickingRule, Progress
from rooms.models.kicking_rule import is_enforced
from tokensvc.jobs.backoff import Backoff
from tokensvc.jobs.worker import Worker

MAX_ATTEMPTS = 10
BACKOFF = Backoff(first=timedelta(seconds=2), longest=timedelta(minutes=5), jitter=(1.0, 1.25))

_MAX_RETRY_AFTER = timedelta(hours=1)

_log = logging.getLogger(__name__)


def start() -> Worker | None:
    """Start the background thread of this process; None without Agora's customer id and secret."""
    if not is_enforced():
        return None
    worker = Worker("kicking rules", lambda stopping: work(stopping=stopping), _log)
    worker.start()
    return worker


def work(clock: Clock = timezone.now, stopping: Callable[[], bool] = lambda: False) -> None:
    """Place and lift one rule after the other until no more is due."""
    while not stopping() and (rule := KickingRule.objects.claim_next(clock())) is not None:
        _try(rule, clock)


def _try(rule: KickingRule, clock: Clock) -> None:
    try:
        if rule.attempts > MAX_ATTEMPTS:
            raise CallFailed(f"The outcome of {MAX_ATTEMPTS} tries is unknown.")
        if rule.progress == Progress.LIFTING:
            lift(rule, clock)
        else:
            place(rule, clock)
    except UnusableValue as error:
        rule.give_up(str(error), in_doubt=False)
    except CallFailed as failure:
        _record(rule, failure, clock())


def _record(rule: KickingRule, failure: CallFailed, now: datetime) -> None:
    # A rule that was in doubt stays so: the refused call may have been the one that lists the rules.
    in_doubt = rule.in_doubt or not failure.is_refusal
    if failure.is_final or rule.attempts >= MAX_ATTEMPTS:
        rule.give_up(str(failure), in_doubt=in_doubt)
    else:
        rule.put_off(str(failure), now + _pause(rule.attempts, failure.retry_after), in_doubt=in_doubt)


def _pause(attempts: int, retry_after: int | None) -> timedelta:
    pause = BACKOFF.pause_after(attempts, random())  # noqa: S311 (spreads retries)
    return max(pause, min(timedelta(seconds=retry_after or 0), _MAX_RETRY_AFTER))
