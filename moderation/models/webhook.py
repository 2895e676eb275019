"""What the app is still to be told: the outbox of its webhook."""

from django.db import models
from django.utils import timezone

from rooms.channel import new_name


class Notice(models.TextChoices):
    """The `type` of a webhook."""

    ROOM_ENDED = "room.ended"
    PARTICIPANT_JOINED = "participant.joined"
    PARTICIPANT_LEFT = "participant.left"
    PARTICIPANT_BANNED = "participant.banned"


def new_message_id() -> str:
    return f"msg_{new_name()}"


class Webhook(models.Model):
    """One notice, written with what it tells of and deleted once it is delivered; in order of id per room."""

    message_id = models.CharField(max_length=26, default=new_message_id, editable=False)
    # Not a foreign key: that a room has ended may be told after it was forgotten.
    room_id = models.CharField(max_length=22)
    type = models.CharField(max_length=20, choices=Notice)
    payload = models.TextField(help_text="The body, as it is signed and sent.")
    created_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now, help_text="When to try next.")
    error = models.CharField(max_length=200, blank=True, default="", help_text="Why the last try failed.")

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
