"""Response serializers of moderation, most of them for the OpenAPI schema alone."""

from typing import TYPE_CHECKING, Any, cast

from rest_framework import serializers

from moderation.document import event_document
from moderation.enforcement import ENFORCEMENT, Enforced
from moderation.models import Action, Event, ParticipantState
from moderation.models.participant_state import SHOWN
from moderation.rule import Override
from rooms.roles import Role
from tokensvc.web.openapi import Problem

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class RoomShown(serializers.Serializer[None]):
    mute_everyone = serializers.BooleanField()
    webcams_disabled = serializers.BooleanField()
    audio_limit = serializers.IntegerField()
    video_limit = serializers.IntegerField()


class ParticipantShown(serializers.ModelSerializer[ParticipantState]):
    alias = serializers.CharField(help_text="The same as at Agora and Photon.")
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    connected = serializers.BooleanField(help_text="False for up to 30 s after the socket is gone.")
    in_channel = serializers.BooleanField(
        help_text="In the Agora channel, by Agora's own word; false when it notifies nobody."
    )
    audio = serializers.ChoiceField(choices=Override.choices, help_text="What a host has said.")
    video = serializers.ChoiceField(choices=Override.choices)
    may_publish_audio = serializers.BooleanField(help_text="What follows, with role and room.")
    may_publish_video = serializers.BooleanField()
    audio_seat = serializers.BooleanField()
    video_seat = serializers.BooleanField()

    class Meta:
        model = ParticipantState
        fields = SHOWN


class RoomDocument(serializers.Serializer[None]):
    version = serializers.IntegerField()
    room = RoomShown()
    participants = ParticipantShown(many=True)


class VersionConflictProblem(Problem):
    """The room is at another version than expected."""

    document = RoomDocument(help_text="The room as it is now.")


class ChangedParticipant(serializers.Serializer[None]):
    version = serializers.IntegerField()
    participant = ParticipantShown()


class RemovedParticipant(serializers.Serializer[None]):
    version = serializers.IntegerField()
    left = serializers.CharField(help_text="The alias.")


class EventSerializer(serializers.Serializer[Event]):
    """An update as the socket sends it: one of `room` (changed fields), `participant` and `left` is there.

    Only `enforcement` says how it is now, where the socket says how it was.
    """

    version = serializers.IntegerField()
    action = serializers.ChoiceField(choices=Action.choices)
    by = serializers.CharField(allow_null=True, help_text="An alias; null is the app or its staff.")
    at = serializers.DateTimeField()
    room = serializers.DictField(required=False)
    participant = ParticipantShown(required=False)
    left = serializers.CharField(required=False)
    enforcement = serializers.ChoiceField(
        choices=ENFORCEMENT,
        required=False,
        help_text="Of a kick or ban: whether it holds at Agora too (`provider`), is still to (`requested`), "
        "could not be made to (`failed`), or holds by this service alone (`advisory`).",
    )

    def to_representation(self, instance: Event) -> dict[str, Any]:
        shown = event_document(instance)
        if "enforcement" in shown:
            shown["enforcement"] = cast("WithAnnotations[Event, Enforced]", instance).enforcement
        return shown
