"""What a token says, and what is wrong with it, in words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import jwt
from django.conf import settings

from rooms import tickets
from rooms.agora import MAX_LIFETIME, App, Malformed, Service, access_token, access_token2
from rooms.credentials.agora_config import agora_app
from tokensvc.web.refusals import Refusal

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
    return _inspect_ticket(token, now, uid)


def _inspect_007(
    token: access_token2.AccessToken2, app: App, now: int, channel: str | None, uid: str | None
) -> Report:
    signer = _signer(app, token.signed_by)
    expires_at = token.issued_at + _lifetime(token)
    problems = [
        *_wrong_app(token.app_id, app),
        *([] if signer else ["It was signed with another certificate, or changed afterwards."]),
        *_ahead(token.issued_at, now),
        *_expired(expires_at, now),
        *_wrong_lifetime(token),
        *_wrong_names(token.services, channel, uid),
        *_wrong_privileges(token, now),
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
        "expires_at": _time(expires_at),
        "signed_with": signer,
        "services": services,
        "problems": problems,
    }


def _inspect_006(
    token: access_token.AccessToken, app: App, now: int, channel: str | None, uid: str | None
) -> Report:
    problems = [
        *_wrong_app(token.app_id, app),
        # It does not say when it was issued, but no more than a day before it ends.
        *_ahead(token.expires_at - MAX_LIFETIME, now),
        *_expired(token.expires_at, now),
        *_wrong_checksums(token, channel, uid),
        *(f"Its privilege {key} never ends." for key, end in token.privileges.items() if end == 0),
    ]
    # RTM signs its user id where RTC signs the channel, and no uid.
    signed = (uid, "") if token.for_rtm else (channel, uid)
    signer = None
    if None in signed:
        wanted = "--uid" if token.for_rtm else "--channel and --uid"
        problems.append(f"Its signature covers names it does not show: give {wanted} to verify it.")
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
        "privileges": ", ".join(
            f"{key} until {_time(end)}" if end else f"{key} for good" for key, end in token.privileges.items()
        ),
        "problems": problems,
    }


_FORMATS = {tickets.ROOM: "ticket", tickets.PHOTON: "photon ticket"}
_READERS: Mapping[str, Callable[[str], object]] = {
    tickets.ROOM: tickets.read,
    tickets.PHOTON: tickets.read_for_photon,
}


def _inspect_ticket(token: str, now: int, uid: str | None) -> Report | None:
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError):
        return None
    problems, audience = [], str(claims.get("aud"))
    try:
        _READERS.get(audience, tickets.read)(token)
    except Refusal as refusal:
        problems.append(refusal.detail)
    if _is_time(claims.get("iat")):
        problems.extend(_ahead(claims["iat"], now))
    if uid is not None and audience != tickets.PHOTON and claims.get("sub") != uid:
        problems.append(f"Its user id is {claims.get('sub')}, not {uid}.")
    return {
        "format": _FORMATS.get(audience, "jwt"),
        "claims": {
            key: _time(value) if key in {"iat", "nbf", "exp"} and _is_time(value) else value
            for key, value in claims.items()
        },
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


def _ahead(issued_at: int, now: int) -> Iterator[str]:
    if issued_at > now:
        yield f"It was issued {issued_at - now} s in the future: some clock is off."


def _expired(expires_at: int, now: int) -> Iterator[str]:
    if expires_at <= now:
        yield f"It expired {now - expires_at} s ago."


def _content(service: Service) -> dict[str, Any]:
    names = ("channel", "uid", "user_id", "room_uuid", "user_uuid", "role")
    return {name: getattr(service, name) for name in names if hasattr(service, name)}


def _lifetime(token: access_token2.AccessToken2) -> int:
    """Return the seconds that Agora lets the token live."""
    return token.expires_in if 0 < token.expires_in <= MAX_LIFETIME else MAX_LIFETIME


def _wrong_lifetime(token: access_token2.AccessToken2) -> Iterator[str]:
    if token.expires_in != _lifetime(token):
        yield f"It says it lives for {token.expires_in} s, which Agora counts as 24 h."


def _is_wildcard(name: str, value: object) -> bool:
    return value == "" or "*" in str(value) or (name == "uid" and value == "0")


def _wrong_checksums(token: access_token.AccessToken, channel: str | None, uid: str | None) -> Iterator[str]:
    rtm = [("rtm", "user_id", uid, token.names_channel)]
    rtc = [("rtc", "channel", channel, token.names_channel), ("rtc", "uid", uid, token.names_uid)]
    for title, name, expected, names in rtm if token.for_rtm else rtc:
        if any(names(value) and _is_wildcard(name, value) for value in ("", "*", "0")):
            yield f"Its {title} {name} is a wildcard: it opens more than one."
        elif expected is not None and not names(expected):
            yield f"Its {title} {name} is not {expected}."


def _wrong_names(services: Sequence[Service], channel: str | None, uid: str | None) -> Iterator[str]:
    for service in services:
        for name, value in _content(service).items():
            if _is_wildcard(name, value):
                yield f"Its {service.title} {name} is a wildcard: it opens more than one."
    # Who joins is RTC's uid or the classroom's user; Signaling may know them by another name.
    content = {key: value for service in reversed(services) for key, value in _content(service).items()}
    named = content.get("uid", content.get("user_uuid", content.get("user_id")))
    place = content.get("channel", content.get("room_uuid", channel))
    if uid is not None and named != uid:
        yield f"Its uid is {named or 'empty'}, not {uid}."
    if channel is not None and place != channel:
        yield f"Its channel is {place or 'empty'}, not {channel}."


def _wrong_privileges(token: access_token2.AccessToken2, now: int) -> Iterator[str]:
    for service, expiries in zip(token.services, token.expiries, strict=True):
        for privilege, seconds in expiries.items():
            subject = f"Its {service.title} privilege {privilege}"
            if seconds == 0:
                yield f"{subject} never ends."
            elif seconds > _lifetime(token):
                yield f"{subject} outlives the token."
            elif seconds <= now - token.issued_at < _lifetime(token):
                yield f"{subject} ended {now - token.issued_at - seconds} s ago, before the token."


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value < 2**33


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
