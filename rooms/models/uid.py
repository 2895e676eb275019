"""The uids of users in `uid` rooms."""

from collections.abc import Iterable
from secrets import randbelow

from django.db import IntegrityError, models, transaction
from django.db.models import Q

from rooms.agora.limits import MAX_UID
from rooms.models.room import Room
from rooms.refusals import room_not_found


class UidQuerySet(models.QuerySet["Uid"]):
    def numbers(self, room_id: str, channel: str, user_id: str, screens: Iterable[bool]) -> dict[bool, int]:
        """Return the user's numbers, keyed by whether they are for screen sharing; missing ones are drawn."""
        owned = self.filter(channel=channel, user_id=user_id)
        numbers = dict(owned.values_list("screen", "number"))
        for screen in screens:
            while screen not in numbers:
                # User and number are both unique in the channel: after losing a race, read again.
                try:
                    with transaction.atomic():
                        number = 1 + randbelow(MAX_UID)
                        self.create(
                            room_id=room_id,
                            channel=channel,
                            user_id=user_id,
                            screen=screen,
                            number=number,
                        )
                except IntegrityError:
                    if not Room.objects.filter(pk=room_id).exists():
                        raise room_not_found() from None
                numbers = dict(owned.values_list("screen", "number"))
        return numbers


class Uid(models.Model):
    """A user's number in the channel of a `uid` room; a second one is for screen sharing."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="uids")
    channel = models.CharField(max_length=63)
    user_id = models.CharField(max_length=255)
    screen = models.BooleanField()
    number = models.BigIntegerField()

    objects = UidQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "user_id", "screen"], name="rooms_uid_once_per_user"),
            models.UniqueConstraint(fields=["channel", "number"], name="rooms_uid_number_unique"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=MAX_UID), name="rooms_uid_in_range"
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)
