"""Foreign tokens. Third-party builders sign any values."""

import warnings
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Final

from agora_token_builder.AccessToken import AccessToken as Builder006

from tests.rooms.agora.samples import APP_ID, CERTIFICATE

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from agoraiotools.AccessToken2 import AccessToken as Builder007
    from agoraiotools.AccessToken2 import ServiceRtc, ServiceRtm

NOW: Final = 1_800_000_000
HOUR: Final = 3600
DAY: Final = 86400


def rtc(channel: str = "algebra-1", uid: int | str = "k3f", ends: Mapping[int, int] | None = None) -> Any:
    return _with(ServiceRtc(channel, uid), ends)


def rtm(user_id: str = "k3f", ends: Mapping[int, int] | None = None) -> Any:
    return _with(ServiceRtm(user_id), ends)


def token_007(
    *services: Any,
    issued_at: int = NOW,
    expires_in: int = HOUR,
    app_id: str = APP_ID,
    certificate: str = CERTIFICATE,
) -> str:
    builder = Builder007(app_id, certificate, issued_at, expires_in)
    for service in services or (rtc(), rtm()):
        builder.add_service(service)
    return str(builder.build())


def token_006(
    channel: str = "algebra-1",
    uid: int | str = "k3f",
    ends: Mapping[int, int] | None = None,
    *,
    issued_at: int = NOW,
    app_id: str = APP_ID,
    certificate: str = CERTIFICATE,
) -> str:
    """A token for Signaling: user id as channel, empty uid, privilege 1000."""
    builder = Builder006(app_id, certificate, channel, uid)
    builder.ts = issued_at + DAY
    for privilege, end in (ends or {1: issued_at + HOUR}).items():
        builder.addPrivilege(privilege, end)
    return str(builder.build())


def unsigned_jwt(claims: bytes) -> str:
    """A JWT with any claims and a meaningless signature."""
    return ".".join(
        urlsafe_b64encode(part).rstrip(b"=").decode() for part in (b'{"alg":"HS256"}', claims, b"???")
    )


def _with(service: Any, ends: Mapping[int, int] | None) -> Any:
    for privilege, seconds in (ends or {1: HOUR}).items():
        service.add_privilege(privilege, seconds)
    return service
