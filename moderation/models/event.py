"""The event log of running rooms."""

from django.db import models
from django.db.models import F

from rooms.models.room import Room


class Action(models.TextChoices):
    """What an event records."""

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
"""Acts that remove a participant, and that Agora may enforce as well."""


class Event(models.Model):
    """One version of a room. Events are never changed; `change` has all that a late reader needs."""

    # The index of the constraint below begins with it.
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

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "version"], name="moderation_event_version_once")
        ]
        ordering = [F("version").asc()]

    def __str__(self) -> str:
        return f"{self.version} {self.action}"
