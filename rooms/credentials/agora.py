"""Audio, video and signalling: the token, and what goes into `join()` beside it."""

from collections.abc import Sequence
from functools import lru_cache
from os import urandom
from typing import Any

from django.conf import settings

from rooms import agora, channel_keys
from rooms.admission import Admission
from rooms.credentials.context import IssueContext
from rooms.models import Encryption, Uid, UidType
from rooms.policy import Policy
from rooms.regions import AREAS


def agora_app() -> agora.App:
    """Return the configured Agora project. Raises `agora.UnusableValue` when it cannot sign."""
    return _app(
        settings.AGORA_APP_ID,
        (settings.AGORA_APP_CERTIFICATE, *settings.AGORA_APP_CERTIFICATE_RETIRING),
        settings.AGORA_TOKEN_VERSION,
    )


_app = lru_cache(maxsize=1)(agora.App)


def media(context: IssueContext) -> dict[str, Any]:
    admission, alias = context.admission, context.alias
    app, policy = agora_app(), admission.policy
    camera, *shared = _uids(admission, alias)
    kind = agora.Rtc.publisher if admission.role.publishes else agora.Rtc.subscriber
    rtc_token, rtm_token = _sign(context, kind(policy.channel, camera), agora.Rtm(alias))
    screen = None
    for uid in shared:
        (token,) = _sign(context, kind(policy.channel, uid))
        screen = {"uid": uid, "rtc_token": token}
    area = AREAS[policy.region]
    return {
        "app_id": app.id,
        "channel": policy.channel,
        "uid": camera,
        "uid_type": policy.uid_type.value,
        "rtc_token": rtc_token,
        "rtm_user_id": alias,
        "rtm_token": rtm_token,
        "area": {"areaCode": [area.web]},
        "native_area_code": area.native,
        "encryption": _encryption(policy),
        "screen": screen,
    }


def random_salt() -> int:
    # Public and of 27 bits, it only keeps tokens of the same second apart: the modulo's bias does not matter.
    return 1 + int.from_bytes(urandom(4)) % agora.MAX_SALT


def _sign(context: IssueContext, *services: agora.Rtc | agora.Rtm) -> tuple[str, ...]:
    return agora.sign(
        agora_app(),
        *services,
        issued_at=context.issued_at,
        expires_in=context.expires_in,
        salt=random_salt(),
    )


def _uids(admission: Admission, alias: str) -> Sequence[int | str]:
    """Return whom Agora knows the user as: one identity, and a second one if a screen is to be shared."""
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
