"""Removed users are disconnected within a second by whichever process; banned ones stay out."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from bench.live.client import Fetch
from tests.system.live import LiveRoom, Witness, everybody_in
from tests.system.servers import Answer, Server, identity, manage

HERE, THERE = 0, 1

_log = logging.getLogger(__name__)
_BAN = """
from django.utils import timezone
from rooms.models import Member, Room
Member.objects.ban(Room.objects.get(pk={room!r}), {user!r}, None)
print(timezone.now().timestamp())
"""


async def by_socket(room: LiveRoom, host: Witness, alias: str, user: str, database: str) -> float:
    asked_at = time.time()
    await host.command("participant.kick", alias=alias, ban=True)
    return asked_at


async def by_rest(room: LiveRoom, host: Witness, alias: str, user: str, database: str) -> float:
    asked_at = time.time()
    path, authorization = f"moderation/participants/{alias}/kick/", identity("alice")
    answer = await room.rest("POST", path, {"ban": True}, at=HERE, authorization=authorization)
    assert (answer.status, answer.json["left"]) == (200, alias)
    return asked_at


async def by_member_record(room: LiveRoom, host: Witness, alias: str, user: str, database: str) -> float:
    asked_at = time.time()
    assert (await asyncio.to_thread(room.member, user, "banned", at=HERE)).json["role"] == "banned"
    return asked_at


async def by_model(room: LiveRoom, host: Witness, alias: str, user: str, database: str) -> float:
    """Ban in a process without sockets."""
    code = _BAN.format(room=room.id, user=user)
    return float((await asyncio.to_thread(manage, database, "shell", "-c", code)).splitlines()[-1])


Ban = Callable[[LiveRoom, Witness, str, str, str], Awaitable[float]]


class InvitedUser:
    """A guest by invite, whose only credential is the ticket."""

    def __init__(self, room: LiveRoom, at: int, code: str) -> None:
        answer = room.servers[at].aside("POST", "/api/v1/invites/redeem/", "", {"code": code, "name": "M"})
        self.user: str = answer.json["user"]["id"]
        self.url, self.ticket = room.socket_url(at), answer.json["live"]["ticket"]

    async def __call__(self) -> tuple[str, str]:
        return self.url, self.ticket


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json.get("code", "")


def entering_with(room: LiveRoom, at: int, ticket: str) -> Fetch:
    async def fetch() -> tuple[str, str]:
        return room.socket_url(at), ticket

    return fetch


async def assert_stays_out(room: LiveRoom, user: str, ticket: str) -> None:
    """Check both processes, with every credential and caller."""
    for at in (HERE, THERE):
        for authorization in (identity(user), f"Ticket {ticket}"):
            answer = await room.rest("POST", "tokens/", at=at, authorization=authorization)
            assert refused(answer) == (403, "banned")
        for_user = await room.rest("POST", "tokens/", {"user_id": user, "role": "publisher"}, at=at)
        assert refused(for_user) == (403, "banned")
        async with Witness(entering_with(room, at, ticket)) as again:
            await again.until(lambda one: one.close_code is not None)
        assert (again.close_code, again.told) == (4403, [])


async def closed(client: Witness) -> float:
    """Return the time at which the client's socket closed."""
    await client.until(lambda one: one.close_code is not None)
    return time.time()


async def ban_and_watch(room: LiveRoom, ban: Ban, person: Fetch, user: str, database: str) -> float:
    """Return the seconds from the ban to the close."""
    _, ticket = await person()
    async with AsyncExitStack() as stack:
        host, mallory = Witness(room.admission("alice", [HERE])), Witness(person)
        await everybody_in(stack, [host, mallory])
        alias = mallory.document.you
        closing = asyncio.create_task(closed(mallory))
        banned_at = await ban(room, host, alias, user, database)
        closed_at = await closing
        await host.until(lambda one: alias not in one.document.participants)
        assert mallory.close_code == 4403
        await assert_stays_out(room, user, ticket)
    return closed_at - banned_at


@pytest.mark.parametrize("at", [HERE, THERE])
@pytest.mark.parametrize("ban", [by_socket, by_rest, by_member_record, by_model])
def test_ban_closes_the_socket_within_a_second_and_keeps_the_user_out(
    two_live: list[Server], backend: str, database: str, ban: Ban, at: int
) -> None:
    room = LiveRoom(two_live, backend)
    room.member("alice", "host")
    person = room.admission("mallory", [at])
    seconds = asyncio.run(ban_and_watch(room, ban, person, "mallory", database))
    _log.info("%s, socket in process %s: closed after %.0f ms", ban.__name__, at, seconds * 1000)
    assert seconds < 1


def test_ticket_of_a_banned_guest_is_refused(two_live: list[Server], backend: str, database: str) -> None:
    room = LiveRoom(two_live, backend)
    room.member("alice", "host")
    invite = asyncio.run(room.rest("POST", "invites/", {"role": "publisher", "max_uses": 1})).json
    guest = InvitedUser(room, THERE, invite["code"])
    assert asyncio.run(ban_and_watch(room, by_socket, guest, guest.user, database)) < 1
