"""Which web pages may open the socket; other clients need only a ticket."""

import pytest
from pytest_django import Settings

from rooms.models import Room
from tests.moderation.live.people import ROOM, socket_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://app.example",
        "https://app.example:8443",
        "https://app.example.evil.example",
        "https://xapp.example",
        "null",
        "",
        "garbage",
        "file://",
        "http://[",
        "http://[::1",
        "https://app.example:port",
    ],
)
async def test_page_of_another_origin_is_refused_before_the_accept(room: Room, origin: str) -> None:
    answer = await socket_of(room, "alice", origin=origin).connect()
    assert answer["type"] == "websocket.close"


@pytest.mark.parametrize(
    "origin", [None, "https://app.example", "http://localhost:3000", "https://testserver", "http://127.0.0.1"]
)
async def test_page_of_an_allowed_origin_and_client_without_origin_are_accepted(
    room: Room, origin: str | None
) -> None:
    alice = await socket_of(room, "alice", origin=origin).join()
    assert alice.snapshot["room"] == ROOM


async def test_every_origin_is_accepted_where_every_host_is_allowed(room: Room, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    alice = await socket_of(room, "alice", origin="https://anywhere.example").join()
    assert alice.snapshot["room"] == ROOM
