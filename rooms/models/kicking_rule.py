"""Rules at Agora that keep people out of a channel: the ones that are wanted, and what became of each.

Source: docs.agora.io, channel management REST API. A token lives for a day at most and no new one is issued
to somebody banned, so a rule of a day keeps them out for good.
"""

from django.db import models
from django.db.models import Q

from rooms.agora import MAX_UID
from rooms.channel import new_name
from rooms.models.room import Room


class Progress(models.TextChoices):
    REQUESTED = "requested"
    PLACED = "provider", "at the provider"
    FAILED = "failed"
    LIFTING = "lifting"


ADVISORY = "advisory"
"""Of a kick or ban for which there is no rule: it holds by our own layers only."""


class KickingRuleQuerySet(models.QuerySet["KickingRule"]):
    def kick(self, room_id: str, channel: str, user_id: str) -> str | None:
        """Request that the user be made to leave once; return the act, None when there is nothing to do."""
        return None

    def act_of_ban(self, room_id: str, user_id: str) -> str | None:
        """Return the act of the ban in force, None when there are no rules for it."""
        return None


class KickingRule(models.Model):
    """One uid to be kept out of one channel; never a whole channel, and never a user everywhere."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="kicking_rules")
    user_id = models.CharField(max_length=255)
    act = models.CharField(
        max_length=22, default=new_name, help_text="Rules of one kick or ban have it in common."
    )
    channel = models.CharField(max_length=63)
    uid = models.BigIntegerField()
    until = models.DateTimeField(null=True, help_text="Empty is to kick once and let back in.")
    progress = models.CharField(max_length=9, choices=Progress, default=Progress.REQUESTED)
    rule_id = models.BigIntegerField(null=True, help_text="Agora's own id of the rule.")
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
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="rooms_kicking_rule_due"),
            models.Index(fields=["act"], name="rooms_kicking_rule_act"),
        ]

    def __str__(self) -> str:
        return f"{self.channel}/{self.uid}"


class CallSlot(models.Model):
    """When the next call to a provider's REST API may start: all processes share the account's rate."""

    account = models.CharField(primary_key=True, max_length=100)
    free_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.account
