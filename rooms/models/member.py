"""Who is a member of a room as what, and who is banned from it."""

import re
from datetime import datetime
from typing import Any, Self

from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from rooms.models.kicking_rule import KickingRule
from rooms.models.membership_snapshot import ban_holds
from rooms.models.room import Room
from rooms.roles import Role

# Text without control characters.
user_id_pattern = re.compile(r"\A[^\x00-\x1f\x7f-\x9f]{1,255}\Z")

user_id_validator = RegexValidator(
    user_id_pattern, "Use 1 to 255 characters, none of them a control character."
)


class MemberQuerySet(models.QuerySet["Member"]):
    def in_force(self, now: datetime) -> Self:
        """Leave out records that say nothing any more: a ban that is over, of somebody without a role."""
        return self.exclude(role=None, until__lte=now)

    @transaction.atomic
    def appoint(
        self, room: Room, user_id: str, role: Role, *, assistant: bool = False
    ) -> tuple["Member", bool]:
        """Give the user a role in the room and lift any ban; also tells whether the record is new."""
        _lock(room)
        wanted = {"role": role, "assistant": assistant, "banned": False, "until": None}
        return self.update_or_create(room=room, user_id=user_id, defaults=wanted)

    @transaction.atomic
    def ban(self, room: Room, user_id: str, until: datetime | None) -> tuple["Member", bool]:
        """Keep the user out until then, or for good; also tells whether the record is new."""
        _lock(room)
        return self.update_or_create(room=room, user_id=user_id, defaults={"banned": True, "until": until})

    @transaction.atomic
    def delete(self) -> tuple[int, dict[str, int]]:
        Room.objects.filter(pk__in=set(self.values_list("room_id", flat=True))).update()
        for room_id, user_id in self.filter(banned=True).values_list("room_id", "user_id"):
            KickingRule.objects.let_in(room_id, user_id, timezone.now())
        return super().delete()


def _lock(room: Room) -> None:
    """Lock the room, whose version is about to rise, before any member: always in the same order.

    Refuses with `room_not_found` when it is gone.
    """
    Room.objects.select_for_update(no_key=True).get_or_refuse(room.pk)


class Member(models.Model):
    """What a room knows about one user. A ban stands beside the role, which holds again when it is over.

    Its members are facts about a room, so every change to one raises the room's version.
    """

    # No index of its own: that of the constraint below begins with it.
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="members", db_index=False)
    user_id = models.CharField(max_length=255, validators=[user_id_validator])
    role = models.CharField(max_length=10, choices=Role, null=True, blank=True)
    assistant = models.BooleanField(
        default=False, help_text="Is an assistant, not a teacher or student, in Flexible Classroom."
    )
    banned = models.BooleanField(default=False)
    until = models.DateTimeField(null=True, blank=True, help_text="When the ban is over; empty is never.")

    objects = MemberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "user_id"], name="rooms_member_once_per_room"),
            models.CheckConstraint(
                # IN alone is neither true nor false of null, and a check lets that pass.
                condition=Q(role__isnull=False, role__in=Role) | Q(role=None, banned=True),
                name="rooms_member_has_role_or_ban",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(banned=True), name="rooms_member_until_only_with_ban"
            ),
        ]

    def __str__(self) -> str:
        return self.user_id

    @transaction.atomic
    def save(self, **kwargs: Any) -> None:
        Room.objects.filter(pk=self.room_id).update()
        super().save(**kwargs)
        self._have_ban_enforced(timezone.now())

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        Room.objects.filter(pk=self.room_id).update()
        KickingRule.objects.let_in(self.room_id, self.user_id, timezone.now())
        return super().delete(*args, **kwargs)

    def is_banned(self, now: datetime) -> bool:
        return ban_holds(self.banned, self.until, now)

    def _have_ban_enforced(self, now: datetime) -> None:
        if self.is_banned(now):
            KickingRule.objects.keep_out(self.room_id, self.user_id, self.until, now)
        else:
            KickingRule.objects.let_in(self.room_id, self.user_id, now)
