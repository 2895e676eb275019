"""What hosts and participants may ask for, by REST and by socket alike. Unknown fields are refused."""

from typing import Any

from rest_framework import serializers

from moderation.rule import Medium, Override
from rooms.api.serializers import YEAR, Strict


class _AtLeastOne(Strict):
    """Something to do has to be among the given fields."""

    choices: tuple[str, ...]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not any(name in attrs for name in self.choices):
            raise serializers.ValidationError(f"Give {' or '.join(self.choices)}.", "required")
        return attrs


class RoomChange(_AtLeastOne):
    choices = ("mute_everyone", "webcams_disabled")

    mute_everyone = serializers.BooleanField(required=False)
    webcams_disabled = serializers.BooleanField(required=False)
    expected_version = serializers.IntegerField(
        required=False, min_value=0, help_text="Refuse with `version_conflict` at any other."
    )


class ParticipantChange(_AtLeastOne):
    choices = ("audio", "video")

    audio = serializers.ChoiceField(choices=Override.choices, required=False)
    video = serializers.ChoiceField(choices=Override.choices, required=False)
    expected_version = serializers.IntegerField(
        required=False, min_value=0, help_text="Refuse with `version_conflict` at any other."
    )


class Kick(Strict):
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


class Seat(Strict):
    media = serializers.ChoiceField(choices=Medium.choices)


class Sync(Strict):
    since = serializers.IntegerField(min_value=0)


class Nothing(Strict):
    """A command without fields."""


class AliasedParticipantChange(ParticipantChange):
    alias = serializers.CharField(max_length=20)


class AliasedKick(Kick):
    alias = serializers.CharField(max_length=20)
