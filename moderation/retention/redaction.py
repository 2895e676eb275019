"""Redaction of what names rooms and people but is not deleted with the room: admin log, webhook notices.

Log entries stay as a record of which member of staff did what when, without names.
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

# The models that staff edit in the admin, and that its log names.
_ROOM_RECORDS: tuple[type[Model], ...] = (Member, Invite, KickingRule)
_LOGGED: tuple[type[Model], ...] = (Room, *_ROOM_RECORDS)
_REDACTED = {"object_repr": "forgotten", "change_message": ""}

Row = TypeVar("Row", bound=Model)
Rooms = Collection[str] | QuerySet[Room, str]
"""The ids of rooms."""


def count(rooms: Rooms) -> dict[str, int]:
    """Return how many records `redact` and `redact_orphans` would change for these rooms."""
    return {
        "webhooks": _notices_of(rooms).count() + _orphaned_notices().count(),
        "log_entries": _entries_of(rooms).count() + sum(entries.count() for entries in _orphaned_entries()),
    }


def redact(rooms: Rooms) -> dict[str, int]:
    """Redact the records of rooms that are about to be deleted; return how many were changed."""
    return {
        "webhooks": _notices_of(rooms).delete()[0],
        "log_entries": _entries_of(rooms).update(**_REDACTED),
    }


@transaction.atomic
def redact_orphans() -> dict[str, int]:
    """Redact the records of what staff or the app have deleted; return how many were changed.

    Rows that another process has locked are skipped.
    """
    return {
        "webhooks": _unlocked(_orphaned_notices()).delete()[0],
        "log_entries": sum(_unlocked(entries).update(**_REDACTED) for entries in _orphaned_entries()),
    }


def _notices() -> QuerySet[Webhook]:
    """Return the notices that name people. `room.ended` names nobody and outlives its room."""
    return Webhook.objects.exclude(type=Notice.ROOM_ENDED)


def _notices_of(rooms: Rooms) -> QuerySet[Webhook]:
    return _notices().filter(room_id__in=rooms)


def _orphaned_notices() -> QuerySet[Webhook]:
    return _notices().filter(~Exists(Room.objects.filter(pk=OuterRef("room_id"))))


def _entries() -> QuerySet[LogEntry]:
    return LogEntry.objects.exclude(**_REDACTED)


def _entries_of(rooms: Rooms) -> QuerySet[LogEntry]:
    matches = Q(content_type=_kind(Room), object_id__in=rooms)
    for model in _ROOM_RECORDS:
        rows = model._base_manager.filter(room__in=rooms)  # noqa: SLF001 (documented)
        matches |= Q(content_type=_kind(model), object_id__in=rows.values_list(Cast("pk", TextField())))
    return _entries().filter(matches)


def _orphaned_entries() -> list[QuerySet[LogEntry]]:
    return [_orphaned_entries_of(model) for model in _LOGGED]


def _orphaned_entries_of(model: type[Model]) -> QuerySet[LogEntry]:
    # Cast the log's text, not the key: so the key's index can be used.
    key = Cast(OuterRef("object_id"), model._meta.pk)  # noqa: SLF001 (documented)
    existing = model._base_manager.filter(pk=key)  # noqa: SLF001 (documented)
    return _entries().filter(content_type=_kind(model)).filter(~Exists(existing))


def _unlocked(rows: QuerySet[Row]) -> QuerySet[Row]:
    unlocked = rows.select_for_update(skip_locked=True).values("pk")
    return rows.model._base_manager.filter(pk__in=unlocked)  # noqa: SLF001 (documented)


def _kind(model: type[Model]) -> ContentType:
    return ContentType.objects.get_for_model(model)
