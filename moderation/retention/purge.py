"""Purging rooms some time after they have ended, with everything that ties people to them.

Safe to run concurrently: locked rows are skipped, so that no process waits while it holds a lock.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Model, Q, QuerySet

from moderation.locked_room import locked_room
from moderation.models import Event, ParticipantState, RoomState, Webhook
from moderation.retention import redaction
from rooms.models import Invite, KickingRule, Member, Room, Uid
from tokensvc.web.refusals import Refusal

KINDS: Mapping[str, type[Model]] = {
    "members": Member,
    "invites": Invite,
    "uids": Uid,
    "kicking_rules": KickingRule,
    "participants": ParticipantState,
    "events": Event,
}
"""The models deleted and counted with their room, by the name in the report."""

# Rooms in one transaction, which takes a fraction of a second.
BATCH = 500
# The rows that other processes lock before they lock the room.
_LOCKED_FIRST: tuple[type[Model], ...] = (RoomState, KickingRule, Webhook)


def preview(now: datetime, retention: timedelta) -> dict[str, int]:
    """Return the counts that `purge` would return now; change nothing."""
    before = now - retention
    over_by_then = Q(ended_at__lte=before) | Q(ended_at=None, ends_at__lte=before)
    rooms = Room.objects.filter(over_by_then).values_list("pk", flat=True)
    dependent = {kind: model._base_manager.filter(room__in=rooms) for kind, model in KINDS.items()}  # noqa: SLF001 (documented)
    return {
        "ended": _to_end(now).count(),
        "forgotten": rooms.count(),
        **{kind: rows.count() for kind, rows in dependent.items()},
        **redaction.count(rooms),
    }


def purge(now: datetime, retention: timedelta) -> dict[str, int]:
    """End rooms whose `ends_at` has passed and delete those that ended `retention` ago; return the counts.

    A room that ended by itself gets `ends_at` as its `ended_at`. Rooms that another process works on are left
    for the next run.
    """
    counts = Counter(dict.fromkeys(("ended", "forgotten", *KINDS), 0))
    counts.update(ended=_end_all(now), **redaction.redact_orphans())
    while (batch := _purge_batch(now - retention))["forgotten"]:
        counts.update(batch)
    return dict(counts)


def _to_end(now: datetime) -> QuerySet[Room]:
    return Room.objects.filter(ended_at=None, ends_at__lte=now)


def _end_all(now: datetime) -> int:
    ended = 0
    while ids := list(_to_end(now).values_list("pk", flat=True)[:BATCH]):
        ended += sum(_end(room_id, now) for room_id in ids)
    return ended


def _end(room_id: str, now: datetime) -> bool:
    """End one room; tell whether this process did it."""
    try:
        # Reconciling makes everybody leave, closes the sockets and notifies the app.
        with locked_room(room_id, now):
            room = _to_end(now).select_for_update(no_key=True).filter(pk=room_id).first()
            if room is None or room.ends_at is None:
                return False
            room.end(room.ends_at)
            return True
    except Refusal:  # deleted since
        return False


@transaction.atomic
def _purge_batch(before: datetime) -> Counter[str]:
    ids = _claim(before)
    counts = Counter(redaction.redact(ids))
    deleted = Room.objects.filter(pk__in=ids).delete()[1]
    counted: dict[str, type[Model]] = {"forgotten": Room, **KINDS}
    counts.update({kind: deleted.get(model._meta.label, 0) for kind, model in counted.items()})  # noqa: SLF001 (documented)
    return counts


def _claim(before: datetime) -> set[str]:
    """Lock a batch of rooms to purge; leave out those of which other processes have locked anything."""
    ended = Room.objects.filter(ended_at__lte=before).order_by("ended_at")
    ids = set(ended.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
    for model in _LOCKED_FIRST:
        ids -= _locked_elsewhere(model, ids)
    return ids


def _locked_elsewhere(model: type[Model], ids: Collection[str]) -> set[str]:
    """Lock these rooms' rows of a model; return the rooms of the rows that others have locked."""
    rows = model._base_manager.filter(room_id__in=ids)  # noqa: SLF001 (documented)
    free = set(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
    return {room_id for pk, room_id in rows.values_list("pk", "room_id") if pk not in free}
