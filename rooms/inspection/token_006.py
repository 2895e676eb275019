"""Inspect AccessToken (006)."""

from collections.abc import Iterator, Mapping
from typing import Any

from rooms.agora import MAX_LIFETIME, App
from rooms.agora.access_token import AccessToken
from rooms.inspection import findings


def inspect_006(
    token: AccessToken, app: App, now: int, channel: str | None, uid: str | None
) -> Mapping[str, Any]:
    signer, signature_problems = _verify_signature(token, app, channel, uid)
    problems = [
        *findings.wrong_app(token.app_id, app),
        # A 006 token holds no time of issue, but it was issued at most a day before its end.
        *findings.issued_in_future(token.expires_at - MAX_LIFETIME, now),
        *findings.expired(token.expires_at, now),
        *_wrong_checksums(token, channel, uid),
        *(f"Its privilege {key} never ends." for key, end in token.privileges.items() if end == 0),
        *signature_problems,
    ]
    return {
        "format": "006",
        "app_id": token.app_id,
        "expires_at": findings.format_time(token.expires_at),
        "signed_with": signer,
        "service": "rtm" if token.for_rtm else "rtc",
        "privileges": ", ".join(_describe(key, end) for key, end in token.privileges.items()),
        "problems": problems,
    }


def _describe(privilege: int, end: int) -> str:
    return f"{privilege} until {findings.format_time(end)}" if end else f"{privilege} for good"


def _verify_signature(
    token: AccessToken, app: App, channel: str | None, uid: str | None
) -> tuple[str | None, list[str]]:
    """Return the setting that signed the token, and what is wrong with its signature."""
    # RTM signs its user id where RTC signs the channel, and no uid.
    signed = (uid, "") if token.for_rtm else (channel, uid)
    if None in signed:
        options = "--uid" if token.for_rtm else "--channel and --uid"
        return None, [f"Its signature covers names it does not show: give {options} to verify it."]
    signer = findings.signer(app, lambda certificate: token.signed_by(certificate, *map(str, signed)))
    if signer is None:
        return None, ["It was signed with another certificate, for another user or channel, or changed."]
    return signer, []


def _wrong_checksums(token: AccessToken, channel: str | None, uid: str | None) -> Iterator[str]:
    rtm = [("rtm", "user_id", uid, token.names_channel)]
    rtc = [("rtc", "channel", channel, token.names_channel), ("rtc", "uid", uid, token.names_uid)]
    for title, field, expected, matches in rtm if token.for_rtm else rtc:
        if any(matches(value) and findings.is_wildcard(field, value) for value in ("", "*", "0")):
            yield f"Its {title} {field} is a wildcard: it opens more than one."
        elif expected is not None and not matches(expected):
            yield f"Its {title} {field} is not {expected}."
