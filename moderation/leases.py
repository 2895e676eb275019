"""Leases across rooms: participants leave when their socket has been gone for too long."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime

from moderation.locked_room import locked_room
from moderation.models import ParticipantState
from moderation.transitions import expire_leases
from tokensvc.web.refusals import Refusal


def refresh(room_id: str, now: datetime) -> None:
    """Reconcile a room and expire its leases. Refuses with `room_not_found`."""
    with locked_room(room_id, now) as room:
        expire_leases(room)


def expire_leases_in(now: datetime, room_ids: Collection[str] | None = None) -> None:
    """Expire the leases in these rooms, or in all rooms."""
    lapsed = ParticipantState.objects.lapsed(now)
    if room_ids is not None:
        lapsed = lapsed.filter(room_id__in=room_ids)
    for room_id in set(lapsed.values_list("room_id", flat=True)):
        with suppress(Refusal):  # the room may have been deleted since
            refresh(room_id, now)
