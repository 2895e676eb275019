"""Inspect AccessToken2 (007)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rooms.agora import MAX_LIFETIME, App, Service
from rooms.agora.access_token2 import AccessToken2
from rooms.inspection import findings


def inspect_007(
    token: AccessToken2, app: App, now: int, channel: str | None, uid: str | None
) -> Mapping[str, Any]:
    signer = findings.signer(app, token.signed_by)
    expires_at = token.issued_at + _lifetime(token)
    problems = [
        *findings.wrong_app(token.app_id, app),
        *([] if signer else ["It was signed with another certificate, or changed afterwards."]),
        *findings.issued_in_future(token.issued_at, now),
        *findings.expired(expires_at, now),
        *_wrong_lifetime(token),
        *_wildcards(token.services),
        *_wrong_names(token.services, channel, uid),
        *_wrong_privileges(token, now),
    ]
    return {
        "format": "007",
        "app_id": token.app_id,
        "issued_at": findings.format_time(token.issued_at),
        "expires_at": findings.format_time(expires_at),
        "signed_with": signer,
        "services": _describe_services(token),
        "problems": problems,
    }


def _describe_services(token: AccessToken2) -> dict[str, Any]:
    return {
        service.title: _content(service)
        | {"privileges": ", ".join(f"{key} for {seconds} s" for key, seconds in expiries.items())}
        for service, expiries in zip(token.services, token.expiries, strict=True)
    }


def _content(service: Service) -> dict[str, Any]:
    fields = ("channel", "uid", "user_id", "room_uuid", "user_uuid", "role")
    return {field: getattr(service, field) for field in fields if hasattr(service, field)}


def _lifetime(token: AccessToken2) -> int:
    """Return the seconds for which Agora accepts the token."""
    return token.expires_in if 0 < token.expires_in <= MAX_LIFETIME else MAX_LIFETIME


def _wrong_lifetime(token: AccessToken2) -> Iterator[str]:
    if token.expires_in != _lifetime(token):
        yield f"It says it lives for {token.expires_in} s, which Agora counts as 24 h."


def _wildcards(services: Sequence[Service]) -> Iterator[str]:
    for service in services:
        for field, value in _content(service).items():
            if findings.is_wildcard(field, value):
                yield f"Its {service.title} {field} is a wildcard: it opens more than one."


def _wrong_names(services: Sequence[Service], channel: str | None, uid: str | None) -> Iterator[str]:
    # The user is RTC's uid or the classroom's user; Signaling may know them by another name.
    content = {key: value for service in reversed(services) for key, value in _content(service).items()}
    token_uid = content.get("uid", content.get("user_uuid", content.get("user_id")))
    token_channel = content.get("channel", content.get("room_uuid", channel))
    if uid is not None and token_uid != uid:
        yield f"Its uid is {token_uid or 'empty'}, not {uid}."
    if channel is not None and token_channel != channel:
        yield f"Its channel is {token_channel or 'empty'}, not {channel}."


def _wrong_privileges(token: AccessToken2, now: int) -> Iterator[str]:
    for service, expiries in zip(token.services, token.expiries, strict=True):
        for privilege, seconds in expiries.items():
            subject = f"Its {service.title} privilege {privilege}"
            if seconds == 0:
                yield f"{subject} never ends."
            elif seconds > _lifetime(token):
                yield f"{subject} outlives the token."
            elif seconds <= now - token.issued_at < _lifetime(token):
                yield f"{subject} ended {now - token.issued_at - seconds} s ago, before the token."
