"""What names rooms and their people without going with the room: the admin's log, and notices to the app.

The entries stay, as the record of which member of staff did what kind of thing when; they just name nobody.
"""

from collections.abc import Collection
from typing import TypeVar

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from moderation.models import Notice, Webhook
from rooms.models import Invite, KickingRule, Member, Room

# What staff may work on in the admin, and its log therefore names.
_OF_ROOMS: tuple[type[Model], ...] = (Member, Invite, KickingRule)
_LOGGED: tuple[type[Model], ...] = (Room, *_OF_ROOMS)
_FORGOTTEN = {"object_repr": "forgotten", "change_message": ""}

Row = TypeVar("Row", bound=Model)
Rooms = Collection[str] | QuerySet[Room, str]
"""The ids of rooms."""


def count(rooms: Rooms) -> dict[str, int]:
    """Return how many mentions there are of these rooms, and of what has been deleted already."""
    return {
        "webhooks": _notices_of(rooms).count() + _notices_left().count(),
        "log_entries": _entries_of(rooms).count() + sum(left.count() for left in _entries_left()),
    }


def forget(rooms: Rooms) -> dict[str, int]:
    """Forget the mentions of rooms that are about to be deleted; return how many there were."""
    return {
        "webhooks": _notices_of(rooms).delete()[0],
        "log_entries": _entries_of(rooms).update(**_FORGOTTEN),
    }


@transaction.atomic
def forget_what_is_left() -> dict[str, int]:
    """Forget the mentions of what staff or the app have deleted; return how many there were.

    Those that somebody else holds, to deliver them or to forget them too, are left to them.
    """
    return {
        "webhooks": _free(_notices_left()).delete()[0],
        "log_entries": sum(_free(left).update(**_FORGOTTEN) for left in _entries_left()),
    }


def _notices() -> QuerySet[Webhook]:
    """Those that name people. That a room has ended names nobody, and is told even of a forgotten one."""
    return Webhook.objects.exclude(type=Notice.ROOM_ENDED)


def _notices_of(rooms: Rooms) -> QuerySet[Webhook]:
    return _notices().filter(room_id__in=rooms)


def _notices_left() -> QuerySet[Webhook]:
    return _notices().filter(~Exists(Room.objects.filter(pk=OuterRef("room_id"))))


def _entries() -> QuerySet[LogEntry]:
    return LogEntry.objects.exclude(**_FORGOTTEN)


def _entries_of(rooms: Rooms) -> QuerySet[LogEntry]:
    named = Q(content_type=_kind(Room), object_id__in=rooms)
    for model in _OF_ROOMS:
        rows = model._base_manager.filter(room__in=rooms)  # noqa: SLF001 (documented)
        named |= Q(content_type=_kind(model), object_id__in=rows.values_list(Cast("pk", TextField())))
    return _entries().filter(named)


def _entries_left() -> list[QuerySet[LogEntry]]:
    return [_entries_left_of(model) for model in _LOGGED]


def _entries_left_of(model: type[Model]) -> QuerySet[LogEntry]:
    # The log's text becomes a key, and not the other way round, so that the key's index is of use.
    key = Cast(OuterRef("object_id"), model._meta.pk)  # noqa: SLF001 (documented)
    there = model._base_manager.filter(pk=key)  # noqa: SLF001 (documented)
    return _entries().filter(content_type=_kind(model)).filter(~Exists(there))


def _free(rows: QuerySet[Row]) -> QuerySet[Row]:
    free = rows.select_for_update(skip_locked=True).values("pk")
    return rows.model._base_manager.filter(pk__in=free)  # noqa: SLF001 (documented)


def _kind(model: type[Model]) -> ContentType:
    return ContentType.objects.get_for_model(model)
