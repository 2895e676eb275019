"""Kicks and bans by every path: the socket is closed, and a banned user cannot come back."""

from collections.abc import Awaitable, Callable

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User as Staff
from django.test import Client

from rooms.models import Member, Room
from tests.api import Api
from tests.cast import alias_of, ticket_of
from tests.moderation.live.people import enter
from tests.moderation.live.sockets import Socket
from tests.running_room import by_alias, participant

pytestmark = pytest.mark.django_db(transaction=True)


async def kicked_by_socket(room: Room, alice: Socket, backend: Api) -> None:
    await alice.command("participant.kick", alias=alias_of(room, "bob"))


async def banned_by_socket(room: Room, alice: Socket, backend: Api) -> None:
    await alice.command("participant.kick", alias=alias_of(room, "bob"), ban=True)


async def kicked_by_api(room: Room, alice: Socket, backend: Api) -> None:
    path = f"rooms/{room.id}/moderation/participants/{alias_of(room, 'bob')}/kick/"
    assert (await sync_to_async(backend.post)(path, {"ban": True})).status_code == 200


async def banned_as_a_member_by_api(room: Room, alice: Socket, backend: Api) -> None:
    path = f"rooms/{room.id}/members/bob/"
    assert (await sync_to_async(backend)("PUT", path, {"role": "banned"})).status_code == 200


async def banned_by_the_model(room: Room, alice: Socket, backend: Api) -> None:
    await sync_to_async(Member.objects.write)(room, "bob", banned=True)


def _save_in_admin(room: Room) -> None:
    client = Client()
    client.force_login(Staff.objects.create_superuser("root"))
    member = Member.objects.get(room=room, user_id="bob")
    fields = {"room": room.id, "user_id": "bob", "role": "publisher", "banned": "on"}
    page = client.post(f"/admin/rooms/member/{member.pk}/change/", fields)
    assert page.status_code == 302


async def banned_in_the_admin(room: Room, alice: Socket, backend: Api) -> None:
    await sync_to_async(_save_in_admin)(room)


Way = Callable[[Room, Socket, Api], Awaitable[None]]


@pytest.mark.parametrize(
    "way",
    [
        kicked_by_socket,
        banned_by_socket,
        kicked_by_api,
        banned_as_a_member_by_api,
        banned_by_the_model,
        banned_in_the_admin,
    ],
)
async def test_removed_by_any_way_is_closed(room: Room, backend: Api, way: Way) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await way(room, alice, backend)
    assert await bob.expect_close() == 4403
    carol = await enter(room, "carol")
    assert carol.snapshot["participants"] == by_alias(participant(room, "alice"), participant(room, "carol"))


@pytest.mark.parametrize("way", [banned_by_socket, kicked_by_api, banned_as_a_member_by_api])
async def test_banned_gets_neither_a_socket_nor_a_token(room: Room, backend: Api, way: Way) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await way(room, alice, backend)
    assert await bob.expect_close() == 4403
    again = Socket(f"/ws/rooms/{room.id}/", ["tokensvc.v1", f"ticket.{ticket_of(room.id, 'bob')}"])
    await again.connect()
    assert await again.expect_close() == 4403
    tokens = [Api(f"Ticket {ticket_of(room.id, 'bob')}"), backend]
    bodies = [None, {"user_id": "bob"}]
    for caller, body in zip(tokens, bodies, strict=True):
        response = await sync_to_async(caller.post)(f"rooms/{room.id}/tokens/", body)
        assert (response.status_code, response.json()["code"]) == (403, "banned")


async def test_kicked_may_come_back(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await alice.command("participant.kick", alias=alias_of(room, "bob"))
    assert await bob.expect_close() == 4403
    bob = await enter(room, "bob")
    assert bob.snapshot["you"] == participant(room, "bob")


async def test_nobody_kicks_themselves(room: Room) -> None:
    alice = await enter(room, "alice")
    assert await alice.command("participant.kick", alias=alias_of(room, "alice")) == {
        "type": "error",
        "code": "forbidden",
        "detail": "You cannot remove yourself from the room.",
    }
