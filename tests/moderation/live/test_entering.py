"""Joining: the snapshot, the participant in it, and the updates of the others."""

import time
from datetime import UTC, datetime

import pytest
from asgiref.sync import sync_to_async

from moderation.models import ParticipantState
from rooms.models import Room
from tests.api import Api
from tests.cast import alias_of
from tests.moderation.live.people import ROOM, enter, socket_of, timeless
from tests.moderation.live.sockets import Socket
from tests.running_room import by_alias, participant

pytestmark = pytest.mark.django_db(transaction=True)


async def test_first_frame_is_the_whole_snapshot(room: Room) -> None:
    alice = await enter(room, "alice")
    assert alice.snapshot == {
        "type": "snapshot",
        "version": 1,
        "room": ROOM,
        "participants": [participant(room, "alice")],
        "you": participant(room, "alice"),
    }
    bob = await enter(room, "bob")
    assert bob.snapshot == {
        "type": "snapshot",
        "version": 2,
        "room": ROOM,
        "participants": by_alias(participant(room, "alice"), participant(room, "bob")),
        "you": participant(room, "bob"),
    }


async def test_own_join_is_in_the_snapshot_and_not_sent_again(room: Room) -> None:
    alice = await enter(room, "alice")
    assert await alice.is_quiet()


async def test_join_is_sent_to_the_others_with_its_time(room: Room) -> None:
    alice = await enter(room, "alice")
    before = time.time()
    await enter(room, "bob")
    update = await alice.update()
    at = datetime.strptime(update["at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    assert before <= at.timestamp() <= time.time()
    assert timeless(update) == {
        "type": "update",
        "version": 2,
        "action": "join",
        "by": alias_of(room, "bob"),
        "participant": participant(room, "bob"),
    }


async def test_sockets_get_the_same_updates_and_versions_rise_by_one(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await alice.update("join")
    for number in range(6):
        await alice.command("room.set", mute_everyone=number % 2 == 0)
        await bob.command("seat.request" if number % 2 else "seat.release", media="video")
    # The first release changes nothing.
    heard = [[await one.update() for _ in range(11)] for one in (alice, bob)]
    assert heard[0] == heard[1]
    assert [update["version"] for update in heard[0]] == list(range(3, 14))


async def test_newcomer_is_muted_when_everyone_is(room: Room) -> None:
    alice = await enter(room, "alice")
    await alice.command("room.set", mute_everyone=True)
    bob = await enter(room, "bob")
    assert bob.snapshot["room"] == {**ROOM, "mute_everyone": True}
    assert bob.snapshot["you"] == participant(room, "bob", may_publish_audio=False)
    answer = await bob.command("seat.request", media="audio")
    assert answer["code"] == "not_allowed_by_host"


async def test_override_survives_a_reconnect_with_a_new_ticket(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await alice.command("room.set", mute_everyone=True)
    await alice.command("participant.set", alias=alias_of(room, "bob"), audio="allow", video="deny")
    await bob.disconnect()
    await alice.update("disconnect")
    bob = await enter(room, "bob")
    assert bob.snapshot["you"] == participant(
        room, "bob", audio="allow", video="deny", may_publish_video=False
    )
    assert (await bob.command("seat.request", media="audio"))["seat"] is True


async def test_override_survives_leaving_and_the_mute_lifted_and_set_again(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await alice.command("participant.set", alias=alias_of(room, "bob"), audio="allow")
    await alice.command("participant.kick", alias=alias_of(room, "bob"))
    assert await bob.expect_close() == 4403
    for on in (True, False, True):
        await alice.command("room.set", mute_everyone=on)
    bob = await enter(room, "bob")
    assert bob.snapshot["you"] == participant(room, "bob", audio="allow")


async def test_role_of_the_member_overrides_the_tickets(room: Room) -> None:
    old = socket_of(room, "bob")
    member = await room.members.aget(user_id="bob")
    member.role = "subscriber"
    await sync_to_async(member.save)()
    bob = await old.join()
    assert bob.snapshot["you"] == participant(
        room, "bob", role="subscriber", may_publish_audio=False, may_publish_video=False
    )


async def test_ticket_of_the_api_opens_the_url_beside_it(room: Room, backend: Api) -> None:
    answer = await sync_to_async(backend.post)(f"rooms/{room.id}/tokens/", {"user_id": "bob", "name": "Bob"})
    live = answer.json()["live"]
    path = "/" + live["url"].split("/", 3)[3]
    bob = await Socket(path, [live["protocol"], f"ticket.{live['ticket']}"]).join()
    assert bob.snapshot["you"] == participant(room, "bob")


async def test_document_of_the_api_is_the_snapshot(room: Room, backend: Api) -> None:
    await enter(room, "alice")
    bob = await enter(room, "bob")
    answer = await sync_to_async(backend.get)(f"rooms/{room.id}/moderation/")
    assert answer.json() == {name: bob.snapshot[name] for name in ("version", "room", "participants")}


async def test_disconnect_keeps_the_place_until_the_lease_expires(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await bob.disconnect()
    assert timeless(await alice.update("disconnect")) == {
        "type": "update",
        "version": 3,
        "action": "disconnect",
        "by": None,
        "participant": participant(room, "bob", connected=False),
    }
    gone = await ParticipantState.objects.aget(user_id="bob")
    assert (gone.present, gone.connection, gone.process_id) == (True, None, None)
