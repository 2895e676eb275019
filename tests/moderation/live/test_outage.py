"""Commands while the database is unavailable: refused, not half done; the socket stays open."""

import asyncio

import pytest

from rooms.models import Room
from tests.cast import alias_of
from tests.moderation.live.outage import database_away
from tests.moderation.live.people import enter
from tests.running_room import participant

pytestmark = pytest.mark.django_db(transaction=True)


async def test_sockets_stay_open_and_missed_updates_follow_the_outage(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await alice.update("join")
    async with database_away():
        await bob.disconnect()
        for _ in range(3):
            assert await alice.command("room.set", mute_everyone=True) == {
                "type": "error",
                "code": "unavailable",
                "detail": "The database does not answer just now.",
            }
            await asyncio.sleep(0.3)
    assert (await alice.update())["participant"] == participant(room, "bob", connected=False)
    assert (await alice.command("room.set", mute_everyone=True))["version"] == 4


@pytest.mark.parametrize("table", ["moderation_event", "moderation_participantstate", "moderation_roomstate"])
async def test_failed_act_is_not_half_done(room: Room, table: str) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await bob.command("seat.request", media="audio")
    async with database_away(for_statements_about=table):
        refused = await alice.command("participant.set", alias=alias_of(room, "bob"), audio="deny")
        assert refused["code"] == "unavailable"
    carol = await enter(room, "carol")
    assert carol.snapshot["version"] == 4
    assert participant(room, "bob", audio_seat=True) in carol.snapshot["participants"]


async def test_bug_is_answered_and_the_socket_stays_open(room: Room) -> None:
    alice = await enter(room, "alice")
    async with database_away(for_statements_about="moderation_event", error=ZeroDivisionError("bug")):
        assert await alice.command("room.set", mute_everyone=True) == {
            "type": "error",
            "code": "internal_error",
            "detail": "This is our fault; it has been logged.",
        }
    assert (await alice.command("room.set", mute_everyone=True))["version"] == 2
