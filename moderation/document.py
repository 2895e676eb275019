"""What everybody in a room sees: the room document, and the updates that change it."""

import json
from collections.abc import Iterator
from typing import Any

from moderation.models import Event, ParticipantState, RoomState
from moderation.rule import Medium

encode = json.JSONEncoder(separators=(",", ":")).encode

ROOM_FIELDS = ("mute_everyone", "webcams_disabled", "audio_limit", "video_limit")


def room_shown(state: RoomState) -> dict[str, Any]:
    return {field: getattr(state, field) for field in ROOM_FIELDS}


def participant_shown(participant: ParticipantState, state: RoomState) -> dict[str, Any]:
    return {
        "alias": participant.alias,
        "name": participant.name,
        "role": participant.role,
        "connected": participant.connection is not None,
        "in_channel": participant.in_channel,
        "audio": participant.audio,
        "video": participant.video,
        "may_publish_audio": participant.may_publish(Medium.AUDIO, state),
        "may_publish_video": participant.may_publish(Medium.VIDEO, state),
        "audio_seat": participant.audio_seat,
        "video_seat": participant.video_seat,
    }


def document(state: RoomState) -> dict[str, Any]:
    """Return the room document: `{"version", "room", "participants"}`, the latter by alias.

    The state must be locked, so that its version and the participants belong together.
    """
    shown = ParticipantState.objects.shown().filter(room_id=state.room_id).order_by("alias")
    return {
        "version": state.version,
        "room": room_shown(state),
        "participants": [participant_shown(participant, state) for participant in shown],
    }


def snapshot(participant: ParticipantState, state: RoomState) -> dict[str, Any]:
    """Return the first frame of a socket: the document, and who in it the socket's user is."""
    you = participant_shown(participant, state)
    return {"type": "snapshot", **document(state), "you": you}


def event_shown(event: Event) -> dict[str, Any]:
    """Return what is told of an event: its version, action, author, time, and what it changed."""
    return {
        "version": event.version,
        "action": event.action,
        "by": event.by,
        "at": event.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        **event.change,
    }


def update_frame(event: Event) -> str:
    """Return the update as the socket sends it, to everybody alike."""
    return encode({"type": "update", **event_shown(event)})


def updates_since(room_id: str, version: int) -> Iterator[tuple[int, str]]:
    """Yield each later version of the room with its update, oldest first."""
    for event in Event.objects.filter(room_id=room_id, version__gt=version).order_by("version"):
        yield event.version, update_frame(event)
