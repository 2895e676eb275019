"""The outbox of the app's webhook."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from rooms.random_ids import new_id
from tokensvc.jobs.models import CLAIM_LEASE, Job, JobQuerySet


class Notice(models.TextChoices):
    """The types of webhooks."""

    ROOM_ENDED = "room.ended"
    PARTICIPANT_JOINED = "participant.joined"
    PARTICIPANT_LEFT = "participant.left"
    PARTICIPANT_BANNED = "participant.banned"


def new_message_id() -> str:
    return f"msg_{new_id()}"


# A notice queued behind an earlier one of its room is skipped for this long; the worker that delivers the
# earlier one picks it up.
QUEUED_PAUSE = timedelta(minutes=15)


class WebhookQuerySet(JobQuerySet["Webhook"]):
    def unclaimed(self, now: datetime) -> Self:
        return self.filter(Q(claimed_until=None) | Q(claimed_until__lte=now))

    def from_room(self, room_id: "str | OuterRef") -> Self:
        """The notices of a room in their order, followed by those of the rooms after it."""
        # With room_id= PostgreSQL may scan the primary key of all rooms when one room has most of the
        # notices. This order leaves it a single index to read.
        return self.filter(room_id__gte=room_id).order_by("room_id", "pk")

    def first_of(self, room_id: str) -> "Webhook | None":
        first = self.from_room(room_id).first()
        return first if first is not None and first.room_id == room_id else None

    def rooms_due(self, now: datetime, limit: int) -> tuple[list[str], int]:
        """Return the rooms whose first notice is due, and how many due notices were read, at most `limit`.

        Due notices behind another one of their room are put off, so that the next poll does not read them.
        """
        first = Webhook.objects.from_room(OuterRef("room_id")).values("pk")[:1]
        due = self.unclaimed(now).due(now).order_by("due_at").annotate(first=Subquery(first))
        found = list(due.values_list("pk", "first", "room_id")[:limit])
        queued = [pk for pk, first_of_room, _ in found if pk != first_of_room]
        if queued:
            self._put_off(queued, now)
        return [room_id for pk, first_of_room, room_id in found if pk == first_of_room], len(found)

    def _put_off(self, queued: Collection[int], now: datetime) -> None:
        # A notice that has become the first of its room in the meantime was made due and keeps its due_at.
        # Locked rows are skipped: two processes that wait for each other's rows would deadlock.
        with transaction.atomic():
            rows = self.filter(pk__in=queued, due_at__lte=now).select_for_update(skip_locked=True)
            self.filter(pk__in=rows.values("pk")).update(due_at=now + QUEUED_PAUSE)

    def claim_first(self, room_id: str, now: datetime) -> "Webhook | None":
        """Claim the first notice of a room; None when it has to wait or another process sends it."""
        first = self.first_of(room_id)
        if first is None or (first.attempts and first.due_at > now):
            return None
        return first if first.claim(now) else None

    def send_now(self, room_ids: Collection[str], now: datetime) -> None:
        """Make all notices of these rooms due."""
        self.filter(room_id__in=room_ids, due_at__gt=now).update(due_at=now)


class Webhook(Job):
    """The job of delivering one notice. It is deleted once delivered, and never given up.

    The ids of a room's notices are in the order of its acts, because they are assigned under the room's lock.
    """

    claim_fields = ("attempts", "claimed_until")

    message_id = models.CharField(max_length=26, default=new_message_id, editable=False)
    # Not a foreign key: `room.ended` may be delivered after the room was purged.
    room_id = models.CharField(max_length=22)
    type = models.CharField(max_length=20, choices=Notice)
    payload = models.TextField(help_text="The body, as it is signed and sent.")
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(
        default=timezone.now,
        help_text="When to try next; queued behind another of its room, when to check again.",
    )
    claimed_until = models.DateTimeField(
        null=True, help_text="When the claim of the process that sends it ends."
    )

    objects = WebhookQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message_id"], name="moderation_webhook_message_id_unique")
        ]
        indexes = [
            models.Index(fields=["room_id", "id"], name="moderation_webhook_in_order"),
            models.Index(fields=["due_at"], name="moderation_webhook_due"),
        ]

    def __str__(self) -> str:
        return self.message_id

    def claim(self, now: datetime) -> bool:
        if self.claimed_until is not None and self.claimed_until > now:
            return False
        lease_end = now + CLAIM_LEASE
        # Due, so that a poll finds it when the claiming process has died.
        claimed = self.compare_and_set(claimed_until=lease_end, due_at=min(self.due_at, now))
        self.claimed_until = lease_end
        return claimed

    def put_off(self, error: str, due_at: datetime, **values: Any) -> bool:
        return super().put_off(error, due_at, attempts=F("attempts") + 1, claimed_until=None, **values)

    def record_delivered(self, now: datetime) -> None:
        """Delete the notice and make the next one of its room due."""
        self.delete()
        following = Webhook.objects.first_of(self.room_id)
        if following is not None and not following.attempts:
            Webhook.objects.filter(pk=following.pk, due_at__gt=now).update(due_at=now)
