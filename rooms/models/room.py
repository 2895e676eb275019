"""Rooms."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from rooms.agora.limits import MAX_LIFETIME
from rooms.channel_keys import SECRET_LENGTH, new_secret
from rooms.random_ids import new_id
from rooms.refusals import room_not_found
from rooms.regions import Region
from rooms.roles import Role

MIN_TOKEN_TTL = 120

DEFAULT_ROLES = [(role.value, role.label) for role in (Role.PUBLISHER, Role.SUBSCRIBER)]


class UidType(models.TextChoices):
    ACCOUNT = "account"
    UID = "uid"


class Encryption(models.TextChoices):
    NONE = "none"
    AES_128_GCM2 = "aes-128-gcm2"
    AES_256_GCM2 = "aes-256-gcm2"


def is_over(ended_at: datetime | None, ends_at: datetime | None, now: datetime) -> bool:
    """Tell whether a room was ended, or has reached its `ends_at`."""
    return ended_at is not None or (ends_at is not None and ends_at <= now)


class RoomQuerySet(models.QuerySet["Room"]):
    def get_or_refuse(self, room_id: str) -> "Room":
        """Return the room, locked if this query set locks. Refuses with `room_not_found`."""
        room = None if "\0" in room_id else self.filter(pk=room_id).first()
        if room is None:
            raise room_not_found()
        return room

    def get_or_create_by_external_id(self, **fields: Any) -> tuple["Room", bool]:
        """Create a room, or return the one with this `external_id`; also return whether it is new."""
        if fields.get("external_id") is None:
            return self.create(**fields), True
        return self.get_or_create(external_id=fields.pop("external_id"), defaults=fields)

    def bump_version(self, room_ids: Iterable[str]) -> int:
        """Raise the version of these rooms, which also locks them; return how many exist."""
        return self.filter(pk__in=room_ids).update(version=F("version") + 1)

    def update_with_version(self, **changes: Any) -> int:
        """Like `update`, and raise the version of each room."""
        return self.update(**changes, version=F("version") + 1)


class Room(models.Model):
    """A room. Change it with `change`, which raises `version`: policies are cached by it."""

    id = models.CharField(primary_key=True, max_length=22, default=new_id, editable=False)
    external_id = models.CharField(
        max_length=255, null=True, blank=True, help_text="The app's own id for this room."
    )
    name = models.CharField(max_length=100, blank=True, default="")
    channel = models.CharField(max_length=63, default=new_id, editable=False)
    channel_secret = models.BinaryField(max_length=SECRET_LENGTH, default=new_secret, editable=False)
    region = models.CharField(
        max_length=2, choices=Region, blank=True, default="", help_text="Empty is anywhere."
    )
    cross_region = models.BooleanField(
        default=False, help_text="Whether clients from outside the region may join."
    )
    default_role = models.CharField(
        max_length=10,
        choices=DEFAULT_ROLES,
        null=True,
        blank=True,
        default=Role.SUBSCRIBER,
        help_text="What a user without a member record or a grant gets; null lets nobody else in.",
    )
    token_ttl = models.PositiveIntegerField(
        default=MAX_LIFETIME,
        validators=[MinValueValidator(MIN_TOKEN_TTL), MaxValueValidator(MAX_LIFETIME)],
        help_text="Seconds a token lives.",
    )
    audio_limit = models.PositiveSmallIntegerField(default=12, validators=[MaxValueValidator(1000)])
    video_limit = models.PositiveSmallIntegerField(default=10, validators=[MaxValueValidator(1000)])
    uid_type = models.CharField(
        max_length=7,
        choices=UidType,
        default=UidType.ACCOUNT,
        help_text="Whether Agora knows users by a string or by a number.",
    )
    encryption = models.CharField(max_length=12, choices=Encryption, default=Encryption.NONE)
    ends_at = models.DateTimeField(null=True, blank=True, help_text="When the room ends by itself.")
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveBigIntegerField(default=1, editable=False)

    objects = RoomQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["external_id"], name="rooms_room_external_id_unique"),
            models.UniqueConstraint(fields=["channel"], name="rooms_room_channel_unique"),
            models.CheckConstraint(condition=~Q(external_id=""), name="rooms_room_external_id_not_empty"),
            models.CheckConstraint(
                condition=Q(token_ttl__gte=MIN_TOKEN_TTL, token_ttl__lte=MAX_LIFETIME),
                name="rooms_room_token_ttl_in_range",
            ),
            models.CheckConstraint(
                condition=Q(default_role=None) | Q(default_role__in=[Role.PUBLISHER, Role.SUBSCRIBER]),
                name="rooms_room_default_role_known",
            ),
            models.CheckConstraint(condition=Q(region__in=["", *Region]), name="rooms_room_region_known"),
            models.CheckConstraint(condition=Q(uid_type__in=UidType), name="rooms_room_uid_type_known"),
            models.CheckConstraint(
                condition=Q(encryption__in=Encryption), name="rooms_room_encryption_known"
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="rooms_room_newest_first"),
            models.Index(
                fields=["ends_at"],
                condition=Q(ends_at__isnull=False, ended_at=None),
                name="rooms_room_to_end",
            ),
            models.Index(
                fields=["ended_at"], condition=Q(ended_at__isnull=False), name="rooms_room_to_forget"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.id

    def is_over(self, now: datetime) -> bool:
        return is_over(self.ended_at, self.ends_at, now)

    def change(self, changes: Mapping[str, Any]) -> None:
        """Set these fields only, and raise the version.

        All users of a channel share its uid type and encryption, so changing either moves the room to a new
        channel.
        """
        if any(changes.get(field, getattr(self, field)) != getattr(self, field) for field in _CHANNEL_FIELDS):
            changes = {**_new_channel(), **changes}
        if changes:
            self._write(changes)

    @transaction.atomic
    def _write(self, changes: Mapping[str, Any]) -> None:
        for field, value in changes.items():
            setattr(self, field, value)
        # The database counts: a stale instance must not write a version that another change has used.
        self.version = F("version") + 1
        self.save(update_fields=[*changes, "version"])
        self.refresh_from_db(fields=["version"])
        if "channel" in changes:
            self.uids.all().delete()

    def end(self, now: datetime) -> None:
        """End the room for good: no more tokens are issued. Ending it again changes nothing."""
        if self.ended_at is None:
            self.change({"ended_at": now})

    def rotate_channel(self) -> None:
        """Move the room to a new channel with a new secret; earlier tokens open only the old channel."""
        self.change(_new_channel())


_CHANNEL_FIELDS = ("uid_type", "encryption")


def _new_channel() -> dict[str, Any]:
    return {"channel": new_id(), "channel_secret": new_secret()}
