"""What closes an open socket, and with which code."""

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from moderation.live import hub, local_room
from moderation.models import ParticipantState
from rooms.models import Member, Room
from rooms.roles import Role
from tests.cast import alias_of, ticket_of
from tests.moderation.live.people import enter, timeless
from tests.moderation.live.sockets import Socket
from tests.running_room import by_alias, participant

pytestmark = pytest.mark.django_db(transaction=True)


async def test_newer_connection_replaces_the_older(room: Room) -> None:
    alice, old = await enter(room, "alice"), await enter(room, "bob")
    await old.command("seat.request", media="audio")
    new = await enter(room, "bob")
    assert await old.expect_close() == 4409
    seated = participant(room, "bob", audio_seat=True)
    assert new.snapshot["participants"] == by_alias(participant(room, "alice"), seated)
    assert [(await alice.update())["action"] for _ in range(3)] == ["join", "take_audio_seat", "join"]
    assert await alice.is_quiet(0.6)
    assert await new.command("ping") == {"type": "reply", "version": 4}


async def test_last_of_ten_connections_of_one_user_stays_open(room: Room) -> None:
    sockets = [await enter(room, "bob") for _ in range(10)]
    assert [await socket.expect_close() for socket in sockets[:-1]] == [4409] * 9
    assert sockets[-1].snapshot["participants"] == [participant(room, "bob")]
    assert await sockets[-1].command("ping") == {"type": "reply", "version": 10}


async def test_same_user_in_two_rooms_has_two_connections(room: Room) -> None:
    other = await Room.objects.acreate(default_role="publisher")
    here, there = await enter(room, "bob"), await enter(other, "bob")
    assert (await here.command("ping"), await there.command("ping")) == (
        {"type": "reply", "version": 1},
        {"type": "reply", "version": 1},
    )


async def test_host_who_ends_the_room_is_answered_before_the_close(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await alice.update("join")
    assert await alice.command("room.end") == {"type": "reply", "version": 3}
    assert [await one.expect_close() for one in (alice, bob)] == [4410, 4410]
    ended = {
        "type": "update",
        "version": 3,
        "action": "end",
        "by": alias_of(room, "alice"),
        "room": {},
    }
    assert [[timeless(frame) for frame in one.rest()] for one in (alice, bob)] == [[ended], [ended]]


async def ended_by_the_model(room: Room) -> None:
    await sync_to_async(room.end)(timezone.now())


async def ends_by_itself(room: Room) -> None:
    await sync_to_async(room.change)({"ends_at": timezone.now() + timedelta(seconds=0.2)})


@pytest.mark.parametrize("way", [ended_by_the_model, ends_by_itself])
async def test_sockets_of_a_room_ended_elsewhere_are_closed(
    room: Room, way: Callable[[Room], Awaitable[None]]
) -> None:
    sockets = [await enter(room, name) for name in ("alice", "bob", "carol")]
    await way(room)
    assert [await socket.expect_close() for socket in sockets] == [4410] * 3
    assert not await ParticipantState.objects.filter(present=True).aexists()


async def test_sockets_of_a_deleted_room_are_closed(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await room.adelete()
    assert [await one.expect_close() for one in (alice, bob)] == [4404, 4404]


async def test_new_channel_closes_all_sockets_and_keeps_participants_and_seats(room: Room) -> None:
    sockets = [await enter(room, name) for name in ("alice", "bob")]
    await sockets[1].command("seat.request", media="audio")
    await sync_to_async(room.rotate_channel)()
    assert [await socket.expect_close() for socket in sockets] == [4401, 4401]
    bob = await enter(room, "bob")
    assert bob.snapshot["participants"] == by_alias(
        participant(room, "alice", connected=False), participant(room, "bob", audio_seat=True)
    )


async def test_socket_with_an_expired_ticket_is_closed_at_the_heartbeat(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT_INTERVAL", 0.2)
    ticket = ticket_of(room.id, "bob", expires_in=300)
    bob = await Socket(f"/ws/rooms/{room.id}/", ["tokensvc.v1", f"ticket.{ticket}"]).join()
    alice = await enter(room, "alice")
    monkeypatch.setattr(local_room, "time", lambda: time.time() + 300)
    assert await bob.expect_close() == 4401
    assert (await alice.update("disconnect"))["participant"] == participant(room, "bob", connected=False)


async def test_commands_before_a_disconnect_are_carried_out(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    for media in ("audio", "video"):
        await bob.send({"type": "seat.request", "media": media})
    await bob.disconnect()
    heard = [(await alice.update())["action"] for _ in range(4)]
    assert heard == ["join", "take_audio_seat", "take_video_seat", "disconnect"]


async def test_heartbeat_has_the_version(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT_INTERVAL", 0.05)
    alice = await enter(room, "alice")
    assert await alice.receive() == {"type": "heartbeat", "version": 1}
    await alice.command("room.set", mute_everyone=True)
    await alice.update()
    assert await alice.receive() == {"type": "heartbeat", "version": 2}


async def test_demoted_host_stays_a_participant(room: Room) -> None:
    alice = await enter(room, "alice")
    await sync_to_async(Member.objects.appoint)(room, "alice", Role.SUBSCRIBER)
    assert (await alice.update("demote"))["participant"] == participant(
        room, "alice", role="subscriber", may_publish_audio=False, may_publish_video=False
    )
