"""Every actor with every verb: who may do what."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from moderation.live import commands, poller
from moderation.models import Event
from rooms.models import Member, Room
from rooms.roles import Role
from tests.cast import alias_of
from tests.moderation.live.people import enter
from tests.moderation.live.sockets import Socket

pytestmark = pytest.mark.django_db(transaction=True)

# `alice` hosts, `bob` publishes, `carol` listens. These change while connected: `mallory` is banned, `former`
# was a host and is a publisher, `promoted` was a subscriber and is a host.
ACTORS = ["alice", "bob", "carol", "mallory", "former", "promoted"]

CODES = {
    "ok": "reply",
    "ho": "host_only",
    "ba": "banned",
    "ro": "role_not_granted",
    "no": "participant_not_found",
}

MATRIX = """
                  ali bob car mal for pro
seat.request      ok  ok  ro  no  ok  ok
seat.release      ok  ok  ok  no  ok  ok
room.set          ok  ho  ho  ba  ho  ok
participant.set   ok  ho  ho  ba  ho  ok
participant.kick  ok  ho  ho  ba  ho  ok
room.end          ok  ho  ho  ba  ho  ok
sync              ok  ok  ok  ok  ok  ok
ping              ok  ok  ok  ok  ok  ok
"""

HEADER, *LINES = [line.split() for line in MATRIX.strip().splitlines()]
ROWS = {verb: cells for verb, *cells in LINES}


def fields_of(verb: str, room: Room) -> dict[str, Any]:
    fields: dict[str, dict[str, Any]] = {
        "seat.request": {"media": "audio"},
        "seat.release": {"media": "audio"},
        "room.set": {"mute_everyone": True, "webcams_disabled": True},
        "participant.set": {"alias": alias_of(room, "dave"), "audio": "deny"},
        "participant.kick": {"alias": alias_of(room, "dave"), "ban": True},
        "sync": {"since": 0},
    }
    return fields.get(verb, {})


def test_every_verb_is_in_the_matrix() -> None:
    assert ROWS.keys() == commands._FIELDS.keys()


def test_every_row_has_a_cell_for_every_actor() -> None:
    assert [name[:3] for name in ACTORS] == HEADER
    assert {len(cells) for cells in ROWS.values()} == {len(ACTORS)}


async def enter_as(room: Room, name: str) -> Socket:
    """Join with the actor's first role, then give them their later one."""
    appoint, ban = sync_to_async(Member.objects.appoint), sync_to_async(Member.objects.ban)
    if name == "mallory":
        await appoint(room, name, Role.HOST)
        socket = await enter(room, name)
        await ban(room, name, None)
        return socket
    changes = {"former": (Role.HOST, Role.PUBLISHER), "promoted": (Role.SUBSCRIBER, Role.HOST)}
    before, after = changes.get(name, (None, None))
    if before is None or after is None:
        return await enter(room, name)
    await appoint(room, name, before)
    socket = await enter(room, name)
    await appoint(room, name, after)
    return socket


@pytest.mark.parametrize("name", ACTORS)
@pytest.mark.parametrize("verb", ROWS)
async def test_actor_is_told(room: Room, monkeypatch: pytest.MonkeyPatch, verb: str, name: str) -> None:
    # A change must hold for the next command, not only after a poll.
    monkeypatch.setattr(poller, "POLL_INTERVAL", 3600.0)
    await enter(room, "dave")
    actor = await enter_as(room, name)
    answer = await actor.command(verb, **fields_of(verb, room))
    expected = CODES[ROWS[verb][ACTORS.index(name)]]
    if expected == "reply":
        assert answer["type"] == "reply"
        assert answer["version"] >= 2
    else:
        assert {**answer, "detail": ""} == {"type": "error", "code": expected, "detail": ""}
        acts = Event.objects.exclude(action__in=["join", "ban", "demote", "promote"])
        assert not await acts.aexists()


async def test_banned_while_connected_is_closed_with_the_answer(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller, "POLL_INTERVAL", 3600.0)
    mallory = await enter_as(room, "mallory")
    assert (await mallory.command("seat.request", media="audio"))["code"] == "participant_not_found"
    assert await mallory.expect_close() == 4403
