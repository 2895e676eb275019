"""Flexible Classroom: the education room-user token, and the SDK's launch values."""

from typing import Any

from django.conf import settings

from rooms.admission import Admission
from rooms.agora import access_token2, education
from rooms.credentials.agora import agora_app, random_salt
from rooms.credentials.context import IssueContext
from rooms.regions import Region
from rooms.roles import Role

_ROLE_TYPES = {
    Role.HOST: education.TEACHER,
    Role.PUBLISHER: education.STUDENT,
    Role.SUBSCRIBER: education.AUDIENCE,
}
# Everybody in a classroom has to name the same one.
DEFAULT_REGION = Region.NA


def classroom(context: IssueContext) -> dict[str, Any] | None:
    """Return the classroom's launch values, None unless `AGORA_CLASSROOM` is on; always a 007 token."""
    if not settings.AGORA_CLASSROOM:
        return None
    policy, role = context.admission.policy, _role_type(context.admission)
    token = access_token2.sign(
        agora_app(),
        education.room_user(policy.channel, context.alias, role),
        issued_at=context.issued_at,
        expires_in=context.expires_in,
        salt=random_salt(),
    )
    return {
        "room_uuid": policy.channel,
        "user_uuid": context.alias,
        "role_type": role,
        "region": policy.region or DEFAULT_REGION.value,
        "token": token,
    }


def _role_type(admission: Admission) -> int:
    if admission.assistant and admission.role.publishes:
        return education.ASSISTANT
    return _ROLE_TYPES[admission.role]
