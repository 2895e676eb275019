"""Tickets: our own signed proof that somebody was admitted to a room (JWT, RFC 7519, HS256)."""

import time
from collections.abc import Iterator

from django.conf import settings

from rooms import hs256
from rooms.callers import Participant
from rooms.errors import Refusal
from rooms.roles import Role

AUDIENCE = "tokensvc:room"


def sign(participant: Participant, *, issued_at: int, expires_at: int) -> str:
    """Return a ticket for the participant, signed with `ROOM_SECRET`; times are Unix seconds."""
    claims = {
        "aud": AUDIENCE,
        "sub": participant.user_id,
        "name": participant.name,
        "room": participant.room_id,
        "role": participant.role,
        "iat": issued_at,
        "exp": expires_at,
    }
    return hs256.sign(claims, settings.ROOM_SECRET)


def read(ticket: str) -> Participant:
    """Return who holds the ticket. Refuses with `invalid_credentials` or `expired_credentials`."""
    for secret in _secrets():
        try:
            claims = hs256.verify(ticket, secret)
        except hs256.Unverified:
            continue
        if claims.get("aud") != AUDIENCE or "exp" not in claims:
            break
        if claims["exp"] <= time.time():
            raise Refusal("expired_credentials", "The ticket has expired.")
        return Participant(claims["sub"], claims["room"], Role(claims["role"]), claims["name"], claims["exp"])
    raise Refusal("invalid_credentials", "The ticket is not one of ours.")


def _secrets() -> Iterator[str]:
    """Newest first; during a rotation tickets of both are accepted."""
    yield settings.ROOM_SECRET
    yield from settings.ROOM_SECRET_RETIRING
