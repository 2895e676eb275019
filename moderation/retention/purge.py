"""Forgetting: some time after a room has ended, all that ties people to it goes, and the room with it.

Several may forget at the same time: what others hold is left to them, so that nobody waits while holding
a lock.
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
"""What goes with its room and is counted, by the name it is reported under."""

# Rooms in one transaction: large enough for its statements to pay, over in a fraction of a second.
BATCH = 500
# What others lock before they ask for the room, or for anything else of it.
_WORKED_ON: tuple[type[Model], ...] = (RoomState, KickingRule, Webhook)


def preview(now: datetime, retention: timedelta) -> dict[str, int]:
    """Return what `forget` would, of what there is now, and change nothing."""
    before = now - retention
    over_by_then = Q(ended_at__lte=before) | Q(ended_at=None, ends_at__lte=before)
    rooms = Room.objects.filter(over_by_then).values_list("pk", flat=True)
    hanging = {kind: model._base_manager.filter(room__in=rooms) for kind, model in KINDS.items()}  # noqa: SLF001 (documented)
    return {
        "ended": _to_end(now).count(),
        "forgotten": rooms.count(),
        **{kind: rows.count() for kind, rows in hanging.items()},
        **redaction.count(rooms),
    }


def forget(now: datetime, retention: timedelta) -> dict[str, int]:
    """End the rooms whose time is over, forget those that ended so long ago; return how many of what.

    A room that ended by itself ended when it was to, however late that is noticed. What somebody else is
    working on is left for the next time.
    """
    counts = Counter(dict.fromkeys(("ended", "forgotten", *KINDS), 0))
    counts.update(ended=_end_all(now), **redaction.forget_what_is_left())
    while (batch := _forget_some(now - retention))["forgotten"]:
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
    """Record that a room is over, and since when; tells whether nobody else has."""
    try:
        # Opening it has everybody leave, closes the sockets and tells the app.
        with locked_room(room_id, now):
            room = _to_end(now).select_for_update(no_key=True).filter(pk=room_id).first()
            if room is None or room.ends_at is None:
                return False
            room.end(room.ends_at)
            return True
    except Refusal:  # gone meanwhile
        return False


@transaction.atomic
def _forget_some(before: datetime) -> Counter[str]:
    ids = _claim(before)
    counts = Counter(redaction.forget(ids))
    deleted = Room.objects.filter(pk__in=ids).delete()[1]
    counted: dict[str, type[Model]] = {"forgotten": Room, **KINDS}
    counts.update({kind: deleted.get(model._meta.label, 0) for kind, model in counted.items()})  # noqa: SLF001 (documented)
    return counts


def _claim(before: datetime) -> set[str]:
    """Lock some rooms that are to be forgotten, and of which nobody else has locked anything."""
    ended = Room.objects.filter(ended_at__lte=before).order_by("ended_at")
    ids = set(ended.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
    for model in _WORKED_ON:
        ids -= _held(model, ids)
    return ids


def _held(model: type[Model], ids: Collection[str]) -> set[str]:
    """Lock these rooms' rows of a model as far as they are free; return the rooms of the others."""
    rows = model._base_manager.filter(room_id__in=ids)  # noqa: SLF001 (documented)
    free = set(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
    return {room_id for pk, room_id in rows.values_list("pk", "room_id") if pk not in free}
