"""What must be right before anything is signed; each finding has a stable id."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Caution

from rooms.agora import limits

_CONSOLE = (
    "Copy it from the Agora Console, project settings. While there, switch on co-host token authentication: "
    "without it a subscriber's token can still publish."
)

_DASHBOARD = (
    "Set it to a random value, and the same in Photon's dashboard: custom authentication, fixed parameter "
    "`key`. While there, switch off anonymous clients, and have all clients rejected if it is not available."
)


@register
def check_app_id(**_kwargs: Any) -> list[CheckMessage]:
    return _unusable("rooms.E001", "AGORA_APP_ID", limits.check_app_id, settings.AGORA_APP_ID)


@register
def check_certificate(**_kwargs: Any) -> list[CheckMessage]:
    return _unusable(
        "rooms.E002", "AGORA_APP_CERTIFICATE", limits.check_certificate, settings.AGORA_APP_CERTIFICATE
    )


@register
def check_retiring_certificates(**_kwargs: Any) -> list[CheckMessage]:
    return [
        finding
        for certificate in settings.AGORA_APP_CERTIFICATE_RETIRING
        for finding in _unusable(
            "rooms.E003", "AGORA_APP_CERTIFICATE_RETIRING", limits.check_certificate, certificate
        )
    ]


@register
def check_token_version(**_kwargs: Any) -> list[CheckMessage]:
    if settings.AGORA_TOKEN_VERSION in {"007", "006"}:
        return []
    return [Error("AGORA_TOKEN_VERSION must be 007 or 006.", id="rooms.E004")]


@register
def check_photon_auth_key(**_kwargs: Any) -> list[CheckMessage]:
    if not settings.PHOTON_APP_ID or settings.PHOTON_AUTH_KEY:
        return []
    return [Caution("PHOTON_AUTH_KEY is not set: Photon lets nobody in.", hint=_DASHBOARD, id="rooms.W001")]


@register
def check_photon_region(**_kwargs: Any) -> list[CheckMessage]:
    if not settings.PHOTON_APP_ID or settings.PHOTON_REGION:
        return []
    hint = "Set it to eu, us, asia, …: people of one room who connect to two regions do not meet."
    return [Caution("PHOTON_REGION is not set.", hint=hint, id="rooms.W002")]


def _unusable(identifier: str, setting: str, check: Any, value: str) -> list[CheckMessage]:
    try:
        check(value)
    except limits.UnusableValue as error:
        # The value itself may be most of a secret: it is never shown.
        return [Error(f"{setting} {str(error).split(' ', 1)[1]}.", hint=_CONSOLE, id=identifier)]
    return []
