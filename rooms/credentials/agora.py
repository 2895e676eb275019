"""Audio, video and signalling: Agora's tokens, and the other arguments of `join()`."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from rooms import agora, channel_keys
from rooms.admission import Admission
from rooms.agora.areas import AREAS
from rooms.credentials import agora_config
from rooms.credentials.agora_config import agora_app, random_salt
from rooms.credentials.context import IssueContext
from rooms.credentials.provider import Provider
from rooms.models import Encryption, Uid, UidType
from rooms.policy import Policy

ENCRYPTION_MODES = [choice for choice in Encryption.choices if choice[0] != Encryption.NONE]


class Area(serializers.Serializer[None]):
    """The argument of `AgoraRTC.setArea`, to be set before a client is created.

    The SDK applies it; no server enforces it. `region_denied` is enforced by this service, when it issues.
    """

    areaCode = serializers.ListField(  # noqa: N815 (Agora's own spelling)
        child=serializers.ChoiceField(choices=[area.web for area in AREAS.values()]),
        min_length=1,
        max_length=1,
    )


class MediaEncryption(serializers.Serializer[None]):
    """The arguments of `setEncryptionConfig`, to be set before joining; null if the room has no encryption.

    The same for everybody in the channel, and replaced with the channel.
    """

    mode = serializers.ChoiceField(choices=ENCRYPTION_MODES)
    key = serializers.CharField(
        min_length=32, max_length=32, help_text="Printable ASCII; pass it on as it is."
    )
    salt = serializers.CharField(
        min_length=44, max_length=44, help_text="32 bytes in base64; decode it before passing it on."
    )


class UidField(serializers.Field[int | str, int | str, int | str, None]):
    """The uid for `join()`: a string in `account` rooms, a number in `uid` rooms."""


class Screen(serializers.Serializer[None]):
    uid = UidField()
    rtc_token = serializers.CharField()


class AgoraCredentials(serializers.Serializer[None]):
    app_id = serializers.CharField()
    channel = serializers.CharField()
    uid = UidField()
    uid_type = serializers.ChoiceField(choices=UidType.choices)
    rtc_token = serializers.CharField()
    rtm_user_id = serializers.CharField()
    rtm_token = serializers.CharField()
    area = Area()
    native_area_code = serializers.IntegerField(
        min_value=0,
        max_value=2**32 - 1,
        help_text="`area` for the native SDKs: the engine context's area code. Applied by the SDK too.",
    )
    encryption = MediaEncryption(allow_null=True)
    screen = Screen(allow_null=True)


def issue(context: IssueContext) -> dict[str, Any]:
    """Return the tokens for the room's channel and for Signaling, with the area and the media key."""
    app, admission, policy = agora_app(), context.admission, context.admission.policy
    camera_uid, *screen_uids = _uids(admission, context.alias)
    rtc = agora.Rtc.publisher if admission.role.publishes else agora.Rtc.subscriber
    rtc_token, rtm_token = _sign(app, context, rtc(policy.channel, camera_uid), agora.Rtm(context.alias))
    screen = None
    for uid in screen_uids:
        (token,) = _sign(app, context, rtc(policy.channel, uid))
        screen = {"uid": uid, "rtc_token": token}
    area = AREAS[policy.region]
    return {
        "app_id": app.id,
        "channel": policy.channel,
        "uid": camera_uid,
        "uid_type": policy.uid_type.value,
        "rtc_token": rtc_token,
        "rtm_user_id": context.alias,
        "rtm_token": rtm_token,
        "area": {"areaCode": [area.web]},
        "native_area_code": area.native,
        "encryption": _encryption(policy),
        "screen": screen,
    }


def _sign(app: agora.App, context: IssueContext, *services: agora.Rtc | agora.Rtm) -> tuple[str, ...]:
    return agora.sign(
        app,
        *services,
        issued_at=context.issued_at,
        expires_in=context.expires_in,
        salt=random_salt(),
    )


def _uids(admission: Admission, alias: str) -> Sequence[int | str]:
    """Return the user's uid at Agora, and a second one if they asked for one to share a screen."""
    policy, user_id = admission.policy, admission.user_id
    if policy.uid_type is UidType.UID:
        screens = (False, True) if admission.screen else (False,)
        numbers = Uid.objects.numbers(policy.room_id, policy.channel, user_id, screens)
        return [numbers[screen] for screen in screens]
    if admission.screen:
        return alias, channel_keys.screen_alias(policy.channel_secret, user_id)
    return (alias,)


def _encryption(policy: Policy) -> dict[str, str] | None:
    if policy.encryption is Encryption.NONE:
        return None
    media_key = channel_keys.media_key(policy.channel_secret)
    return {"mode": policy.encryption.value, "key": media_key.key, "salt": media_key.salt}


PROVIDER = Provider("agora", issue, AgoraCredentials, agora_config.check, optional=False)
