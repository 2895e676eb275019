"""The cast: alice hosts, bob publishes, carol listens, mallory is banned; dave has no member record."""

import time
from typing import Any

import jwt
from django.conf import settings

from rooms import channel_keys, tickets
from rooms.callers import TicketHolder
from rooms.models import Member, Room
from rooms.roles import Role

ROLES = {"alice": Role.HOST, "bob": Role.PUBLISHER, "carol": Role.SUBSCRIBER}


def add_members(room: Room) -> None:
    """Give the room's members their roles, and ban mallory."""
    for user_id, role in ROLES.items():
        Member.objects.appoint(room, user_id, role)
    Member.objects.ban(room, "mallory", None)


def role_of(user_id: str) -> Role:
    """The user's role in the cast; everybody else is a publisher."""
    return ROLES.get(user_id, Role.PUBLISHER)


def alias_of(room: Room, user_id: str) -> str:
    """The user's alias in the channel that `room` has in memory."""
    return channel_keys.alias(bytes(room.channel_secret), user_id)


def identity_claims(**changes: Any) -> dict[str, Any]:
    """What the app's identity provider says about alice, valid for ten minutes."""
    return {"sub": "alice", "aud": "tokensvc", "exp": int(time.time()) + 600, **changes}


def identity_token(user_id: str, **claims: Any) -> str:
    """A token as the app's identity provider signs it."""
    return jwt.encode(identity_claims(sub=user_id, **claims), settings.IDENTITY_JWT_SECRET, "HS256")


def ticket_holder(room: Room, user_id: str, role: Role | None = None) -> TicketHolder:
    """The holder of a ticket, with the role of the cast unless another is given."""
    return TicketHolder(user_id, room.id, role or role_of(user_id), user_id.title())


def ticket_of(room_id: str, user_id: str, *, expires_in: int = 600) -> str:
    """A signed ticket for the live socket, which also renews tokens."""
    now = int(time.time())
    holder = TicketHolder(user_id, room_id, role_of(user_id), user_id.title())
    return tickets.sign(holder, issued_at=now, expires_at=now + expires_in)
