"""What the sockets of a process need from the database now and then."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from moderation.broker.announcements import Close, Update
from moderation.document import updates_since
from moderation.leases import refresh
from moderation.models import REMOVALS, Action, Event, LiveProcess, ParticipantState, RoomState
from moderation.presence import disconnect
from tokensvc.web.refusals import Refusal

_FORGET_AFTER = timedelta(hours=1)


class Findings(NamedTuple):
    """The rooms that have moved on, and those that are no longer there."""

    ahead: list[str]
    missing: set[str]


def renew(process_id: str, now: datetime, *, after_outage: bool = False) -> None:
    """Say that this process lives, and forget those that have not for long."""
    LiveProcess.objects.renew(process_id, now, after_outage=after_outage)
    LiveProcess.objects.filter(seen_at__lt=now - _FORGET_AFTER).delete()


def look(versions: Mapping[str, int], departures: Mapping[str, str], now: datetime) -> Findings:
    """Compare rooms with the versions their sockets were told of.

    Notes sockets that are gone (room by connection); catches up with changed facts.
    """
    for room_id in set(departures.values()):
        gone = [connection for connection, left in departures.items() if left == room_id]
        with suppress(Refusal):  # the room may be gone as well
            disconnect(room_id, gone, now)
    ahead, found = [], set()
    for room in RoomState.objects.watch(versions, now):
        found.add(room.room_id)
        if not room.is_reconciled:
            with suppress(Refusal):
                refresh(room.room_id, now)
            ahead.append(room.room_id)
        elif room.version > versions[room.room_id]:
            ahead.append(room.room_id)
    return Findings(ahead, versions.keys() - found)


def missed(room_id: str, version: int, connections: Mapping[str, str]) -> list[Update]:
    """Return the later updates of a room, the last one closing those sockets that no longer count.

    `connections` are the process's own, with their users.
    """
    updates = [Update(number, frame, {}) for number, frame in updates_since(room_id, version)]
    if updates:
        updates[-1] = updates[-1]._replace(closes=_dismissed(room_id, connections))
    return updates


def _dismissed(room_id: str, connections: Mapping[str, str]) -> dict[str, int]:
    if RoomState.objects.get(pk=room_id).ended:
        return dict.fromkeys(connections, Close.ENDED)
    rows = ParticipantState.objects.filter(room_id=room_id, user_id__in=connections.values())
    users = {row.user_id: row for row in rows}
    return {
        connection: _why_dismissed(users[user_id])
        for connection, user_id in connections.items()
        if user_id in users and users[user_id].connection != connection
    }


def _why_dismissed(participant: ParticipantState) -> int:
    if participant.connection is not None:
        return Close.REPLACED
    if participant.present:
        return Close.BAD_TICKET  # the room has a new channel
    # Of what makes somebody leave, for more may have happened to them since.
    why = Event.objects.filter(
        room_id=participant.room_id, target=participant.user_id, action__in=[Action.LEAVE, *REMOVALS]
    )
    removed = why.order_by("-version").values_list("action", flat=True).first() in REMOVALS
    return Close.REMOVED if removed else Close.GOING_AWAY
