"""Refused sockets: accepted first, so that browsers see the code, and then closed."""

from collections.abc import Callable
from datetime import timedelta

import jwt
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils import timezone

from moderation.models import ParticipantState
from rooms.models import Member, Room
from tests.cast import ticket_of
from tests.moderation.live.outage import database_away
from tests.moderation.live.people import enter, socket_of
from tests.moderation.live.sockets import Socket

pytestmark = pytest.mark.django_db(transaction=True)

ACCEPT = {"type": "websocket.accept", "subprotocol": "tokensvc.v1"}


async def code_of(socket: Socket) -> int:
    """Return the close code of a socket that is accepted and then closed without a frame."""
    assert await socket.connect() == ACCEPT
    code = await socket.expect_close()
    assert socket.rest() == []
    return code


def path_of(room: Room) -> str:
    return f"/ws/rooms/{room.id}/"


def forged(room: Room) -> str:
    claims = jwt.decode(ticket_of(room.id, "alice"), options={"verify_signature": False})
    return jwt.encode(claims, "k" * 32, "HS256")


def identity(room: Room) -> str:
    claims = {"sub": "alice", "aud": "tokensvc", "exp": 2**33, "rooms": {room.id: "host"}}
    return jwt.encode(claims, settings.IDENTITY_JWT_SECRET, "HS256")


BAD_TICKETS: dict[str, Callable[[Room], str]] = {
    "empty": lambda room: "",
    "garbage": lambda room: "garbage",
    "dots": lambda room: "..",
    "not ascii": lambda room: "é.ü.ß",
    "truncated": lambda room: ticket_of(room.id, "alice")[:-2],
    "forged": forged,
    "identity": identity,
    "expired": lambda room: ticket_of(room.id, "alice", expires_in=0),
    "another room": lambda room: ticket_of("another", "alice"),
    "room id": lambda room: room.id,
}


@pytest.mark.parametrize("ticket", BAD_TICKETS.values(), ids=BAD_TICKETS)
async def test_bad_ticket_closes_with_4401(room: Room, ticket: Callable[[Room], str]) -> None:
    assert await code_of(Socket(path_of(room), ["tokensvc.v1", f"ticket.{ticket(room)}"])) == 4401


@pytest.mark.parametrize("offered", [["tokensvc.v1"], ["tokensvc.v1", "ticket"], ["tokensvc.v1", "x.y"]])
async def test_no_ticket_closes_with_4401(room: Room, offered: list[str]) -> None:
    assert await code_of(Socket(path_of(room), offered)) == 4401


async def test_ticket_in_the_query_or_the_path_is_ignored(room: Room) -> None:
    assert await code_of(Socket(f"/ws/rooms/{ticket_of(room.id, 'alice')}/", ["tokensvc.v1"])) == 4401


async def test_protocol_that_was_not_offered_is_not_selected(room: Room) -> None:
    socket = Socket(path_of(room), [f"ticket.{ticket_of(room.id, 'alice')}"])
    assert await socket.connect() == {"type": "websocket.accept", "subprotocol": None}
    assert (await socket.receive())["type"] == "snapshot"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/ws/",
        "/ws/rooms/",
        "/ws/rooms//",
        "/ws/rooms/{}",
        "/ws/rooms/{}/more/",
        "/ws/rooms/{}//",
        "/x/ws/rooms/{}/",
    ],
)
async def test_wrong_path_closes_with_4404(room: Room, path: str) -> None:
    offered = ["tokensvc.v1", f"ticket.{ticket_of(room.id, 'alice')}"]
    assert await code_of(Socket(path.format(room.id), offered)) == 4404


async def test_deleted_room_closes_with_4404(room: Room) -> None:
    socket = socket_of(room, "alice")
    await room.adelete()
    assert await code_of(socket) == 4404


async def test_banned_closes_with_4403(room: Room) -> None:
    assert await code_of(socket_of(room, "mallory")) == 4403
    assert not await ParticipantState.objects.aexists()


async def test_expired_ban_is_ignored(room: Room) -> None:
    past = timezone.now() - timedelta(seconds=1)
    await sync_to_async(Member.objects.ban)(room, "bob", past)
    assert (await enter(room, "bob")).snapshot["you"]["role"] == "publisher"


async def test_ended_room_closes_with_4410(room: Room) -> None:
    await sync_to_async(room.end)(timezone.now())
    assert await code_of(socket_of(room, "alice")) == 4410


async def test_room_past_its_end_closes_with_4410(room: Room) -> None:
    await sync_to_async(room.change)({"ends_at": timezone.now()})
    assert await code_of(socket_of(room, "alice")) == 4410


# Each table fails another step: the hub's heartbeat, the lock, the event log.
@pytest.mark.parametrize("table", ["moderation_liveprocess", "moderation_roomstate", "moderation_event"])
async def test_unavailable_database_closes_with_1013(room: Room, table: str) -> None:
    async with database_away(for_statements_about=table):
        assert await code_of(socket_of(room, "alice")) == 1013
    assert (await enter(room, "alice")).snapshot["version"] == 1


async def test_refused_socket_leaves_the_process_working(room: Room) -> None:
    assert await code_of(Socket(path_of(room), ["tokensvc.v1", "ticket.x"])) == 4401
    assert await code_of(socket_of(room, "mallory")) == 4403
    assert (await enter(room, "alice")).snapshot["version"] == 1
