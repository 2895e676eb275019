"""Placing one rule at Agora, and lifting it."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

from django.conf import settings

from rooms.kicking.client import MIN_SECONDS, Project
from rooms.models import KickingRule, RateLimitSlot

Clock = Callable[[], datetime]
Params = ParamSpec("Params")
Result = TypeVar("Result")

# Agora allows an account ten calls a second. Calls do not arrive as evenly as they are sent.
_CALL_INTERVAL = timedelta(seconds=0.12)
_ONE_DAY = 86_400


def place(rule: KickingRule, clock: Clock) -> None:
    if rule.until is not None and rule.until <= clock():
        rule.give_up("The ban was over before Agora had the rule.", in_doubt=False)
        return
    found = _rules_at_agora(rule, clock) if rule.in_doubt else set()
    rule.in_doubt = False
    rule_id = max(found, default=None)
    if rule_id is None:
        seconds = _seconds(rule, clock())
        rule_id = _rate_limited(clock, _project().keep_out, rule.channel, rule.uid, seconds)
    rule.record_placed(rule_id, clock())


def lift(rule: KickingRule, clock: Clock) -> None:
    known = rule.rule_id
    for rule_id in _rules_at_agora(rule, clock) if known is None else {known}:
        _rate_limited(clock, _project().let_in, rule_id)
    rule.record_lifted()


def _rules_at_agora(rule: KickingRule, clock: Clock) -> set[int]:
    """Return the ids of Agora's rules for this uid and channel that no row has."""
    recorded = KickingRule.objects.filter(channel=rule.channel, uid=rule.uid, rule_id__isnull=False)
    found = _rate_limited(clock, _project().rules_of, rule.channel, rule.uid)
    return found - set(recorded.values_list("rule_id", flat=True))


def _seconds(rule: KickingRule, now: datetime) -> int:
    if rule.once:
        return 0
    if rule.until is None:
        return _ONE_DAY
    left = (rule.until - now).total_seconds()
    return int(min(max(left, MIN_SECONDS), _ONE_DAY))


def _rate_limited(
    clock: Clock, call: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
) -> Result:
    """Make a call when the rate limit that all processes share allows it."""
    time.sleep(RateLimitSlot.take("agora", _CALL_INTERVAL, clock()).total_seconds())
    return call(*args, **kwargs)


def _project() -> Project:
    return Project(
        settings.AGORA_APP_ID,
        settings.AGORA_CUSTOMER_ID,
        settings.AGORA_CUSTOMER_SECRET,
        settings.AGORA_REST_URL,
    )
