"""The room document, and the updates that lead from one to the next."""

import json
import random
from contextlib import suppress
from typing import Any

import pytest

from bench.live.document import Document
from moderation import actions, channel_presence, presence
from moderation.actions import seats
from moderation.document import document, event_document, snapshot, update_frame, updates_since
from moderation.leases import refresh
from moderation.models import Event, ParticipantState, RoomState
from moderation.rule import Medium, Override
from rooms.agora.notifications import Became
from rooms.models import Member, Room
from rooms.roles import Role
from tests.cast import alias_of, ticket_holder
from tests.moderation.agora import said
from tests.running_room import NOON, PROCESS, after, come_in, connection_id, context, flags, participant
from tokensvc.web.refusals import Refusal

pytestmark = pytest.mark.django_db


def test_document_leaves_out_who_has_left(room: Room) -> None:
    come_in(room, "alice", "bob")
    actions.kick(context(room), alias_of(room, "bob"))
    assert document(RoomState.objects.get()) == {
        "version": 3,
        "room": flags(),
        "participants": [participant(room, "alice")],
    }


def test_snapshot_says_who_one_is(room: Room) -> None:
    come_in(room, "bob")
    state, bob = RoomState.objects.get(), ParticipantState.objects.get()
    assert snapshot(bob, state) == {"type": "snapshot", **document(state), "you": participant(room, "bob")}
    assert str(bob) == "bob"


def test_frame_is_one_line_of_json(room: Room) -> None:
    actions.set_room(context(room, "alice", after(0.25)), {"mute_everyone": True})
    event = Event.objects.get()
    assert update_frame(event) == (
        '{"type":"update","version":1,"action":"mute_everyone",'
        f'"by":"{alias_of(room, "alice")}","at":"2026-11-22T12:00:00.250000Z",'
        '"room":{"mute_everyone":true}}'
    )
    assert list(updates_since(room.id, 0)) == [(1, update_frame(event))]
    assert list(updates_since(room.id, 1)) == []
    assert json.loads(update_frame(event)) == {"type": "update", **event_document(event)}


PEOPLE = ["alice", "bob", "carol", "erin", "frank"]


def step(draw: random.Random, room: Room, now: Any) -> None:
    """Perform a random act of the app, a host or a participant."""
    who, medium = draw.choice(PEOPLE), draw.choice(list(Medium))
    # Frank is seen in the channel only, as is a stranger.
    whom = draw.choice([alias_of(room, who), "a-stranger"])
    connected = ParticipantState.objects.filter(user_id=who, connection__isnull=False).exists()
    acts: list[Any] = [
        lambda: come_in(room, who, now=now) if who != "frank" else None,
        lambda: presence.disconnect(room.id, [connection_id(who)], now),
        lambda: seats.request(context(room, who, now), medium),
        lambda: seats.release(context(room, who, now), medium),
        lambda: actions.set_room(context(room, now=now), {"mute_everyone": draw.random() < 0.5}),
        lambda: actions.set_room(context(room, now=now), {"webcams_disabled": draw.random() < 0.5}),
        lambda: actions.set_participant(
            context(room, now=now), alias_of(room, who), {medium: draw.choice(list(Override))}
        ),
        lambda: Member.objects.appoint(room, who, draw.choice(list(Role))) if who != "alice" else None,
        lambda: room.change({"audio_limit": draw.randrange(1, 4)}),
        lambda: actions.kick(context(room, now=now), alias_of(room, who)) if connected else None,
        lambda: channel_presence.apply(
            said(room, whom, draw.choice(list(Became)), draw.randrange(10_000)), now
        ),
        lambda: refresh(room.id, now),
    ]
    with suppress(Refusal):
        draw.choice(acts)()


@pytest.mark.parametrize("seed", range(5))
def test_updates_lead_to_the_document_of_the_server(room: Room, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 (it draws a test)
    come_in(room, "alice")
    client = Document()
    client.load(presence.join(ticket_holder(room, "alice"), "hers", PROCESS, NOON))
    for number in range(200):
        step(draw, room, after(number))
        for _, frame in updates_since(room.id, client.version):
            client.apply(json.loads(frame))
        assert client.as_shown() == document(RoomState.objects.get())
    assert client.version > 50
