"""Flexible Classroom: the education room-user token, and the SDK's launch values."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage
from rest_framework import serializers

from rooms.admission import Admission
from rooms.agora import access_token2, education
from rooms.credentials.agora_config import agora_app, random_salt
from rooms.credentials.context import IssueContext
from rooms.credentials.provider import Provider
from rooms.regions import Region
from rooms.roles import Role

_ROLE_TYPES = {
    Role.HOST: education.TEACHER,
    Role.PUBLISHER: education.STUDENT,
    Role.SUBSCRIBER: education.AUDIENCE,
}
# All users of a classroom must connect to the same region.
DEFAULT_REGION = Region.NA


class ClassroomCredentials(serializers.Serializer[None]):
    """The launch values of the Flexible Classroom SDK; null unless it is switched on."""

    room_uuid = serializers.CharField(help_text="The channel.")
    user_uuid = serializers.CharField(help_text="The alias.")
    role_type = serializers.IntegerField(
        min_value=0, max_value=3, help_text="Audience 0, teacher 1, student 2, assistant 3."
    )
    region = serializers.ChoiceField(
        choices=Region.choices, help_text="The room's, or a default for rooms without one."
    )
    token = serializers.CharField(
        help_text="For this classroom, its chat and Signaling; always an AccessToken2 (007)."
    )


def issue(context: IssueContext) -> dict[str, Any] | None:
    """Return the classroom's launch values, None unless `AGORA_CLASSROOM` is on; always a 007 token."""
    if not settings.AGORA_CLASSROOM:
        return None
    policy, role_type = context.admission.policy, _role_type(context.admission)
    token = access_token2.sign(
        agora_app(),
        education.room_user(policy.channel, context.alias, role_type),
        issued_at=context.issued_at,
        expires_in=context.expires_in,
        salt=random_salt(),
    )
    return {
        "room_uuid": policy.channel,
        "user_uuid": context.alias,
        "role_type": role_type,
        "region": policy.region or DEFAULT_REGION.value,
        "token": token,
    }


def check() -> list[CheckMessage]:
    """Find nothing: the classroom signs with the Agora project, which that provider checks."""
    return []


def _role_type(admission: Admission) -> int:
    if admission.assistant and admission.role.publishes:
        return education.ASSISTANT
    return _ROLE_TYPES[admission.role]


PROVIDER = Provider("classroom", issue, ClassroomCredentials, check)
