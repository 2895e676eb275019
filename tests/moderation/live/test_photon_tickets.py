"""A ticket for Photon does not open the live socket."""

import time

import pytest

from rooms import tickets
from rooms.callers import TicketHolder
from rooms.models import Room
from rooms.roles import Role
from tests.moderation.live.sockets import Socket

pytestmark = pytest.mark.django_db(transaction=True)


async def test_ticket_for_photon_does_not_open_the_socket(room: Room) -> None:
    now = int(time.time())
    alice = TicketHolder("alice", room.id, Role.HOST, "Alice")
    secret = bytes(room.channel_secret)
    ticket = tickets.sign_for_photon(alice, room.channel, secret, issued_at=now, expires_at=now + 600)
    socket = Socket(f"/ws/rooms/{room.id}/", ["tokensvc.v1", f"ticket.{ticket}"])
    assert await socket.connect() == {"type": "websocket.accept", "subprotocol": "tokensvc.v1"}
    assert await socket.expect_close() == 4401
    assert socket.rest() == []
