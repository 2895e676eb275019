"""The configured Agora project, which signs for every provider of Agora's."""

from collections.abc import Callable
from functools import lru_cache
from os import urandom

from django.conf import settings
from django.core.checks import CheckMessage, Error

from rooms import agora
from rooms.agora import limits

_CONSOLE = (
    "Copy it from the Agora Console, project settings. While there, switch on co-host token authentication: "
    "without it a subscriber's token can still publish."
)


def agora_app() -> agora.App:
    """Return the configured Agora project. Raises `agora.UnusableValue` when it cannot sign."""
    return _app(
        settings.AGORA_APP_ID,
        (settings.AGORA_APP_CERTIFICATE, *settings.AGORA_APP_CERTIFICATE_RETIRING),
        settings.AGORA_TOKEN_VERSION,
    )


_app = lru_cache(maxsize=1)(agora.App)


def random_salt() -> int:
    # A salt is public and only distinguishes tokens of one second: the modulo's bias does not matter.
    return 1 + int.from_bytes(urandom(4)) % agora.MAX_SALT


def check() -> list[CheckMessage]:
    """Find a missing or unusable app id, certificate or token version."""
    retiring = settings.AGORA_APP_CERTIFICATE_RETIRING
    found = [
        *_check("rooms.E001", "AGORA_APP_ID", limits.check_app_id, settings.AGORA_APP_ID),
        *_check_certificates("rooms.E002", "AGORA_APP_CERTIFICATE", settings.AGORA_APP_CERTIFICATE),
        *_check_certificates("rooms.E003", "AGORA_APP_CERTIFICATE_RETIRING", *retiring),
    ]
    if settings.AGORA_TOKEN_VERSION not in {"007", "006"}:
        found.append(Error("AGORA_TOKEN_VERSION must be 007 or 006.", id="rooms.E004"))
    return found


def _check_certificates(check_id: str, setting: str, *certificates: str) -> list[CheckMessage]:
    return [
        message
        for certificate in certificates
        for message in _check(check_id, setting, limits.check_certificate, certificate)
    ]


def _check(check_id: str, setting: str, check_value: Callable[[str], None], value: str) -> list[CheckMessage]:
    try:
        check_value(value)
    except limits.UnusableValue as error:
        # The message never contains the value, which may be most of a secret.
        return [Error(f"{setting} {error.reason}.", hint=_CONSOLE, id=check_id)]
    return []
