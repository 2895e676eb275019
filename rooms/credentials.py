"""Everything an admitted person needs, in one answer, without writing a row."""

import logging
import time
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from os import urandom
from typing import Any

from django.conf import settings

from rooms import agora, channel, tickets
from rooms.admission import Admission
from rooms.callers import Participant
from rooms.models import Encryption, Uid, UidType
from rooms.policy import Policy
from rooms.regions import AREAS

PROTOCOL = "tokensvc.v1"
RENEW_AHEAD = 300

_log = logging.getLogger(__name__)


def issue(admission: Admission, *, now: datetime, live_url: str) -> dict[str, Any]:
    """Return the credentials as the API answers them: tokens, their explicit expiry, ticket and limits.

    They live for the room's `token_ttl` seconds, or until the room ends. `live_url` is where the socket is,
    as `wss://host`.
    """
    policy = admission.policy
    issued_at = int(now.timestamp())
    expires_in = _lifetime(policy, now)
    expires_at = issued_at + expires_in
    alias = channel.alias(policy.channel_secret, admission.user_id)
    participant = Participant(admission.user_id, policy.room_id, admission.role, admission.name)
    answer = {
        "room": {"id": policy.room_id, "name": policy.name, "region": policy.region},
        "user": {
            "id": admission.user_id,
            "alias": alias,
            "name": admission.name,
            "role": admission.role.value,
        },
        "issued_at": _utc(issued_at),
        "renew_at": _utc(expires_at - min(RENEW_AHEAD, expires_in // 4)),
        "expires_at": _utc(expires_at),
        "expires_in": expires_in,
        "agora": _agora(admission, alias, issued_at, expires_in),
        "photon": None,
        "classroom": None,
        "live": {
            "url": f"{live_url}/ws/rooms/{policy.room_id}/",
            "protocol": PROTOCOL,
            "ticket": tickets.sign(participant, issued_at=issued_at, expires_at=expires_at),
        },
        "limits": {"audio": policy.audio_limit, "video": policy.video_limit},
    }
    _log.info("token issued", extra={"fields": _traces(admission, alias, answer["expires_at"])})
    return answer


def _traces(admission: Admission, alias: str, expires_at: Any) -> dict[str, Any]:
    """Return what the log may say of a token: nothing that opens anything, and nobody's name."""
    return {
        "room": admission.policy.room_id,
        "alias": alias,
        "role": admission.role.value,
        "expires_at": expires_at,
        "caller": admission.caller,
    }


def agora_app() -> agora.App:
    """Return the configured Agora project. Raises `agora.UnusableValue` when it cannot sign."""
    return _app(
        settings.AGORA_APP_ID,
        (settings.AGORA_APP_CERTIFICATE, *settings.AGORA_APP_CERTIFICATE_RETIRING),
        settings.AGORA_TOKEN_VERSION,
    )


_app = lru_cache(maxsize=1)(agora.App)


def _lifetime(policy: Policy, now: datetime) -> int:
    if policy.ends_at is None:
        return policy.token_ttl
    return max(1, min(policy.token_ttl, int((policy.ends_at - now).total_seconds())))


def _agora(admission: Admission, alias: str, issued_at: int, expires_in: int) -> dict[str, Any]:
    app, policy = agora_app(), admission.policy
    camera, *shared = _uids(admission, alias)
    kind = agora.Rtc.publisher if admission.role.publishes else agora.Rtc.subscriber
    services = kind(policy.channel, camera), agora.Rtm(alias)
    rtc_token, rtm_token = agora.sign(
        app, *services, issued_at=issued_at, expires_in=expires_in, salt=_salt()
    )
    screen = None
    for uid in shared:
        (token,) = agora.sign(
            app, kind(policy.channel, uid), issued_at=issued_at, expires_in=expires_in, salt=_salt()
        )
        screen = {"uid": uid, "rtc_token": token}
    return {
        "app_id": app.id,
        "channel": policy.channel,
        "uid": camera,
        "uid_type": policy.uid_type.value,
        "rtc_token": rtc_token,
        "rtm_user_id": alias,
        "rtm_token": rtm_token,
        "area": {"areaCode": [AREAS[policy.region]]},
        "encryption": _encryption(policy),
        "screen": screen,
    }


def _uids(admission: Admission, alias: str) -> Sequence[int | str]:
    """Return whom Agora knows the user as: one identity, and a second one if a screen is to be shared."""
    policy, user_id = admission.policy, admission.user_id
    if policy.uid_type is UidType.UID:
        screens = (False, True) if admission.screen else (False,)
        numbers = Uid.objects.numbers(policy.room_id, policy.channel, user_id, screens)
        return [numbers[screen] for screen in screens]
    if admission.screen:
        return alias, channel.screen_alias(policy.channel_secret, user_id)
    return (alias,)


def _encryption(policy: Policy) -> dict[str, str] | None:
    if policy.encryption is Encryption.NONE:
        return None
    key = channel.media_key(policy.channel_secret)
    return {"mode": policy.encryption.value, "secret": key.secret, "salt": key.salt}


def _salt() -> int:
    # Public and of 27 bits, it only keeps tokens of the same second apart: the modulo's bias does not matter.
    return 1 + int.from_bytes(urandom(4)) % agora.MAX_SALT


def _utc(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
