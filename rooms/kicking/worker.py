"""Having Agora enforce kicks and bans: placing and lifting the rules that are wanted, in the background.

Any number of processes may do this at once. Nothing here holds a transaction while it waits for Agora, and
no act waits for anything here.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from random import uniform
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import close_old_connections, connections
from django.utils import timezone

from rooms.agora import UnusableValue
from rooms.kicking.client import MIN_SECONDS, CallFailed, Project
from rooms.models import KickingRule, Progress, RateLimitSlot
from rooms.models.kicking_rule import is_enforced

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
Given = ParamSpec("Given")
Answer = TypeVar("Answer")

POLL_INTERVAL = 0.5
MAX_ATTEMPTS = 10

# The account may make ten calls a second. They do not arrive as evenly as they are sent.
_INTERVAL = timedelta(seconds=0.12)
_LONGEST_RULE = 86_400
_LONGEST_PAUSE = 300
_LONGEST_RETRY_AFTER = 3600


def start() -> "Worker | None":
    """Start the background thread of this process; None without Agora's customer id and secret."""
    if not is_enforced():
        return None
    worker = Worker()
    worker.start()
    return worker


class Worker(threading.Thread):
    """Looks twice a second for rules that are due, whatever happens."""

    def __init__(self) -> None:
        super().__init__(name="enforcement", daemon=True)
        self._stopping = threading.Event()
        self._failing = False

    def run(self) -> None:
        while not self._stopping.is_set():
            self._look()
            self._stopping.wait(POLL_INTERVAL)
        connections.close_all()

    def stop(self, timeout: float = 1) -> None:
        """Take on nothing more; a call under way is waited for so many seconds, and then left behind."""
        self._stopping.set()
        self.join(timeout)

    def _look(self) -> None:
        try:
            close_old_connections()
            work(stopping=self._stopping.is_set)
            self._failing = False
        except Exception:
            if not self._failing:
                logger.exception("kicking rules cannot be worked on")
            self._failing = True
        finally:
            close_old_connections()


def work(clock: Clock = timezone.now, stopping: Callable[[], bool] = lambda: False) -> None:
    """Place and lift one rule after the other until nothing more is due."""
    while not stopping() and (rule := KickingRule.objects.claim(clock())) is not None:
        _try(rule, clock)


def _try(rule: KickingRule, clock: Clock) -> None:
    try:
        if rule.attempts > MAX_ATTEMPTS:
            raise CallFailed(f"No outcome of {MAX_ATTEMPTS} tries is known.")
        if rule.progress == Progress.LIFTING:
            _lift(rule, clock)
        else:
            _place(rule, clock)
    except UnusableValue as error:
        rule.record_failure(str(error), in_doubt=False, retry_at=None)
    except CallFailed as failure:
        # That the list of rules was refused says nothing of the rule that is looked for in it.
        in_doubt = rule.in_doubt or not failure.is_refusal
        rule.record_failure(str(failure), in_doubt=in_doubt, retry_at=_retry_at(rule, failure, clock()))


def _place(rule: KickingRule, clock: Clock) -> None:
    if rule.until is not None and rule.until <= clock():
        rule.record_failure("The ban was over before Agora had the rule.", in_doubt=False, retry_at=None)
        return
    found = _rules_at_agora(rule, clock) if rule.in_doubt else set()
    rule.in_doubt = False
    rule_id = max(found, default=None)
    if rule_id is None:
        rule_id = _in_turn(clock, _project().keep_out, rule.channel, rule.uid, _seconds(rule, clock()))
    rule.record_placed(rule_id, clock())


def _lift(rule: KickingRule, clock: Clock) -> None:
    known = rule.rule_id
    for rule_id in _rules_at_agora(rule, clock) if known is None else {known}:
        _in_turn(clock, _project().let_in, rule_id)
    rule.record_lifted()


def _rules_at_agora(rule: KickingRule, clock: Clock) -> set[int]:
    """Return which rules for this uid and channel Agora has that are not accounted for."""
    others = KickingRule.objects.filter(channel=rule.channel, uid=rule.uid, rule_id__isnull=False)
    found = _in_turn(clock, _project().rules_of, rule.channel, rule.uid)
    return found - set(others.values_list("rule_id", flat=True))


def _seconds(rule: KickingRule, now: datetime) -> int:
    if rule.once:
        return 0
    if rule.until is None:
        return _LONGEST_RULE
    left = (rule.until - now).total_seconds()
    return int(min(max(left, MIN_SECONDS), _LONGEST_RULE))


def _in_turn(
    clock: Clock, call: Callable[Given, Answer], *args: Given.args, **kwargs: Given.kwargs
) -> Answer:
    """Make a call when it is its turn among those of all processes."""
    time.sleep(RateLimitSlot.take("agora", _INTERVAL, clock()).total_seconds())
    return call(*args, **kwargs)


def _project() -> Project:
    return Project(
        settings.AGORA_APP_ID,
        settings.AGORA_CUSTOMER_ID,
        settings.AGORA_CUSTOMER_SECRET,
        settings.AGORA_REST_URL,
    )


def _retry_at(rule: KickingRule, failure: CallFailed, now: datetime) -> datetime | None:
    if failure.is_final or rule.attempts >= MAX_ATTEMPTS:
        return None
    pause = min(2**rule.attempts, _LONGEST_PAUSE) * uniform(1, 1.25)  # noqa: S311 (spreads tries, hides nothing)
    return now + timedelta(seconds=max(pause, min(failure.retry_after or 0, _LONGEST_RETRY_AFTER)))
