"""Updates whose announcements a process has missed, read from the event log."""

from collections.abc import Mapping

from moderation.broker import Update
from moderation.close_codes import CloseCode
from moderation.document import updates_since
from moderation.models import REMOVALS, Action, Event, ParticipantState, RoomState


def replay_since(room_id: str, version: int, connections: Mapping[str, str]) -> list[Update]:
    """Return the later updates of a room; the last one closes the sockets that are no longer valid.

    `connections` maps the ids of this process's sockets to their users.
    """
    updates = [Update(number, frame, {}) for number, frame in updates_since(room_id, version)]
    if updates:
        updates[-1] = updates[-1]._replace(closes=_closes(room_id, connections))
    return updates


def _closes(room_id: str, connections: Mapping[str, str]) -> dict[str, CloseCode]:
    if RoomState.objects.get(pk=room_id).ended:
        return dict.fromkeys(connections, CloseCode.ENDED)
    rows = ParticipantState.objects.filter(room_id=room_id, user_id__in=connections.values())
    participants = {row.user_id: row for row in rows}
    return {
        connection: _close_code(participants[user_id])
        for connection, user_id in connections.items()
        if user_id in participants and participants[user_id].connection != connection
    }


def _close_code(participant: ParticipantState) -> CloseCode:
    """Return why a socket that is not this participant's connection must close."""
    if participant.connection is not None:
        return CloseCode.REPLACED
    if participant.present:
        return CloseCode.BAD_TICKET  # the room has a new channel
    # Consider only leave, kick and ban events: later events may be of other kinds.
    exits = Event.objects.filter(
        room_id=participant.room_id, target=participant.user_id, action__in=[Action.LEAVE, *REMOVALS]
    )
    removed = exits.order_by("-version").values_list("action", flat=True).first() in REMOVALS
    return CloseCode.REMOVED if removed else CloseCode.GOING_AWAY
