"""Invites of guests."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from rooms.models.room import Room
from rooms.random_ids import new_id
from rooms.roles import Role


class Invite(models.Model):
    """A code that lets guests in. Only its hash is kept."""

    id = models.CharField(primary_key=True, max_length=22, default=new_id, editable=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="invites")
    role = models.CharField(max_length=10, choices=Role, default=Role.SUBSCRIBER)
    label = models.CharField(max_length=100, blank=True, default="")
    code_hash = models.CharField(max_length=64, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty is as long as the room.")
    max_uses = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Empty is any number."
    )
    uses = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code_hash"], name="rooms_invite_code_unique"),
            models.CheckConstraint(condition=Q(role__in=Role), name="rooms_invite_role_known"),
            models.CheckConstraint(
                condition=Q(max_uses=None) | Q(uses__lte=F("max_uses")), name="rooms_invite_uses_within_limit"
            ),
        ]
        indexes = [models.Index(fields=["room", "-created_at"], name="rooms_invite_newest_first")]

    def __str__(self) -> str:
        return self.label or self.id
