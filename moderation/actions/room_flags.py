"""Mute everyone, disable webcams, and lift either."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from moderation.act_context import ActContext
from moderation.actions.verb import Operation, Verb
from moderation.document import document, room_document
from moderation.locked_room import LockedRoom, host_act
from moderation.models import Action
from moderation.responses import RoomDocument
from moderation.rule import Medium
from tokensvc.web.validation import AtLeastOneSerializer

_FLAGS: Mapping[str, tuple[Medium, Action, Action]] = {
    "mute_everyone": (Medium.AUDIO, Action.MUTE_EVERYONE, Action.UNMUTE_EVERYONE),
    "webcams_disabled": (Medium.VIDEO, Action.DISABLE_WEBCAMS, Action.ENABLE_WEBCAMS),
}


# `PATCH rooms/{id}/` has a component named RoomChange.
@extend_schema_serializer(component_name="ModerationChange")
class RoomFlags(AtLeastOneSerializer):
    choices = ("mute_everyone", "webcams_disabled")

    mute_everyone = serializers.BooleanField(required=False)
    webcams_disabled = serializers.BooleanField(required=False)
    expected_version = serializers.IntegerField(
        required=False, min_value=0, help_text="Refuse with `version_conflict` at any other."
    )


def set_room(context: ActContext, wanted: Mapping[str, bool]) -> dict[str, Any]:
    """Set `mute_everyone` or `webcams_disabled` or both; return `{"version", "room"}`.

    Participants who may no longer publish lose the seat. Overrides stay. Refuses as `host_act` does.
    """
    with host_act(context) as room:
        _set_flags(room, wanted)
        return {"version": room.state.version, "room": room_document(room.state)}


def _set_room_and_read(context: ActContext, fields: Mapping[str, bool]) -> dict[str, Any]:
    with host_act(context) as room:
        _set_flags(room, fields)
        return document(room.state)


def _set_flags(room: LockedRoom, wanted: Mapping[str, bool]) -> None:
    for flag, on in wanted.items():
        if getattr(room.state, flag) != on:
            medium, when_on, when_off = _FLAGS[flag]
            setattr(room.state, flag, on)
            if on:
                room.release_forbidden_seats(medium)
            room.record(when_on if on else when_off, {"room": {flag: on}})


SET_ROOM = Verb(
    command="room.set",
    fields=RoomFlags(),
    act=set_room,
    operation=Operation(
        method="patch",
        path="moderation/",
        act=_set_room_and_read,
        body=RoomFlags,
        response=RoomDocument,
        summary="Mute everyone, disable webcams, or lift either",
        description="Overrides of single participants stay. Answers the room document.",
    ),
)
