"""The same acts by socket and by REST leave the same document and the same log."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from rooms.models import Member, Room
from rooms.roles import Role
from tests.api import Api
from tests.cast import alias_of
from tests.moderation.live.people import enter
from tests.moderation.live.sockets import Socket

pytestmark = pytest.mark.django_db(transaction=True)

Body = dict[str, Any]

# The acts of a host by either way: on the room, on a participant, a removal, and the end.
ACTS: list[tuple[str, Body]] = [
    ("room.set", {"mute_everyone": True}),
    ("room.set", {"mute_everyone": True, "webcams_disabled": True}),
    ("participant.set", {"alias": "bob", "audio": "allow", "video": "deny"}),
    ("participant.set", {"alias": "bob", "audio": "allow"}),
    ("room.set", {"webcams_disabled": False, "expected_version": 8}),
    ("room.set", {"webcams_disabled": True, "expected_version": 8}),
    ("participant.set", {"alias": "carol", "video": "deny"}),
    ("participant.set", {"alias": "nobody", "video": "deny"}),
    ("participant.kick", {"alias": "alice"}),
    ("participant.kick", {"alias": "carol"}),
    ("participant.kick", {"alias": "carol"}),
    ("participant.set", {"alias": "carol", "video": "inherit"}),
    ("room.set", {"mute_everyone": False}),
    ("participant.kick", {"alias": "bob", "ban": True, "seconds": 60}),
    ("participant.kick", {"alias": "bob", "ban": True}),
    ("participant.kick", {"alias": "dave", "seconds": 60}),
]


async def furnish(twin_of: Room | None = None) -> Room:
    """Create a room with the cast as members. Rooms with the same secret give the same aliases."""
    secret = {} if twin_of is None else {"channel_secret": twin_of.channel_secret}
    room = await Room.objects.acreate(default_role=None, **secret)
    await sync_to_async(Member.objects.appoint)(room, "alice", Role.HOST)
    return room


def aliased(room: Room, body: Body) -> Body:
    return {**body, "alias": alias_of(room, body["alias"])} if "alias" in body else body


def by_socket(room: Room, alice: Socket) -> Callable[[str, Body], Any]:
    async def act(type_: str, body: Body) -> Any:
        answer = await alice.command(type_, **aliased(room, body))
        return answer.get("code") if answer["type"] == "error" else None

    return act


def by_rest(room: Room, alice: Api) -> Callable[[str, Body], Any]:
    async def act(type_: str, body: Body) -> Any:
        fields = aliased(room, body)
        base = f"rooms/{room.id}/moderation/"
        person = f"{base}participants/{fields.pop('alias', '')}/"
        method, path = {
            "room.set": ("PATCH", base),
            "participant.set": ("PATCH", person),
            "participant.kick": ("POST", f"{person}kick/"),
            "room.end": ("POST", f"rooms/{room.id}/end/"),
        }[type_]
        response = await sync_to_async(alice)(method, path, fields)
        return None if response.status_code == 200 else response.json()["code"]

    return act


async def result(room: Room, backend: Api) -> tuple[Any, Any]:
    """Return the document and the event log, without times."""
    document = await sync_to_async(backend.get)(f"rooms/{room.id}/moderation/")
    log = await sync_to_async(backend.get)(f"rooms/{room.id}/moderation/events/")
    events = [
        {name: value for name, value in event.items() if name != "at"} for event in log.json()["results"]
    ]
    return document.json(), events


async def test_same_acts_leave_the_same_document_and_log(backend: Api, as_user: Callable[..., Api]) -> None:
    first = await furnish()
    second = await furnish(twin_of=first)
    sockets = [[await enter(room, name) for name in ("alice", "bob", "carol")] for room in (first, second)]
    for _, bob, _ in sockets:
        await bob.command("seat.request", media="audio")
    ways = [by_socket(first, sockets[0][0]), by_rest(second, as_user("alice"))]
    codes = [[await way(type_, body) for type_, body in ACTS] for way in ways]
    assert codes[0] == codes[1]
    assert {*codes[0]} == {None, "version_conflict", "participant_not_found", "forbidden", "invalid"}
    running = [await result(room, backend) for room in (first, second)]
    assert running[0] == running[1]
    for way in ways:
        assert await way("room.end", {}) is None
    ended = [await result(room, backend) for room in (first, second)]
    assert ended[0] == ended[1]
    assert [len(log) for _, log in (running[0], ended[0])] == [15, 16]
    assert [len(document["participants"]) for document, _ in (running[0], ended[0])] == [1, 0]


async def test_version_conflict_carries_the_document_on_the_socket_too(room: Room, backend: Api) -> None:
    alice = await enter(room, "alice")
    refused = await alice.command("room.set", mute_everyone=True, expected_version=7)
    document, _ = await result(room, backend)
    assert refused == {
        "type": "error",
        "code": "version_conflict",
        "detail": "The room is at version 1, not 7.",
        "document": document,
    }


async def test_members_bans_are_the_same_by_either_way(backend: Api, as_user: Callable[..., Api]) -> None:
    first = await furnish()
    second = await furnish(twin_of=first)
    hosts = [await enter(room, "alice") for room in (first, second)]
    for room in (first, second):
        await enter(room, "bob")
    ways = [by_socket(first, hosts[0]), by_rest(second, as_user("alice"))]
    for way in ways:
        assert await way("participant.kick", {"alias": "bob", "ban": True}) is None
    members = [
        (await sync_to_async(backend.get)(f"rooms/{room.id}/members/")).json()["results"]
        for room in (first, second)
    ]
    assert members[0] == members[1]
    assert {member["user_id"]: member["role"] for member in members[0]} == {"alice": "host", "bob": "banned"}
