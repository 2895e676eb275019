"""Rules at Agora that keep people out of a channel: the ones that are wanted, and what became of each.

Source: docs.agora.io, channel management REST API. A token lives for a day at most and no new one is issued
to somebody banned, so a rule of a day keeps them out for good.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from rooms.agora.limits import MAX_UID
from rooms.channel_keys import new_name
from rooms.models.room import Room
from rooms.models.uid import Uid


class Progress(models.TextChoices):
    REQUESTED = "requested"
    PLACED = "provider", "at the provider"
    FAILED = "failed"
    LIFTING = "lifting"
    LIFTED = "lifted"
    STUCK = "stuck", "failed to lift"


ADVISORY = "advisory"
"""Of a kick or ban for which there is no rule: it holds by our own layers only."""

LEASE = timedelta(seconds=60)
"""For how long a rule belongs to the process that calls Agora about it: longer than two calls take."""

_OF_A_BAN_IN_FORCE = (Progress.REQUESTED, Progress.PLACED, Progress.FAILED)
_FREE = {"due_at": None, "in_doubt": False, "error": ""}


class KickingRuleQuerySet(models.QuerySet["KickingRule"]):
    def kick(self, room_id: str, channel: str, user_id: str) -> str | None:
        """Request that the user leave once; return the enforcement id, None when there are no rules."""
        if not is_enforced():
            return None
        uids = Uid.objects.filter(room_id=room_id, channel=channel, user_id=user_id)
        return self._request(uids, timezone.now(), once=True)

    def keep_out(self, room_id: str, user_id: str, until: datetime | None, now: datetime) -> str | None:
        """Request that a ban be enforced; return its enforcement id, None when there are no rules.

        The same ban again requests nothing and returns the id of its rules; another end replaces them.
        """
        if not is_enforced():
            return None
        held = self._of_ban(room_id, user_id)
        ids = dict(held.order_by("pk").values_list("until", "enforcement_id"))
        if until in ids:
            return ids[until]
        if ids:
            held.lift(now)
        uids = Uid.objects.filter(room_id=room_id, user_id=user_id, channel=F("room__channel"))
        return self._request(uids, now, until=until)

    def let_in(self, room_id: str, user_id: str, now: datetime) -> None:
        """Request that what enforces a ban of the user be lifted, if there is anything."""
        if is_enforced() and (held := self._of_ban(room_id, user_id)).exists():
            held.lift(now)

    def enforcement_id_of_ban(self, room_id: str, user_id: str) -> str | None:
        """Return the enforcement id of the ban in force, None when there are no rules."""
        if not is_enforced():
            return None
        return self._of_ban(room_id, user_id).order_by("-pk").values_list("enforcement_id", flat=True).first()

    def lift(self, now: datetime) -> None:
        """Have these rules removed from Agora; one that cannot be there is forgotten."""
        self.filter(rule_id=None, in_doubt=False).delete()
        # A call may be under way. It says when it is over; should it never, its lease runs out.
        when = Least(Coalesce(F("due_at"), now), now + LEASE)
        self.update(progress=Progress.LIFTING, attempts=0, error="", due_at=when)

    def given_up(self, now: datetime) -> "KickingRuleQuerySet":
        """Those that may be tried again: what failed of a ban that is over has no use any more."""
        failed = Q(progress=Progress.FAILED) & (Q(until=None) | Q(until__gt=now))
        return self.filter(failed | Q(progress=Progress.STUCK))

    def retry(self, now: datetime) -> int:
        """Have what was given up tried again; return how many these are."""
        goals = {Progress.FAILED: Progress.REQUESTED, Progress.STUCK: Progress.LIFTING}
        return sum(
            self.given_up(now).filter(progress=given_up).update(progress=goal, attempts=0, due_at=now)
            for given_up, goal in goals.items()
        )

    def claim(self, now: datetime) -> "KickingRule | None":
        """Take one that is due for the length of a lease, None when nothing is; `in_doubt` is as it was."""
        lifting = self.model.objects.filter(
            channel=OuterRef("channel"), uid=OuterRef("uid"), progress=Progress.LIFTING, due_at__isnull=False
        )
        # What is lifted of somebody goes first: Agora may not tell a new rule from the old one.
        due = self.filter(Q(progress=Progress.LIFTING) | ~Exists(lifting), due_at__lte=now)
        return next((rule for rule in due.order_by("due_at", "pk")[:20] if rule.take(now)), None)

    def _of_ban(self, room_id: str, user_id: str) -> "KickingRuleQuerySet":
        return self.filter(room_id=room_id, user_id=user_id, once=False, progress__in=_OF_A_BAN_IN_FORCE)

    def _request(self, uids: Iterable[Uid], now: datetime, **what: Any) -> str | None:
        enforcement_id = new_name()
        rules = [
            KickingRule(
                room_id=uid.room_id,
                user_id=uid.user_id,
                enforcement_id=enforcement_id,
                channel=uid.channel,
                uid=uid.number,
                due_at=now,
                **what,
            )
            for uid in uids
        ]
        self.bulk_create(rules)
        return enforcement_id if rules else None


def is_enforced() -> bool:
    """Tell whether there is an account to make Agora enforce kicks and bans with."""
    return bool(settings.AGORA_CUSTOMER_ID)


class KickingRule(models.Model):
    """One uid to be kept out of one channel; never a whole channel, and never a user everywhere."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="kicking_rules")
    user_id = models.CharField(max_length=255)
    enforcement_id = models.CharField(
        max_length=22, default=new_name, help_text="Rules of one kick or ban have it in common."
    )
    channel = models.CharField(max_length=63)
    uid = models.BigIntegerField()
    once = models.BooleanField(default=False, help_text="A kick: out once, and free to come back.")
    until = models.DateTimeField(null=True, help_text="When the ban is over; empty is never, or a kick.")
    progress = models.CharField(max_length=9, choices=Progress, default=Progress.REQUESTED)
    rule_id = models.BigIntegerField(null=True, help_text="Agora's own id of the rule.")
    in_doubt = models.BooleanField(
        default=False, help_text="A call was begun, and whether Agora has the rule is not known."
    )
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True, help_text="When to try next.")
    error = models.CharField(max_length=200, blank=True, default="", help_text="Why the last try failed.")

    objects = KickingRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(uid__gte=1, uid__lte=MAX_UID) & ~Q(channel=""),
                name="rooms_kicking_rule_names_uid_and_channel",
            ),
            models.CheckConstraint(
                condition=Q(progress__in=Progress), name="rooms_kicking_rule_progress_known"
            ),
            models.CheckConstraint(
                condition=Q(once=False) | Q(until=None), name="rooms_kicking_rule_kick_has_no_end"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="rooms_kicking_rule_due"),
            models.Index(fields=["enforcement_id"], name="rooms_kicking_rule_enforcement"),
        ]

    def __str__(self) -> str:
        return f"{self.channel}/{self.uid}"

    def take(self, now: datetime) -> bool:
        """Claim this rule, unless somebody else was first."""
        lease = now + LEASE
        as_read = KickingRule.objects.filter(pk=self.pk, progress=self.progress, due_at=self.due_at)
        taken = as_read.update(due_at=lease, in_doubt=True, attempts=F("attempts") + 1)
        self.due_at, self.attempts = lease, self.attempts + 1
        return taken == 1

    def record_placed(self, rule_id: int, now: datetime) -> None:
        same = KickingRule.objects.filter(pk=self.pk)
        wanted = same.filter(progress=Progress.REQUESTED)
        if not wanted.update(progress=Progress.PLACED, rule_id=rule_id, **_FREE):
            # Lifted while the call was under way.
            same.filter(progress=Progress.LIFTING, rule_id=None).update(rule_id=rule_id, due_at=now)

    def record_lifted(self) -> None:
        KickingRule.objects.filter(pk=self.pk).update(progress=Progress.LIFTED, **_FREE)

    def record_failure(self, error: str, *, in_doubt: bool, retry_at: datetime | None) -> None:
        """Note why a try failed and when the next one is due; without a next one it is given up."""
        given_up = Progress.STUCK if self.progress == Progress.LIFTING else Progress.FAILED
        mine = KickingRule.objects.filter(pk=self.pk, progress=self.progress, due_at=self.due_at)
        mine.update(
            progress=given_up if retry_at is None else self.progress,
            in_doubt=in_doubt,
            due_at=retry_at,
            error=error,
        )
