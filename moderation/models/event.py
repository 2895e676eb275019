"""What has happened in a room."""

from typing import Self, TypedDict

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Value, When

from rooms.models import ADVISORY, KickingRule, Progress, Room


class Action(models.TextChoices):
    """Everything that can happen in a running room."""

    JOIN = "join"
    DISCONNECT = "disconnect"
    LEAVE = "leave"
    MUTE_EVERYONE = "mute_everyone"
    UNMUTE_EVERYONE = "unmute_everyone"
    DISABLE_WEBCAMS = "disable_webcams"
    ENABLE_WEBCAMS = "enable_webcams"
    MUTE_AUDIO = "mute_audio"
    ALLOW_AUDIO = "allow_audio"
    RESET_AUDIO = "reset_audio"
    MUTE_VIDEO = "mute_video"
    ALLOW_VIDEO = "allow_video"
    RESET_VIDEO = "reset_video"
    TAKE_AUDIO_SEAT = "take_audio_seat"
    RELEASE_AUDIO_SEAT = "release_audio_seat"
    TAKE_VIDEO_SEAT = "take_video_seat"
    RELEASE_VIDEO_SEAT = "release_video_seat"
    PROMOTE = "promote"
    DEMOTE = "demote"
    KICK = "kick"
    BAN = "ban"
    CHANGE_LIMITS = "change_limits"
    ROTATE_CHANNEL = "rotate_channel"
    ENTER_CHANNEL = "enter_channel"
    LEAVE_CHANNEL = "leave_channel"
    END = "end"


REMOVALS = {Action.KICK, Action.BAN}
"""What makes somebody leave, and may be enforced at Agora as well."""


class Enforced(TypedDict):
    enforcement: str


class EventQuerySet(models.QuerySet["Event"]):
    def with_enforcement(self) -> Self:
        """Say of each event, meaningful for kicks and bans only, how far Agora's enforcement has come."""
        rules = KickingRule.objects.filter(enforcement_id=OuterRef("enforcement_id"))
        lost = rules.filter(progress__in=[Progress.FAILED, Progress.STUCK])
        return self.annotate(
            enforcement=Case(
                When(enforcement_id=None, then=Value(ADVISORY)),
                When(Exists(lost), then=Value(Progress.FAILED.value)),
                When(Exists(rules.filter(progress=Progress.REQUESTED)), then=Value(Progress.REQUESTED.value)),
                When(Exists(rules), then=Value(Progress.PLACED.value)),
                # The ban was lifted before Agora had heard of it.
                default=Value(ADVISORY),
            )
        )


class Event(models.Model):
    """One step of a room's version. Only ever added; all that a late reader needs is in `change`."""

    # No index of its own: that of the constraint below begins with it.
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="events", db_index=False)
    version = models.PositiveBigIntegerField()
    action = models.CharField(max_length=20, choices=Action)
    actor = models.CharField(max_length=255, null=True, help_text="A user id; null is the app or its staff.")
    by = models.CharField(max_length=20, null=True, help_text="The actor's alias.")
    target = models.CharField(max_length=255, null=True, help_text="A user id; null is everybody.")
    at = models.DateTimeField()
    change = models.JSONField()
    enforcement_id = models.CharField(
        max_length=22, null=True, help_text="Of a kick or ban: what its kicking rules have in common."
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "version"], name="moderation_event_version_once")
        ]
        ordering = [F("version").asc()]

    def __str__(self) -> str:
        return f"{self.version} {self.action}"
