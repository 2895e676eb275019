"""Problems that tokens of several formats can have, each as a sentence."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from rooms.agora import App


def signer(app: App, signed_by: Any) -> str | None:
    """Return the setting whose certificate signed the token, None if none did."""
    for number, certificate in enumerate(app.certificates):
        if signed_by(certificate):
            return "AGORA_APP_CERTIFICATE" if number == 0 else "AGORA_APP_CERTIFICATE_RETIRING"
    return None


def wrong_app(app_id: str, app: App) -> Iterator[str]:
    if app_id.lower() != app.id.lower():
        yield f"It is for another app id than ours, {settings.AGORA_APP_ID}."


def issued_in_future(issued_at: int, now: int) -> Iterator[str]:
    if issued_at > now:
        yield f"It was issued {issued_at - now} s in the future: some clock is off."


def expired(expires_at: int, now: int) -> Iterator[str]:
    if expires_at <= now:
        yield f"It expired {now - expires_at} s ago."


def is_wildcard(field: str, value: object) -> bool:
    return value == "" or "*" in str(value) or (field == "uid" and value == "0")


def is_time(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value < 2**33


def format_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
