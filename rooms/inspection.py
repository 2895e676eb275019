"""What a token says, and what is wrong with it, in words."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import jwt
from django.conf import settings

from rooms import tickets
from rooms.agora import App, Malformed, Service, access_token, access_token2
from rooms.credentials import agora_app
from rooms.errors import Refusal

Report = Mapping[str, Any]


def inspect(token: str, *, now: int, channel: str | None = None, uid: str | None = None) -> Report | None:
    """Return the token's content and its `problems`, or None if it is of no known format.

    `now` is Unix time; `channel` and `uid` are what the token should be for.
    """
    app = agora_app()
    try:
        if token.startswith(access_token2.VERSION):
            return _inspect_007(access_token2.parse(token), app, now, channel, uid)
        if token.startswith(access_token.VERSION):
            return _inspect_006(access_token.parse(token), app, now, channel, uid)
    except Malformed as error:
        return {"format": token[:3], "problems": [f"The token cannot be read: {error}."]}
    return _inspect_ticket(token)


def _inspect_007(
    token: access_token2.AccessToken2, app: App, now: int, channel: str | None, uid: str | None
) -> Report:
    signer = _signer(app, token.signed_by)
    problems = [
        *_wrong_app(token.app_id, app),
        *([] if signer else ["It was signed with another certificate, or changed afterwards."]),
        *_wrong_times(token.issued_at, token.expires_at, now),
        *_wrong_names(token.services, channel, uid),
        *_wrong_privileges(token),
    ]
    services = {
        service.title: _content(service)
        | {"privileges": ", ".join(f"{key} for {s} s" for key, s in ends.items())}
        for service, ends in zip(token.services, token.expiries, strict=True)
    }
    return {
        "format": "007",
        "app_id": token.app_id,
        "issued_at": _time(token.issued_at),
        "expires_at": _time(token.expires_at),
        "signed_with": signer,
        "services": services,
        "problems": problems,
    }


def _inspect_006(
    token: access_token.AccessToken, app: App, now: int, channel: str | None, uid: str | None
) -> Report:
    problems = [
        *_wrong_app(token.app_id, app),
        *_expired(token.expires_at, now),
        *_wrong_checksums(token, channel, uid),
    ]
    # RTM signs its user id where RTC signs the channel, and no uid.
    signed = (uid, "") if token.for_rtm else (channel, uid)
    signer = None
    if None in signed:
        problems.append("Its signature covers channel and uid: give --channel and --uid to verify it.")
    else:
        signer = _signer(app, lambda certificate: token.signed_by(certificate, *map(str, signed)))
        if signer is None:
            problems.append(
                "It was signed with another certificate, for another user or channel, or changed."
            )
    return {
        "format": "006",
        "app_id": token.app_id,
        "expires_at": _time(token.expires_at),
        "signed_with": signer,
        "service": "rtm" if token.for_rtm else "rtc",
        "privileges": ", ".join(f"{key} until {_time(end)}" for key, end in token.privileges.items()),
        "problems": problems,
    }


def _inspect_ticket(token: str) -> Report | None:
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return None
    problems = []
    try:
        tickets.read(token)
    except Refusal as refusal:
        problems = [refusal.detail]
    shown = {key: _time(value) if key in {"iat", "exp"} else value for key, value in claims.items()}
    return {
        "format": "ticket" if claims.get("aud") == tickets.AUDIENCE else "jwt",
        **shown,
        "problems": problems,
    }


def _signer(app: App, signed_by: Any) -> str | None:
    for number, certificate in enumerate(app.certificates):
        if signed_by(certificate):
            return "AGORA_APP_CERTIFICATE" if number == 0 else "AGORA_APP_CERTIFICATE_RETIRING"
    return None


def _wrong_app(app_id: str, app: App) -> Iterator[str]:
    if app_id.lower() != app.id.lower():
        yield f"It is for another app id than ours, {settings.AGORA_APP_ID}."


def _wrong_times(issued_at: int, expires_at: int, now: int) -> Iterator[str]:
    if issued_at > now:
        yield f"It was issued {issued_at - now} s in the future: some clock is off."
    yield from _expired(expires_at, now)


def _expired(expires_at: int, now: int) -> Iterator[str]:
    if expires_at <= now:
        yield f"It expired {now - expires_at} s ago."


def _content(service: Service) -> dict[str, Any]:
    names = ("channel", "uid", "user_id", "room_uuid", "user_uuid", "role")
    return {name: getattr(service, name) for name in names if hasattr(service, name)}


def _wrong_checksums(token: access_token.AccessToken, channel: str | None, uid: str | None) -> Iterator[str]:
    if token.for_rtm:
        channel, uid = uid, ""
    elif token.names_uid(""):
        yield "It names no uid, which stands for any user."
    elif uid is not None and not token.names_uid(uid):
        yield f"It is for another uid than {uid}."
    if token.names_channel(""):
        yield "It names no channel, which stands for any."
    elif channel is not None and not token.names_channel(channel):
        yield f"It is for another {'user' if token.for_rtm else 'channel'} than {channel}."


def _wrong_names(services: Sequence[Service], channel: str | None, uid: str | None) -> Iterator[str]:
    for service in services:
        for name, value in _content(service).items():
            if value == "" or "*" in str(value):
                yield f"Its {service.title} {name} is a wildcard: it opens more than one."
    # Where there is RTC it comes first, and its uid is the one that joins; Signaling may have another name.
    content = _content(services[0])
    named = content.get("uid", content.get("user_id", content.get("user_uuid")))
    if uid is not None and named != uid:
        yield f"Its uid is {named}, not {uid}."
    if channel is not None and content.get("channel", channel) != channel:
        yield f"Its channel is {content['channel']}, not {channel}."


def _wrong_privileges(token: access_token2.AccessToken2) -> Iterator[str]:
    for service, expiries in zip(token.services, token.expiries, strict=True):
        for privilege, seconds in expiries.items():
            if seconds == 0 or seconds > token.expires_in:
                yield f"Its {service.title} privilege {privilege} outlives the token."


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
