"""Agora's kicking rules: those requested, and the progress of each. A rule keeps a uid out of a channel.

Source: docs.agora.io, channel management REST API. A token is valid for a day at most and a banned user gets
no new one, so a rule of one day is enough for a ban without an end.
"""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from rooms.agora.limits import MAX_UID
from rooms.models.room import Room
from rooms.random_ids import new_id
from tokensvc.jobs.models import CLAIM_LEASE, Job, JobQuerySet


class Progress(models.TextChoices):
    REQUESTED = "requested"
    PLACED = "provider", "at the provider"
    FAILED = "failed"
    LIFTING = "lifting"
    LIFTED = "lifted"
    STUCK = "stuck", "failed to lift"


ADVISORY = "advisory"
"""Enforcement of a kick or ban without rules: this service enforces it, Agora does not."""

_IN_FORCE = (Progress.REQUESTED, Progress.PLACED, Progress.FAILED)
_DONE = {"due_at": None, "in_doubt": False, "error": ""}


class KickingRuleQuerySet(JobQuerySet["KickingRule"]):
    def kick(self, room_id: str, channel: str, user_id: str) -> str | None:
        """Request that the user leave once; return the enforcement id, None when there are no rules."""
        if not is_enforced():
            return None
        uids = Room(pk=room_id).uids.filter(channel=channel, user_id=user_id)
        return self._request(room_id, user_id, uids, due_at=timezone.now(), once=True)

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
        uids = Room(pk=room_id).uids.filter(channel=F("room__channel"), user_id=user_id)
        return self._request(room_id, user_id, uids, due_at=now, until=until)

    def let_in(self, room_id: str, user_id: str, now: datetime) -> None:
        """Request that the rules of a ban of the user be lifted, if there are any."""
        if is_enforced() and (held := self._of_ban(room_id, user_id)).exists():
            held.lift(now)

    def enforcement_id_of_ban(self, room_id: str, user_id: str) -> str | None:
        """Return the enforcement id of the ban in force, None when there are no rules."""
        if not is_enforced():
            return None
        return self._of_ban(room_id, user_id).order_by("-pk").values_list("enforcement_id", flat=True).first()

    def lift(self, now: datetime) -> None:
        """Request that these rules be removed from Agora; delete those that Agora does not have."""
        self.filter(rule_id=None, in_doubt=False).delete()
        # A rule that is claimed becomes due when its call ends, or when the claim's lease does.
        when = Least(Coalesce(F("due_at"), now), now + CLAIM_LEASE)
        self.update(progress=Progress.LIFTING, attempts=0, error="", due_at=when)

    def given_up(self, now: datetime) -> "KickingRuleQuerySet":
        """The rules that can be retried: all but the failed ones of bans that are over."""
        failed = Q(progress=Progress.FAILED) & (Q(until=None) | Q(until__gt=now))
        return self.filter(failed | Q(progress=Progress.STUCK))

    def retry(self, now: datetime) -> int:
        """Make rules that were given up due again; return their number."""
        goals = {Progress.FAILED: Progress.REQUESTED, Progress.STUCK: Progress.LIFTING}
        return sum(
            self.given_up(now).filter(progress=given_up).update(progress=goal, attempts=0, due_at=now)
            for given_up, goal in goals.items()
        )

    def due(self, now: datetime) -> Self:
        """Leave out rules for a uid in a channel from which another one has to be lifted first.

        Agora may not tell the two apart.
        """
        lifting = self.model.objects.filter(
            channel=OuterRef("channel"), uid=OuterRef("uid"), progress=Progress.LIFTING, due_at__isnull=False
        )
        return super().due(now).filter(Q(progress=Progress.LIFTING) | ~Exists(lifting))

    def _of_ban(self, room_id: str, user_id: str) -> "KickingRuleQuerySet":
        return self.filter(room_id=room_id, user_id=user_id, once=False, progress__in=_IN_FORCE)

    def _request(self, room_id: str, user_id: str, uids: models.QuerySet[Any], **fields: Any) -> str | None:
        enforcement_id = new_id()
        fields |= {"room_id": room_id, "user_id": user_id, "enforcement_id": enforcement_id}
        channels_and_uids = uids.values_list("channel", "number")
        rules = [KickingRule(channel=channel, uid=uid, **fields) for channel, uid in channels_and_uids]
        self.bulk_create(rules)
        return enforcement_id if rules else None


def is_enforced() -> bool:
    """Whether there is an account at Agora, so that it enforces kicks and bans."""
    return bool(settings.AGORA_CUSTOMER_ID)


class KickingRule(Job):
    """The job of keeping one uid out of one channel; never a whole channel, and never all channels."""

    claim_fields = ("progress", "due_at")

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="kicking_rules")
    user_id = models.CharField(max_length=255)
    enforcement_id = models.CharField(
        max_length=22, default=new_id, help_text="Rules of one kick or ban have it in common."
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
    due_at = models.DateTimeField(null=True, help_text="When to try next.")

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

    def claim(self, now: datetime) -> bool:
        """Reserve the rule for one try. `in_doubt` of this object stays as it was before."""
        lease_end = now + CLAIM_LEASE
        claimed = self.compare_and_set(due_at=lease_end, in_doubt=True, attempts=F("attempts") + 1)
        self.due_at, self.attempts = lease_end, self.attempts + 1
        return claimed

    def give_up(self, error: str, **values: Any) -> bool:
        given_up = Progress.STUCK if self.progress == Progress.LIFTING else Progress.FAILED
        return super().give_up(error, progress=given_up, **values)

    def record_placed(self, rule_id: int, now: datetime) -> None:
        same = KickingRule.objects.filter(pk=self.pk)
        requested = same.filter(progress=Progress.REQUESTED)
        if not requested.update(progress=Progress.PLACED, rule_id=rule_id, **_DONE):
            # The ban was lifted during the call.
            same.filter(progress=Progress.LIFTING, rule_id=None).update(rule_id=rule_id, due_at=now)

    def record_lifted(self) -> None:
        KickingRule.objects.filter(pk=self.pk).update(progress=Progress.LIFTED, **_DONE)
