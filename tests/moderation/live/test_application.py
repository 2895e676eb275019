"""The ASGI application of the server: sockets beside HTTP."""

import pytest

from rooms.models import Room
from tests.moderation.live.people import socket_of
from tests.running_room import participant
from tokensvc.asgi import application

pytestmark = pytest.mark.django_db(transaction=True)


async def test_application_of_the_server_serves_sockets(room: Room) -> None:
    alice = await socket_of(room, "alice", application=application).join()
    assert alice.snapshot["you"] == participant(room, "alice")


async def test_application_of_the_server_checks_origins(room: Room) -> None:
    alice = socket_of(room, "alice", application=application, origin="https://evil.example")
    assert (await alice.connect())["type"] == "websocket.close"
