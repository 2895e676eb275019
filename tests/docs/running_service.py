"""What the examples run against: a room with participants, its live socket, and the app's endpoint."""

from io import StringIO

import pytest
from asgiref.sync import async_to_sync
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings
from rest_framework_api_key.models import APIKey

from moderation import actions
from moderation.live import hub
from rooms.models import Room
from tests.api import Api
from tests.cast import alias_of, identity_token, ticket_of
from tests.docs.shell import HOST
from tests.moderation.live.people import enter
from tests.moderation.live.sockets import Frame, close_all
from tests.moderation.webhooks.app_backend import SECRET, AppBackend, Call
from tests.running_room import come_in, context
from tests.serving import serving
from tests.threads import closed_connections


def variables_of(room: Room) -> dict[str, str]:
    """Return the variables of the examples. Bob has the token and the ticket, carol is in the room."""
    come_in(room, "carol", now=timezone.now())
    host_ticket = ticket_of(room.id, "alice")
    invite = Api(f"Ticket {host_ticket}").post(f"rooms/{room.id}/invites/", {}).json()
    return {
        "HOST": HOST,
        "KEY": APIKey.objects.create_key(name="docs")[1],
        "ROOM": room.id,
        "JWT": identity_token("bob", name="Bob"),
        "TICKET": ticket_of(room.id, "bob"),
        "HOST_TICKET": host_ticket,
        "ALIAS": alias_of(room, "carol"),
        "CODE": invite["code"],
    }


def live_frames(room: Room, monkeypatch: pytest.MonkeyPatch) -> list[Frame]:
    """Return what the server sends in a short session, each kind of frame at least once."""
    monkeypatch.setattr(hub, "HEARTBEAT_INTERVAL", 0.1)
    room.change({"audio_limit": 1})
    return async_to_sync(_session)(room)


async def _session(room: Room) -> list[Frame]:
    try:
        host, bob = await enter(room, "alice"), await enter(room, "bob")
        frames = [
            host.snapshot,
            await host.answer({"type": "seat.request", "id": 1, "media": "audio"}),
            await bob.answer({"type": "seat.request", "id": 2, "media": "audio"}),
            await host.answer({"type": "room.set", "mute_everyone": True}),
            await host.answer({"type": "participant.kick", "alias": alias_of(room, "bob")}),
        ]
        while {"heartbeat", "kick"} - {frame.get("action", frame["type"]) for frame in frames}:
            frames.append(await host.receive())
        return frames
    finally:
        await close_all()


def delivered_notice(room: Room, settings: Settings) -> Call:
    """Kick carol, who is in the room, and return what the app's endpoint receives."""
    with serving(AppBackend()) as backend, closed_connections():
        settings.WEBHOOK_URL, settings.WEBHOOK_SECRET = backend.url, SECRET
        actions.kick(context(room, now=timezone.now()), alias_of(room, "carol"))
        call_command("deliver_webhooks", "--once", stdout=StringIO())
        return backend.taken[-1]
