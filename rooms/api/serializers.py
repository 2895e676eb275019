"""Request and response bodies. Unknown fields are refused by name."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from rooms.identity import MAX_NAME
from rooms.models import Invite, Member, Room, user_id_validator
from rooms.regions import Region
from rooms.roles import Role
from tokensvc.web.validation import YEAR, StrictSerializer, check_future

BANNED = "banned"
MEMBER_ROLES = [*Role.choices, (BANNED, "Banned")]


class RoomSerializer(StrictSerializer, serializers.ModelSerializer[Room]):
    class Meta:
        model = Room
        fields = [
            "id",
            "external_id",
            "name",
            "channel",
            "region",
            "cross_region",
            "default_role",
            "token_ttl",
            "audio_limit",
            "video_limit",
            "uid_type",
            "encryption",
            "ends_at",
            "ended_at",
            "created_at",
            "version",
        ]
        read_only_fields = ["id", "channel", "ended_at", "created_at", "version"]
        # Uniqueness is what makes creating idempotent, not an error.
        extra_kwargs = {
            "external_id": {
                "validators": [],
                "max_length": 255,
                "allow_blank": False,
                "trim_whitespace": False,
            },
            "default_role": {"allow_blank": False},
            "region": {
                "help_text": "Empty is anywhere. Token requests answer the media area, which only the "
                "client's SDK applies; this service refuses clients from elsewhere."
            },
            "cross_region": {"help_text": "Accepts clients from everywhere, even if `region` is set."},
            "encryption": {
                "help_text": "Token requests answer its key. A change moves the room to a new channel."
            },
        }
        validators: list[Any] = []

    def validate_ends_at(self, value: datetime | None) -> datetime | None:
        return check_future(value)


class RoomChangeSerializer(RoomSerializer):
    class Meta(RoomSerializer.Meta):
        read_only_fields = [*RoomSerializer.Meta.read_only_fields, "external_id"]


class EndedRoomSerializer(RoomSerializer):
    """A room as shown to its hosts: without the channel."""

    class Meta(RoomSerializer.Meta):
        fields = [name for name in RoomSerializer.Meta.fields if name != "channel"]


class MemberSerializer(StrictSerializer):
    user_id = serializers.CharField(read_only=True)
    role = serializers.ChoiceField(choices=MEMBER_ROLES)
    assistant = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Is an assistant in a classroom, where hosts are teachers and publishers students. Kept "
        "during a ban, like the role; false unless sent with the role.",
    )
    until = serializers.DateTimeField(
        allow_null=True, required=False, default=None, help_text="When a ban is over; null is never."
    )

    def validate_until(self, value: datetime | None) -> datetime | None:
        return check_future(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["until"] is not None and attrs["role"] != BANNED:
            raise serializers.ValidationError({"until": "Only a ban can have an end."}, "not_a_ban")
        if attrs["assistant"] and attrs["role"] == BANNED:
            raise serializers.ValidationError({"assistant": "Somebody banned is no assistant."}, "banned")
        return attrs

    def to_representation(self, instance: Member) -> dict[str, Any]:
        banned = instance.is_banned(timezone.now())
        shown = Member(
            user_id=instance.user_id,
            role=BANNED if banned else instance.role,
            assistant=instance.assistant and not banned,
        )
        shown.until = instance.until if banned else None
        return super().to_representation(shown)


class InviteSerializer(StrictSerializer, serializers.ModelSerializer[Invite]):
    expires_in = serializers.IntegerField(
        min_value=1, max_value=YEAR, required=False, allow_null=True, write_only=True, help_text="Seconds."
    )

    class Meta:
        model = Invite
        fields = ["id", "role", "label", "expires_in", "expires_at", "max_uses", "uses", "created_at"]
        read_only_fields = ["id", "expires_at", "uses", "created_at"]
        extra_kwargs = {"max_uses": {"max_value": 1_000_000}}


class NewInviteSerializer(InviteSerializer):
    code = serializers.CharField(read_only=True, help_text="Shown only now.")
    url = serializers.URLField(read_only=True, help_text="A page that redeems the code; also shown only now.")

    class Meta(InviteSerializer.Meta):
        fields = ["id", "code", "url", *InviteSerializer.Meta.fields[1:]]


class PersonTokenSerializer(StrictSerializer):
    """A person's token request."""

    role = serializers.ChoiceField(
        choices=Role.choices, required=False, help_text="Less than granted, never more."
    )
    name = serializers.CharField(max_length=MAX_NAME, required=False, allow_blank=True)
    screen = serializers.BooleanField(required=False, help_text="A second identity, for sharing a screen.")


class BackendTokenSerializer(PersonTokenSerializer):
    """The backend's token request: any role, for any user."""

    user_id = serializers.CharField(max_length=255, trim_whitespace=False, validators=[user_id_validator])
    client_region = serializers.ChoiceField(
        choices=Region.choices,
        required=False,
        allow_blank=True,
        help_text="The client's region; empty if it is in none. If missing, the room's `region` is not "
        "checked.",
    )


class RedeemSerializer(StrictSerializer):
    code = serializers.CharField(max_length=100)
    name = serializers.CharField(max_length=MAX_NAME, required=False, allow_blank=True)
