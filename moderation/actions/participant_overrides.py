"""Mute, allow or reset one participant, per medium."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from moderation.act_context import ActContext
from moderation.actions.verb import ACT_REFUSALS, Operation, Verb
from moderation.locked_room import host_act
from moderation.models import Action
from moderation.responses import ChangedParticipant
from moderation.rule import Medium, Override
from tokensvc.web.validation import AtLeastOneSerializer

_ACTIONS: Mapping[tuple[Medium, Override], Action] = {
    (Medium.AUDIO, Override.DENY): Action.MUTE_AUDIO,
    (Medium.AUDIO, Override.ALLOW): Action.ALLOW_AUDIO,
    (Medium.AUDIO, Override.INHERIT): Action.RESET_AUDIO,
    (Medium.VIDEO, Override.DENY): Action.MUTE_VIDEO,
    (Medium.VIDEO, Override.ALLOW): Action.ALLOW_VIDEO,
    (Medium.VIDEO, Override.INHERIT): Action.RESET_VIDEO,
}


class ParticipantChange(AtLeastOneSerializer):
    choices = ("audio", "video")

    audio = serializers.ChoiceField(choices=Override.choices, required=False)
    video = serializers.ChoiceField(choices=Override.choices, required=False)
    expected_version = serializers.IntegerField(
        required=False, min_value=0, help_text="Refuse with `version_conflict` at any other."
    )


class ParticipantChangeCommand(ParticipantChange):
    alias = serializers.CharField(max_length=20)


def set_participant(context: ActContext, alias: str, wanted: Mapping[Medium, Override]) -> dict[str, Any]:
    """Set a participant's override for audio or video or both; return `{"version", "participant"}`.

    Works on everybody who is or was in the room. Refuses with `participant_not_found`, and as `host_act`
    does.
    """
    with host_act(context) as room:
        participant = room.find_participant(alias)
        for medium, override in wanted.items():
            if getattr(participant, medium.value) != override:
                setattr(participant, medium.value, override)
                participant.release_forbidden_seats(room.state)
                room.record_participant(_ACTIONS[medium, override], participant)
        return {"version": room.state.version, "participant": participant.document(room.state)}


def _act(context: ActContext, fields: Mapping[str, Any]) -> dict[str, Any]:
    wanted = {medium: Override(fields[medium]) for medium in Medium if medium in fields}
    return set_participant(context, fields["alias"], wanted)


SET_PARTICIPANT = Verb(
    command="participant.set",
    fields=ParticipantChangeCommand(),
    act=_act,
    operation=Operation(
        method="patch",
        path="moderation/participants/<str:alias>/",
        act=_act,
        body=ParticipantChange,
        response=ChangedParticipant,
        summary="Mute, allow or reset one participant, per medium",
        description="Works on everybody who is or was in the room, and stays when they come back.",
        refusals=(*ACT_REFUSALS, "participant_not_found"),
    ),
)
