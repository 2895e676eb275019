"""Seats on the socket: the answers, and when a seat is lost."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db.models import F
from django.utils import timezone

from moderation.models import ParticipantState
from rooms.models import Room
from rooms.roles import Role
from tests.cast import alias_of
from tests.moderation.live.people import enter
from tests.running_room import participant

pytestmark = pytest.mark.django_db(transaction=True)


async def test_seat_is_taken_and_given_back(room: Room) -> None:
    bob = await enter(room, "bob")
    assert [
        await bob.command("seat.request", media="audio"),
        await bob.command("seat.request", media="video"),
        await bob.command("seat.release", media="audio"),
    ] == [
        {"type": "reply", "version": 2, "media": "audio", "seat": True, "free": {"audio": 11, "video": 10}},
        {"type": "reply", "version": 3, "media": "video", "seat": True, "free": {"audio": 11, "video": 9}},
        {"type": "reply", "version": 4, "media": "audio", "seat": False, "free": {"audio": 12, "video": 9}},
    ]


@pytest.mark.parametrize("verb", ["seat.request", "seat.release"])
async def test_repeated_request_changes_nothing(room: Room, verb: str) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await alice.update("join")
    await bob.command("seat.request", media="audio")
    first = await bob.command(verb, media="audio")
    assert await bob.command(verb, media="audio") == first
    updates = 1 if verb == "seat.request" else 2
    assert [(await alice.update())["version"] for _ in range(updates)] == [3, 4][:updates]
    assert await alice.is_quiet()


async def test_request_is_refused_when_all_seats_are_taken(room: Room) -> None:
    await sync_to_async(room.change)({"audio_limit": 1})
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await alice.command("seat.request", media="audio")
    assert await bob.command("seat.request", media="audio") == {
        "type": "error",
        "code": "seats_full",
        "detail": "All 1 audio seats are taken.",
        "free": {"audio": 0, "video": 10},
    }
    await alice.command("seat.release", media="audio")
    assert (await bob.command("seat.request", media="audio"))["free"] == {"audio": 0, "video": 10}


async def test_lowered_limit_keeps_seats_and_grants_no_more(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await alice.command("seat.request", media="video")
    await sync_to_async(room.change)({"video_limit": 0})
    assert (await bob.command("seat.request", media="video"))["code"] == "seats_full"
    again = await alice.command("seat.request", media="video")
    assert (again["seat"], again["free"]) == (True, {"audio": 12, "video": 0})


async def test_muted_is_refused(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await alice.command("room.set", webcams_disabled=True)
    assert await bob.command("seat.request", media="video") == {
        "type": "error",
        "code": "not_allowed_by_host",
        "detail": "A host does not let you publish video now.",
    }
    assert (await alice.command("seat.request", media="video"))["seat"] is True


async def test_subscriber_is_refused_even_when_allowed(room: Room) -> None:
    alice, carol = await enter(room, "alice"), await enter(room, "carol")
    await alice.command("participant.set", alias=alias_of(room, "carol"), audio="allow")
    assert await carol.command("seat.request", media="audio") == {
        "type": "error",
        "code": "role_not_granted",
        "detail": "A subscriber only receives.",
    }


async def test_mute_of_everyone_frees_the_seats_of_those_who_inherit(room: Room) -> None:
    alice, bob, dave = [await enter(room, name) for name in ("alice", "bob", "dave")]
    for socket in (alice, bob, dave):
        await socket.command("seat.request", media="audio")
        await socket.command("seat.request", media="video")
    await alice.command("participant.set", alias=alias_of(room, "dave"), audio="allow")
    await alice.command("room.set", mute_everyone=True)
    carol = await enter(room, "carol")
    seats = {one["name"]: (one["audio_seat"], one["video_seat"]) for one in carol.snapshot["participants"]}
    assert seats == {
        "Alice": (True, True),
        "Bob": (False, True),
        "Dave": (True, True),
        "Carol": (False, False),
    }


async def test_lifting_the_mute_restores_no_seat(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await bob.command("seat.request", media="audio")
    await alice.command("room.set", mute_everyone=True)
    await alice.command("room.set", mute_everyone=False)
    carol = await enter(room, "carol")
    assert participant(room, "bob") in carol.snapshot["participants"]


async def test_reconnect_within_the_lease_keeps_the_seats(room: Room) -> None:
    await enter(room, "alice")
    bob = await enter(room, "bob")
    await bob.command("seat.request", media="audio")
    await bob.disconnect()
    bob = await enter(room, "bob")
    assert bob.snapshot["you"] == participant(room, "bob", audio_seat=True)


async def test_seat_of_an_expired_lease_is_free(room: Room) -> None:
    await sync_to_async(room.change)({"audio_limit": 1})
    bob, dave = await enter(room, "bob"), await enter(room, "dave")
    await bob.command("seat.request", media="audio")
    await bob.disconnect()
    await dave.update("disconnect")
    assert (await dave.command("seat.request", media="audio"))["code"] == "seats_full"
    await ParticipantState.objects.filter(user_id="bob").aupdate(gone_at=F("gone_at") - timedelta(seconds=31))
    assert (await dave.command("seat.request", media="audio"))["seat"] is True
    assert (await dave.update("leave"))["left"] == alias_of(room, "bob")
    assert (await dave.update("take_audio_seat"))["participant"] == participant(room, "dave", audio_seat=True)


async def test_many_leases_expiring_at_once_close_no_socket(room: Room) -> None:
    """As when another process with 400 sockets of the room was killed."""
    alice = await enter(room, "alice")
    gone = timezone.now() - timedelta(seconds=31)
    await ParticipantState.objects.abulk_create(
        ParticipantState(
            room=room,
            user_id=f"u{number}",
            alias=f"a{number}",
            role=Role.PUBLISHER,
            ticket_role=Role.PUBLISHER,
            present=True,
            gone_at=gone,
        )
        for number in range(400)
    )
    await alice.update_to(401)
    assert alice.versions == list(range(1, 402))
