"""Checks that several forms of the admin share."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone

from rooms.models import Room


def check_future(value: datetime | None) -> datetime | None:
    if value is not None and value <= timezone.now():
        raise ValidationError("This must be in the future.", "past")
    return value


def check_open(room: Room) -> Room:
    if room.is_over(timezone.now()):
        raise ValidationError("This room has ended.", "room_ended")
    return room
