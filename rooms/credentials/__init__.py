"""All credentials of an admitted user, in one answer, issued without writing a row."""

import logging
import time
from datetime import datetime
from typing import Any

from rooms import channel_keys, tickets
from rooms.admission import Admission
from rooms.credentials import agora, classroom, photon
from rooms.credentials.context import IssueContext
from rooms.credentials.provider import Provider
from rooms.policy import Policy

__all__ = ["PROTOCOL", "PROVIDERS", "Provider", "issue"]

PROVIDERS = (agora.PROVIDER, photon.PROVIDER, classroom.PROVIDER)
"""In the order of the answer."""

PROTOCOL = "tokensvc.v1"
RENEW_AHEAD = 300

_log = logging.getLogger(__name__)


def issue(admission: Admission, *, now: datetime, live_url: str) -> dict[str, Any]:
    """Return the credentials as the API answers them: each provider's, their expiry, the ticket, the limits.

    They are valid for the room's `token_ttl` seconds, or until the room ends. `live_url` is the live socket's
    origin, as `wss://host`.
    """
    policy = admission.policy
    issued_at = int(now.timestamp())
    expires_in = _lifetime(policy, now)
    expires_at = issued_at + expires_in
    alias = channel_keys.alias(policy.channel_secret, admission.user_id)
    context = IssueContext(admission, alias, issued_at, expires_in)
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
        **{provider.name: provider.issue(context) for provider in PROVIDERS},
        "live": {
            "url": f"{live_url}/ws/rooms/{policy.room_id}/",
            "protocol": PROTOCOL,
            "ticket": tickets.sign(context.holder, issued_at=issued_at, expires_at=expires_at),
        },
        "limits": {"audio": policy.audio_limit, "video": policy.video_limit},
    }
    _log.info("token issued", extra={"fields": _log_fields(admission, alias, answer["expires_at"])})
    return answer


def _log_fields(admission: Admission, alias: str, expires_at: Any) -> dict[str, Any]:
    """Return the log fields: no credentials, no personal names."""
    return {
        "room": admission.policy.room_id,
        "alias": alias,
        "role": admission.role.value,
        "expires_at": expires_at,
        "caller": admission.caller,
    }


def _lifetime(policy: Policy, now: datetime) -> int:
    if policy.ends_at is None:
        return policy.token_ttl
    return max(1, min(policy.token_ttl, int((policy.ends_at - now).total_seconds())))


def _utc(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
