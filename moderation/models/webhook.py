"""What the app is still to be told: the outbox of its webhook."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Self

from django.db import models, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from rooms.channel_keys import new_name


class Notice(models.TextChoices):
    """The `type` of a webhook."""

    ROOM_ENDED = "room.ended"
    PARTICIPANT_JOINED = "participant.joined"
    PARTICIPANT_LEFT = "participant.left"
    PARTICIPANT_BANNED = "participant.banned"


def new_message_id() -> str:
    return f"msg_{new_name()}"


MAX_ERROR = 200
# A process has so long to send a notice that it has claimed; then others may.
CLAIM = timedelta(seconds=60)
# What stands behind another notice of its room is not looked at again for so long: whoever delivers the
# first one goes on to it at once.
BEHIND = timedelta(minutes=15)


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def free(self, now: datetime) -> Self:
        """Those that nobody is sending."""
        return self.filter(Q(claimed_until=None) | Q(claimed_until__lte=now))

    def from_room(self, room_id: "str | OuterRef") -> Self:
        """Those of a room in their order, and then those of rooms behind it."""
        # Asked for the first of one room, PostgreSQL reads all rooms' by their id when one room has most of
        # them; in this order there is only one index to read.
        return self.filter(room_id__gte=room_id).order_by("room_id", "pk")

    def first_of(self, room_id: str) -> "Webhook | None":
        first = self.from_room(room_id).first()
        return first if first is not None and first.room_id == room_id else None

    def rooms_due(self, now: datetime, limit: int) -> tuple[list[str], int]:
        """Return the rooms whose first notice is due, and how many notices were looked at, at most `limit`.

        What is due behind another notice of its room is put off, so that the next look does not meet it.
        """
        first = Webhook.objects.from_room(OuterRef("room_id")).values("pk")[:1]
        due = self.free(now).filter(due_at__lte=now).order_by("due_at")
        found = list(due.annotate(first=Subquery(first)).values_list("pk", "first", "room_id")[:limit])
        behind = [pk for pk, first_of_room, _ in found if pk != first_of_room]
        if behind:
            self._put_off(behind, now)
        return [room_id for pk, first_of_room, room_id in found if pk == first_of_room], len(found)

    def _put_off(self, behind: Collection[int], now: datetime) -> None:
        # What has become the first of its room since then, and was made due for it, stays so. What another
        # process is writing is left to it: two that wait for each other's rows would wait for ever.
        with transaction.atomic():
            rows = self.filter(pk__in=behind, due_at__lte=now).select_for_update(skip_locked=True)
            self.filter(pk__in=rows.values("pk")).update(due_at=now + BEHIND)

    def claim(self, room_id: str, now: datetime) -> "Webhook | None":
        """Return the first notice of a room, for the caller alone to send; None if it has to wait."""
        first = self.first_of(room_id)
        if first is None or (first.attempts and first.due_at > now):
            return None
        first.claimed_until = now + CLAIM
        # Due, lest it be forgotten for long when its claimant dies.
        claimed = (
            self.free(now)
            .filter(pk=first.pk, attempts=first.attempts)
            .update(claimed_until=first.claimed_until, due_at=min(first.due_at, now))
        )
        return first if claimed else None

    def send_now(self, room_ids: Collection[str], now: datetime) -> None:
        """Have the notices of these rooms tried at the next look."""
        self.filter(room_id__in=room_ids, due_at__gt=now).update(due_at=now)


class Webhook(models.Model):
    """One notice, written with what it tells of and deleted once it is delivered; in order of id per room.

    Ids rise in a room in the order of its acts, for they are given under the lock on the room.
    """

    message_id = models.CharField(max_length=26, default=new_message_id, editable=False)
    # Not a foreign key: that a room has ended may be told after it was forgotten.
    room_id = models.CharField(max_length=22)
    type = models.CharField(max_length=20, choices=Notice)
    payload = models.TextField(help_text="The body, as it is signed and sent.")
    created_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(
        default=timezone.now, help_text="When to try next; behind another of its room, when to look again."
    )
    claimed_until = models.DateTimeField(null=True, help_text="How long a process has for sending it.")
    error = models.CharField(
        max_length=MAX_ERROR, blank=True, default="", help_text="Why the last try failed."
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

    def delivered(self, now: datetime) -> None:
        """Forget it, and have the next one of its room follow."""
        self.delete()
        following = Webhook.objects.first_of(self.room_id)
        if following is not None and not following.attempts:
            Webhook.objects.filter(pk=following.pk, due_at__gt=now).update(due_at=now)

    def failed(self, error: str, due_at: datetime) -> None:
        """Keep why, and when to try again; unless somebody else has claimed it since."""
        mine = Webhook.objects.filter(pk=self.pk, claimed_until=self.claimed_until)
        mine.update(attempts=F("attempts") + 1, error=error[:MAX_ERROR], due_at=due_at, claimed_until=None)
