"""Kicks over the socket that Agora enforces as well: nothing waits for Agora."""

import pytest
from asgiref.sync import sync_to_async

from rooms.models import Room
from tests.cast import alias_of
from tests.moderation.live.people import enter, timeless
from tests.rooms.kicking.agora_rest import AgoraRest
from tests.rooms.kicking.rules import by_number, rules

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("ban", [False, True])
async def test_update_of_a_kick_is_sent_before_agora_is_called(
    room: Room, agora: AgoraRest, *, ban: bool
) -> None:
    await sync_to_async(by_number)(room, "bob")
    agora.open.clear()
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    reply = await alice.command("participant.kick", alias=alias_of(room, "bob"), ban=ban)
    assert (reply["type"], await bob.expect_close()) == ("reply", 4403)
    assert timeless(await alice.update("ban" if ban else "kick")) == {
        "type": "update",
        "version": 3,
        "action": "ban" if ban else "kick",
        "by": alias_of(room, "alice"),
        "left": alias_of(room, "bob"),
        "enforcement": "requested",
    }
    assert (await sync_to_async(rules)("progress", "once"), agora.calls) == ([("requested", not ban)], [])
