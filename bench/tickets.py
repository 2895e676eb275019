"""Tickets for the live socket, signed without token requests."""

import time

from rooms import hs256

ROOM_SECRET = "the-room-secret-of-the-benchmarks-only"


def ticket(room_id: str, user_id: str, role: str) -> str:
    """Return a ticket like those of token responses, valid for an hour."""
    now = int(time.time())
    claims = {
        "aud": "tokensvc:room",
        "sub": user_id,
        "name": user_id,
        "room": room_id,
        "role": role,
        "iat": now,
        "exp": now + 3600,
    }
    return hs256.sign(claims, ROOM_SECRET)
