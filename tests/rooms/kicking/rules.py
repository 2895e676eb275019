"""Rooms that can have kicking rules, a clock that can be advanced, and the state of the rules."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from rooms.kicking import worker
from rooms.models import KickingRule, Member, Room, Uid
from rooms.roles import Role
from tests.rooms.kicking.agora_rest import AgoraRest


class Clock:
    """Real time, plus an offset."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return timezone.now() + self._ahead

    def skip(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


def by_number(room: Room, *user_ids: str, screens: bool = False) -> Room:
    """Make it a `uid` room in which these users have numbers, with `screens` also for a screen."""
    if room.uid_type != "uid":
        room.change({"uid_type": "uid"})
    for user_id in user_ids:
        Uid.objects.numbers(room.id, room.channel, user_id, [False, True] if screens else [False])
    return room


def numbers(room: Room, user_id: str) -> list[int]:
    found = Uid.objects.filter(channel=room.channel, user_id=user_id).order_by("pk")
    return list(found.values_list("number", flat=True))


def rules(*fields: str) -> list[Any]:
    """These fields of each rule, oldest first."""
    return list(KickingRule.objects.order_by("pk").values_list(*fields, flat=len(fields) == 1))


def work_until_settled(clock: Clock, tries: int = 30) -> None:
    """Work until no rule is due any more; pauses are skipped."""
    for _ in range(tries):
        worker.work(clock)
        if not KickingRule.objects.filter(due_at__isnull=False).exists():
            return
        clock.skip(400)
    raise AssertionError("never settled")


def ban(room: Room, seconds: float | None = None) -> int:
    """Ban bob, and return his number."""
    until = None if seconds is None else timezone.now() + timedelta(seconds=seconds)
    Member.objects.ban(room, "bob", until)
    return numbers(room, "bob")[0]


def unban(room: Room) -> None:
    Member.objects.appoint(room, "bob", Role.PUBLISHER)


def methods(agora: AgoraRest) -> list[str]:
    return [call.method for call in agora.calls]
