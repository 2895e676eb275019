"""The cast at Photon: their tickets, and the cookies they come with."""

import time
from datetime import timedelta

from django.utils import timezone

from rooms import tickets
from rooms.callers import TicketHolder
from rooms.channel_keys import alias
from rooms.models import Member, Room
from rooms.photon import Cookie
from rooms.roles import Role

ROLES = {"alice": Role.HOST, "bob": Role.PUBLISHER, "carol": Role.SUBSCRIBER}


def alias_of(room: Room, user_id: str) -> str:
    """The alias in the room's channel as it is now."""
    return alias(bytes(Room.objects.get(pk=room.pk).channel_secret), user_id)


def photon_ticket(room: Room, user_id: str, *, name: str = "Bob", expires_in: int = 600) -> str:
    """A Photon ticket of the role in the cast, good for the room's channel at hand."""
    now, secret = int(time.time()), bytes(room.channel_secret)
    holder = _participant(room, user_id, name)
    return tickets.sign_for_photon(holder, room.channel, secret, issued_at=now, expires_at=now + expires_in)


def room_ticket(room: Room, user_id: str) -> str:
    """A ticket for the live socket, and for renewing."""
    now = int(time.time())
    return tickets.sign(_participant(room, user_id, "Bob"), issued_at=now, expires_at=now + 600)


def _participant(room: Room, user_id: str, name: str) -> TicketHolder:
    return TicketHolder(user_id, room.id, ROLES.get(user_id, Role.PUBLISHER), name)


def cookie_of(room: Room, user_id: str) -> dict[str, str]:
    """What custom authentication gives Photon along for the webhooks."""
    role = ROLES.get(user_id, Role.PUBLISHER)
    return Cookie(room.id, role.value, alias_of(room, user_id))._asdict()


# What happens to bob, or to the room, between two calls.


def nothing(room: Room) -> None:
    """Leave everything as it is."""


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
