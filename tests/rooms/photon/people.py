"""Photon tickets and cookies of the cast."""

import time
from datetime import timedelta

from django.utils import timezone

from rooms import tickets
from rooms.callers import TicketHolder
from rooms.models import Member, Room
from rooms.photon import Cookie
from rooms.roles import Role
from tests.cast import alias_of, role_of


def photon_ticket(room: Room, user_id: str, *, name: str = "Bob", expires_in: int = 600) -> str:
    """A Photon ticket with the user's role in the cast, for the room's current channel."""
    now, secret = int(time.time()), bytes(room.channel_secret)
    holder = TicketHolder(user_id, room.id, role_of(user_id), name)
    return tickets.sign_for_photon(holder, room.channel, secret, issued_at=now, expires_at=now + expires_in)


def cookie_of(room: Room, user_id: str) -> dict[str, str]:
    """The cookie that custom authentication sets for the webhooks."""
    return Cookie(room.id, role_of(user_id).value, alias_of(room, user_id))._asdict()


# Changes of bob, or of the room, between two requests.


def nothing(room: Room) -> None:
    """Change nothing."""


def demote(room: Room) -> None:
    Member.objects.appoint(room, "bob", Role.SUBSCRIBER)


def ban(room: Room) -> None:
    Member.objects.ban(room, "bob", None)


def ban_for_now(room: Room) -> None:
    Member.objects.ban(room, "bob", timezone.now() + timedelta(minutes=5))


def ban_until_now(room: Room) -> None:
    Member.objects.ban(room, "bob", timezone.now())


def end(room: Room) -> None:
    room.end(timezone.now())


def run_out(room: Room) -> None:
    room.change({"ends_at": timezone.now()})


def rotate(room: Room) -> None:
    room.rotate_channel()


def forget(room: Room) -> None:
    room.delete()
