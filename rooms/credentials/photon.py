"""Multiplayer state: what Photon's client needs to connect as the same user."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning
from rest_framework import serializers

from rooms import tickets
from rooms.credentials.context import IssueContext
from rooms.credentials.provider import Provider
from rooms.photon.custom_authentication import AUTH_TYPE

_DASHBOARD = (
    "Set it to a random value, and the same in Photon's dashboard: custom authentication, fixed parameter "
    "`key`. While there, switch off anonymous clients, and have all clients rejected if it is not available."
)


class PhotonParameters(serializers.Serializer[None]):
    token = serializers.CharField(help_text="A ticket for Photon's custom authentication.")


class PhotonCredentials(serializers.Serializer[None]):
    """The arguments for connecting and `AuthenticationValues`; null unless Photon is configured."""

    app_id = serializers.CharField()
    region = serializers.CharField(help_text="Empty if the client may choose.")
    room_name = serializers.CharField(help_text="The channel: the only Photon room the token is valid for.")
    user_id = serializers.CharField(help_text="The alias.")
    auth_type = serializers.IntegerField(
        min_value=0, max_value=255, help_text="0, custom authentication (`CustomAuthenticationType`)."
    )
    auth_parameters = PhotonParameters()


def issue(context: IssueContext) -> dict[str, Any] | None:
    """Return Photon's launch values, None unless `PHOTON_APP_ID` is set."""
    if not settings.PHOTON_APP_ID:
        return None
    policy = context.admission.policy
    ticket = tickets.sign_for_photon(
        context.holder,
        policy.channel,
        policy.channel_secret,
        issued_at=context.issued_at,
        expires_at=context.expires_at,
    )
    return {
        "app_id": settings.PHOTON_APP_ID,
        "region": settings.PHOTON_REGION,
        "room_name": policy.channel,
        "user_id": context.alias,
        "auth_type": AUTH_TYPE,
        "auth_parameters": {"token": ticket},
    }


def check() -> list[CheckMessage]:
    """Find settings without which Photon refuses everybody, or separates clients of one room."""
    found: list[CheckMessage] = []
    if settings.PHOTON_APP_ID and not settings.PHOTON_AUTH_KEY:
        message = "PHOTON_AUTH_KEY is not set: Photon lets nobody in."
        found.append(CheckWarning(message, hint=_DASHBOARD, id="rooms.W001"))
    if settings.PHOTON_APP_ID and not settings.PHOTON_REGION:
        hint = "Set it to eu, us, asia, …: people of one room who connect to two regions do not meet."
        found.append(CheckWarning("PHOTON_REGION is not set.", hint=hint, id="rooms.W002"))
    return found


PROVIDER = Provider("photon", issue, PhotonCredentials, check)
