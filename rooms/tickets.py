"""Tickets: our own signed proof of admission to a room (JWT, RFC 7519, HS256)."""

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
"""The audience (`aud`): the live socket and renewing, or Photon's custom authentication."""


def sign(holder: TicketHolder, *, issued_at: int, expires_at: int) -> str:
    """Return a ticket for the live socket, signed with `ROOM_SECRET`; times are Unix seconds."""
    return _sign(holder, {"aud": ROOM, "iat": issued_at, "exp": expires_at})


class PhotonTicket(NamedTuple):
    """A verified ticket for Photon. Its user id is sealed with the secret of its channel."""

    room_id: str
    channel: str
    claims: Mapping[str, Any]

    def holder(self, channel_secret: bytes) -> TicketHolder:
        """Return the holder. Raises `ValueError` with another channel's secret."""
        return _holder({**self.claims, "sub": unseal(channel_secret, self.claims["sub"])})


def sign_for_photon(
    holder: TicketHolder, channel: str, channel_secret: bytes, *, issued_at: int, expires_at: int
) -> str:
    """Return a ticket for Photon, valid while the room keeps this channel.

    Photon's servers see it, so its user id is sealed.
    """
    sealed = seal(channel_secret, holder.user_id, urandom(NONCE_LENGTH))
    terms = {"sub": sealed, "aud": PHOTON, "iat": issued_at, "exp": expires_at, "channel": channel}
    return _sign(holder, terms)


def _sign(holder: TicketHolder, terms: Mapping[str, Any]) -> str:
    claims = {
        "sub": holder.user_id,
        "name": holder.name,
        "room": holder.room_id,
        "role": holder.role,
        **terms,
    }
    return hs256.sign(claims, settings.ROOM_SECRET)


def read(ticket: str) -> TicketHolder:
    """Return the holder of a ticket for the live socket.

    Refuses with `invalid_credentials` or `expired_credentials`.
    """
    return _holder(_verify(ticket, ROOM))


def read_for_photon(ticket: str) -> PhotonTicket:
    """Verify a ticket for Photon. Refuses as `read` does."""
    claims = _verify(ticket, PHOTON)
    return PhotonTicket(claims["room"], claims["channel"], claims)


def _verify(ticket: str, audience: str) -> dict[str, Any]:
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


def _holder(claims: Mapping[str, Any]) -> TicketHolder:
    return TicketHolder(claims["sub"], claims["room"], Role(claims["role"]), claims["name"], claims["exp"])


def _secrets() -> Iterator[str]:
    """Yield the current secret, then those accepted during a rotation."""
    yield settings.ROOM_SECRET
    yield from settings.ROOM_SECRET_RETIRING
