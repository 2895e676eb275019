"""Responses that no model describes, for the OpenAPI schema."""

from typing import Any

from rest_framework import serializers

from rooms.credentials import PROTOCOL, PROVIDERS
from rooms.roles import Role


class RoomSummary(serializers.Serializer[None]):
    id = serializers.CharField()
    name = serializers.CharField()
    region = serializers.CharField()


class UserSummary(serializers.Serializer[None]):
    id = serializers.CharField(help_text="The app's own id; Agora and Photon never see it.")
    alias = serializers.CharField(help_text="What Agora and Photon see.")
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)


class Live(serializers.Serializer[None]):
    url = serializers.CharField()
    protocol = serializers.ChoiceField(choices=[PROTOCOL])
    ticket = serializers.CharField()


class Limits(serializers.Serializer[None]):
    audio = serializers.IntegerField()
    video = serializers.IntegerField()


class Credentials(serializers.Serializer[None]):
    """The answer to a token request; each provider declares its own part."""

    room = RoomSummary()
    user = UserSummary()
    issued_at = serializers.DateTimeField()
    renew_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    expires_in = serializers.IntegerField(help_text="Seconds.")
    live = Live()
    limits = Limits()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        parts = {provider.name: provider.response(allow_null=provider.optional) for provider in PROVIDERS}
        fields = super().get_fields()
        last = {name: fields.pop(name) for name in ("live", "limits")}
        return {**fields, **parts, **last}
