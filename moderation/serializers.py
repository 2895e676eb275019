"""What hosts and participants may ask for, by REST and by socket alike. Unknown fields are refused."""

from typing import Any

from rest_framework import serializers

from moderation.rule import Medium, Override
from tokensvc.web.validation import YEAR, AtLeastOneSerializer, StrictSerializer


class RoomChange(AtLeastOneSerializer):
    choices = ("mute_everyone", "webcams_disabled")

    mute_everyone = serializers.BooleanField(required=False)
    webcams_disabled = serializers.BooleanField(required=False)
    expected_version = serializers.IntegerField(
        required=False, min_value=0, help_text="Refuse with `version_conflict` at any other."
    )


class ParticipantChange(AtLeastOneSerializer):
    choices = ("audio", "video")

    audio = serializers.ChoiceField(choices=Override.choices, required=False)
    video = serializers.ChoiceField(choices=Override.choices, required=False)
    expected_version = serializers.IntegerField(
        required=False, min_value=0, help_text="Refuse with `version_conflict` at any other."
    )


class Kick(StrictSerializer):
    ban = serializers.BooleanField(default=False, help_text="Also keep them out.")
    seconds = serializers.IntegerField(
        default=None,
        allow_null=True,
        min_value=1,
        max_value=YEAR,
        help_text="For how long; null is for good.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["seconds"] is not None and not attrs["ban"]:
            raise serializers.ValidationError({"seconds": "Only a ban can have an end."}, "not_a_ban")
        return attrs


class Seat(StrictSerializer):
    media = serializers.ChoiceField(choices=Medium.choices)


class Sync(StrictSerializer):
    since = serializers.IntegerField(min_value=0)


class Nothing(StrictSerializer):
    """A command without fields."""


class AliasedParticipantChange(ParticipantChange):
    alias = serializers.CharField(max_length=20)


class AliasedKick(Kick):
    alias = serializers.CharField(max_length=20)
