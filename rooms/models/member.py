"""Members of a room: their roles and bans."""

import re
from datetime import datetime
from typing import Any, NamedTuple, Self

from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from rooms.models.kicking_rule import KickingRule
from rooms.models.membership_snapshot import ban_holds
from rooms.models.room import Room
from rooms.refusals import room_not_found
from rooms.roles import Role

user_id_pattern = re.compile(r"\A[^\x00-\x1f\x7f-\x9f]{1,255}\Z")

user_id_validator = RegexValidator(
    user_id_pattern, "Use 1 to 255 characters, none of them a control character."
)


class MemberChange(NamedTuple):
    """The record as written, whether it is new, and the id of the rules that enforce its ban, if any."""

    member: "Member"
    created: bool
    enforcement_id: str | None


class MemberQuerySet(models.QuerySet["Member"]):
    """Members are facts about a room: each of the named changes below raises the room's version.

    They also request and lift the rules that enforce bans at Agora. Plain `save` and `delete` do neither.
    """

    def in_force(self, now: datetime) -> Self:
        """Leave out expired bans of users without a role."""
        return self.exclude(role=None, until__lte=now)

    def appoint(self, room: Room, user_id: str, role: Role, *, assistant: bool = False) -> MemberChange:
        """Give the user a role in the room and lift any ban. Refuses with `room_not_found`."""
        return self.write(room, user_id, role=role, assistant=assistant, banned=False, until=None)

    def ban(self, room: Room, user_id: str, until: datetime | None) -> MemberChange:
        """Ban the user until then, or for good; the role is kept. Refuses with `room_not_found`."""
        return self.write(room, user_id, banned=True, until=until)

    @transaction.atomic
    def write(self, room: Room, user_id: str, **fields: Any) -> MemberChange:
        """Set these fields of the user's record, which is created if there is none."""
        # This locks the room: changes of its members take turns, always room first.
        if not Room.objects.bump_version([room.pk]):
            raise room_not_found()
        member, created = self.update_or_create(room=room, user_id=user_id, defaults=fields)
        return MemberChange(member, created, member.update_enforcement(timezone.now()))

    def remove(self, room: Room, user_id: str) -> bool:
        """Delete the user's record; tell whether there was one."""
        return self.filter(room=room, user_id=user_id).remove_all() > 0

    @transaction.atomic
    def remove_all(self) -> int:
        """Delete these records; return how many."""
        Room.objects.bump_version(set(self.values_list("room_id", flat=True)))
        for room_id, user_id in self.filter(banned=True).values_list("room_id", "user_id"):
            KickingRule.objects.let_in(room_id, user_id, timezone.now())
        return self.delete()[0]


class Member(models.Model):
    """A user's role in a room, and their ban. The role is kept during a ban and holds again after it."""

    # The index of the constraint below begins with this column.
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
                # `NULL IN (…)` is null, which a check constraint accepts.
                condition=Q(role__isnull=False, role__in=Role) | Q(role=None, banned=True),
                name="rooms_member_has_role_or_ban",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(banned=True), name="rooms_member_until_only_with_ban"
            ),
        ]

    def __str__(self) -> str:
        return self.user_id

    def is_banned(self, now: datetime) -> bool:
        return ban_holds(self.banned, self.until, now)

    def update_enforcement(self, now: datetime) -> str | None:
        """Request or lift the rules for this record's ban; return the enforcement id of a ban in force."""
        if self.is_banned(now):
            return KickingRule.objects.keep_out(self.room_id, self.user_id, self.until, now)
        KickingRule.objects.let_in(self.room_id, self.user_id, now)
        return None
