"""Multiplayer state: what Photon's client needs to connect as the same person."""

from typing import Any

from django.conf import settings

from rooms import tickets
from rooms.credentials.context import IssueContext

# `AuthenticationValues.AuthType`, custom authentication (doc.photonengine.com).
CUSTOM = 0


def multiplayer(context: IssueContext) -> dict[str, Any] | None:
    """Return Photon's launch values, None unless `PHOTON_APP_ID` is set."""
    if not settings.PHOTON_APP_ID:
        return None
    policy = context.admission.policy
    ticket = tickets.sign_for_photon(
        context.participant,
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
        "auth_type": CUSTOM,
        "auth_parameters": {"token": ticket},
    }
