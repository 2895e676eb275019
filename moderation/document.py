"""The room document that every client has, and the updates that change it."""

from collections.abc import Iterator
from typing import Any

from moderation.models import Event, ParticipantState, RoomState
from tokensvc.web.renderers import encode_json

ROOM_FIELDS = ("mute_everyone", "webcams_disabled", "audio_limit", "video_limit")


def room_document(state: RoomState) -> dict[str, Any]:
    return {field: getattr(state, field) for field in ROOM_FIELDS}


def document(state: RoomState) -> dict[str, Any]:
    """Return the room document: `{"version", "room", "participants"}`, participants in order of alias.

    The state must be locked, so that version and participants are consistent.
    """
    shown = ParticipantState.objects.shown().filter(room_id=state.room_id).order_by("alias")
    return {
        "version": state.version,
        "room": room_document(state),
        "participants": [participant.document(state) for participant in shown],
    }


def snapshot(participant: ParticipantState, state: RoomState) -> dict[str, Any]:
    """Return the first frame of a socket: the document, and the participant that the socket belongs to."""
    return {"type": "snapshot", **document(state), "you": participant.document(state)}


def event_document(event: Event) -> dict[str, Any]:
    """Return the members of an update: version, action, author, time, and what changed."""
    return {
        "version": event.version,
        "action": event.action,
        "by": event.by,
        "at": event.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        **event.change,
    }


def update_frame(event: Event) -> str:
    """Return the update frame, which is the same for every socket."""
    return encode_json({"type": "update", **event_document(event)})


def updates_since(room_id: str, version: int) -> Iterator[tuple[int, str]]:
    """Yield each later version of the room with its update, oldest first."""
    for event in Event.objects.filter(room_id=room_id, version__gt=version).order_by("version"):
        yield event.version, update_frame(event)
