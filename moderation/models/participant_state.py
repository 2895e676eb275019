"""Who is in a room, with their overrides and seats."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q

from moderation.models.live_process import LEASE, LiveProcess
from moderation.models.room_state import RoomState
from moderation.rule import Medium, Override, may_publish
from rooms.models.room import Room
from rooms.roles import Role


class ParticipantQuerySet(models.QuerySet["ParticipantState"]):
    def present(self) -> Self:
        return self.filter(present=True)

    def shown(self) -> Self:
        """Return the participants in the room document: present, or in the Agora channel."""
        return self.filter(Q(present=True) | Q(in_channel=True))

    def lapsed(self, now: datetime) -> Self:
        """Return the participants whose lease has expired: their socket has been gone for longer."""
        dead = LiveProcess.objects.dead(now)
        return self.present().filter(
            Q(gone_at__lt=now - LEASE)
            | Q(connection__isnull=False, process=None)
            | Q(connection__isnull=False, process__in=dead)
        )

    def clear(self) -> None:
        """Mark everybody as absent, from the Agora channel too."""
        self.update(**_ABSENT, in_channel=False)

    def forget_channel(self) -> None:
        """Reset what Agora reported: the room has a new channel."""
        self.update(in_channel=False, channel_seq=None, channel_at=None, channel_uid=None)


SHOWN = (
    "alias",
    "name",
    "role",
    "connected",
    "in_channel",
    "audio",
    "video",
    "may_publish_audio",
    "may_publish_video",
    "audio_seat",
    "video_seat",
)
"""The members of a participant in the room document."""

_ABSENT = {
    "present": False,
    "audio_seat": False,
    "video_seat": False,
    "connection": None,
    "process_id": None,
    "gone_at": None,
}


class ParticipantState(models.Model):
    """One user in one room. Overrides outlast the user's stay; presence and seats are leases."""

    # The index of the constraint below begins with it.
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="participants", db_index=False)
    user_id = models.CharField(
        max_length=255, null=True, help_text="Empty if only Agora has reported this participant, by alias."
    )
    alias = models.CharField(max_length=20)
    name = models.CharField(max_length=100, blank=True, default="")
    role = models.CharField(max_length=10, choices=Role)
    ticket_role = models.CharField(
        max_length=10, choices=Role, help_text="What the ticket says; a member record wins over it."
    )
    audio = models.CharField(max_length=7, choices=Override, default=Override.INHERIT)
    video = models.CharField(max_length=7, choices=Override, default=Override.INHERIT)
    audio_seat = models.BooleanField(default=False)
    video_seat = models.BooleanField(default=False)
    present = models.BooleanField(default=False, help_text="Connected, or gone for less than the lease.")
    connection = models.CharField(max_length=22, null=True, help_text="The current socket of the user.")
    process = models.ForeignKey(LiveProcess, on_delete=models.SET_NULL, null=True, related_name="+")
    gone_at = models.DateTimeField(null=True, help_text="Since when a present user has had no socket.")
    in_channel = models.BooleanField(default=False, help_text="In the Agora channel, as Agora reports.")
    channel_seq = models.BigIntegerField(
        null=True, help_text="The `clientSeq` of the last notification about this user."
    )
    channel_at = models.BigIntegerField(null=True, help_text="Its `ts`: Unix time, by Agora's clock.")
    channel_uid = models.BigIntegerField(
        null=True, help_text="Its `uid`, which identifies the user in notifications without an account."
    )
    ban_known = models.BooleanField(
        default=False, help_text="The ban of a participant who is still in the channel is recorded."
    )

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "user_id"], name="moderation_participant_once_per_room"),
            models.UniqueConstraint(fields=["room", "alias"], name="moderation_participant_alias_unique"),
            models.CheckConstraint(
                condition=Q(present=True) | Q(audio_seat=False, video_seat=False),
                name="moderation_participant_seats_only_when_present",
            ),
            models.CheckConstraint(
                condition=Q(present=True, connection__isnull=False, gone_at=None)
                | Q(present=True, connection=None, gone_at__isnull=False)
                | Q(present=False, connection=None, gone_at=None),
                name="moderation_participant_connected_gone_or_absent",
            ),
        ]
        indexes = [
            models.Index(fields=["gone_at"], condition=Q(present=True), name="moderation_participant_gone"),
        ]

    def __str__(self) -> str:
        return self.user_id or self.alias

    @property
    def is_shown(self) -> bool:
        return self.present or self.in_channel

    @property
    def connected(self) -> bool:
        return self.connection is not None

    def document(self, state: RoomState) -> dict[str, Any]:
        """Return the participant as the room document shows them: a mapping of `SHOWN`."""
        permissions = {f"may_publish_{medium.value}": self.may_publish(medium, state) for medium in Medium}
        return {name: permissions[name] if name in permissions else getattr(self, name) for name in SHOWN}

    def may_publish(self, medium: Medium, state: RoomState) -> bool:
        override = Override(self.audio if medium is Medium.AUDIO else self.video)
        return may_publish(Role(self.role), override, forbidden=state.forbids(medium))

    def release_forbidden_seats(self, state: RoomState) -> None:
        """Release the seats of the media that the user may not publish."""
        self.audio_seat = self.audio_seat and self.may_publish(Medium.AUDIO, state)
        self.video_seat = self.video_seat and self.may_publish(Medium.VIDEO, state)

    def connect(self, connection: str, process_id: str) -> None:
        self.present, self.connection, self.process_id, self.gone_at = True, connection, process_id, None

    def disconnect(self, now: datetime) -> None:
        self.connection, self.process_id, self.gone_at = None, None, now

    def forget_ban(self) -> None:
        if self.ban_known:
            self.ban_known = False
            self.save(update_fields=["ban_known"])

    def leave(self) -> None:
        for field, value in _ABSENT.items():
            setattr(self, field, value)
