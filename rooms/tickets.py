"""Tickets: our own signed proof that somebody was admitted to a room (JWT, RFC 7519, HS256)."""

import time
from collections.abc import Iterator, Mapping
from os import urandom
from typing import Any, NamedTuple

from django.conf import settings

from rooms import hs256
from rooms.callers import TicketHolder
from rooms.channel_keys import NONCE_LENGTH, seal, unseal
from rooms.roles import Role
from tokensvc.web.refusals import Refusal

ROOM, PHOTON = "tokensvc:room", "tokensvc:photon"
"""What a ticket is for (`aud`): the live socket and renewing, or Photon's custom authentication."""


def sign(participant: TicketHolder, *, issued_at: int, expires_at: int) -> str:
    """Return a ticket for the live socket, signed with `ROOM_SECRET`; times are Unix seconds."""
    return _sign(participant, {"aud": ROOM, "iat": issued_at, "exp": expires_at})


class PhotonTicket(NamedTuple):
    """A ticket for Photon: whose it is can be told with the secret of its channel only."""

    room_id: str
    channel: str
    claims: Mapping[str, Any]

    def holder(self, channel_secret: bytes) -> TicketHolder:
        """Return who holds it. Raises `ValueError` with another channel's secret."""
        return _participant({**self.claims, "sub": unseal(channel_secret, self.claims["sub"])})


def sign_for_photon(
    participant: TicketHolder, channel: str, channel_secret: bytes, *, issued_at: int, expires_at: int
) -> str:
    """Return a ticket for Photon, good as long as the room stays in this channel.

    Photon's servers see it, so the user id in it is sealed.
    """
    sealed = seal(channel_secret, participant.user_id, urandom(NONCE_LENGTH))
    terms = {"sub": sealed, "aud": PHOTON, "iat": issued_at, "exp": expires_at, "channel": channel}
    return _sign(participant, terms)


def _sign(participant: TicketHolder, terms: Mapping[str, Any]) -> str:
    claims = {
        "sub": participant.user_id,
        "name": participant.name,
        "room": participant.room_id,
        "role": participant.role,
        **terms,
    }
    return hs256.sign(claims, settings.ROOM_SECRET)


def read(ticket: str) -> TicketHolder:
    """Return who holds a ticket for the live socket. Refuses with `invalid_credentials` or
    `expired_credentials`.
    """
    return _participant(_verified(ticket, ROOM))


def read_for_photon(ticket: str) -> PhotonTicket:
    """Return a ticket for Photon that is ours. Refuses as `read` does."""
    claims = _verified(ticket, PHOTON)
    return PhotonTicket(claims["room"], claims["channel"], claims)


def _verified(ticket: str, audience: str) -> dict[str, Any]:
    for secret in _secrets():
        try:
            claims = hs256.verify(ticket, secret)
        except hs256.Unverified:
            continue
        if claims.get("aud") != audience or "exp" not in claims:
            break
        if claims["exp"] <= time.time():
            raise Refusal("expired_credentials", "The ticket has expired.")
        return claims
    raise Refusal("invalid_credentials", "The ticket is not one of ours.")


def _participant(claims: Mapping[str, Any]) -> TicketHolder:
    return TicketHolder(claims["sub"], claims["room"], Role(claims["role"]), claims["name"], claims["exp"])


def _secrets() -> Iterator[str]:
    """Newest first; during a rotation tickets of both are accepted."""
    yield settings.ROOM_SECRET
    yield from settings.ROOM_SECRET_RETIRING
