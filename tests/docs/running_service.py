"""What the examples run against: a room with participants, its live socket, and the app's endpoint."""

import time
from io import StringIO
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings
from rest_framework_api_key.models import APIKey

from moderation import actions, presence
from moderation.act_context import ActContext
from moderation.live import hub
from moderation.models import LiveProcess
from rooms import hs256, tickets
from rooms.models import Room
from tests.docs.shell import HOST, curl
from tests.moderation.live.sockets import Frame, Socket, close_all
from tests.moderation.webhooks.app_backend import SECRET, AppBackend, Call
from tests.serving import serving


def variables_of(room: Room) -> dict[str, str]:
    """Return the variables of the examples. Bob has the token and the ticket, carol is in the room."""
    alice, bob, carol = (credentials(room, user_id) for user_id in ("alice", "bob", "carol"))
    LiveProcess.objects.renew("process", timezone.now())
    presence.join(tickets.read(carol["live"]["ticket"]), "socket", "process", timezone.now())
    host_ticket = alice["live"]["ticket"]
    return {
        "HOST": HOST,
        "KEY": APIKey.objects.create_key(name="docs")[1],
        "ROOM": room.pk,
        "JWT": identity_token("bob"),
        "TICKET": bob["live"]["ticket"],
        "HOST_TICKET": host_ticket,
        "ALIAS": carol["user"]["alias"],
        "CODE": _post(room, "invites/", f"Ticket {host_ticket}")["code"],
    }


def identity_token(user_id: str) -> str:
    claims = {"sub": user_id, "name": user_id.title(), "aud": "tokensvc", "exp": int(time.time()) + 600}
    return hs256.sign(claims, settings.IDENTITY_JWT_SECRET)


def credentials(room: Room, user_id: str) -> Any:
    return _post(room, "tokens/", f"Bearer {identity_token(user_id)}")


def _post(room: Room, path: str, authorization: str) -> Any:
    address = f"{HOST}/api/v1/rooms/{room.pk}/{path}"
    as_json = ["-H", "Content-Type: application/json", "-d", "{}"]
    return curl(["-H", f"Authorization: {authorization}", *as_json, address]).json()


def live_frames(room: Room, monkeypatch: pytest.MonkeyPatch) -> list[Frame]:
    """Return what the server sends in a short session, each kind of frame at least once."""
    monkeypatch.setattr(hub, "HEARTBEAT_INTERVAL", 0.1)
    opened = {user: credentials(room, user)["live"] for user in ("alice", "bob")}
    room.change({"audio_limit": 1})
    return async_to_sync(_session)(room.pk, opened["alice"]["ticket"], opened["bob"]["ticket"])


async def _session(room_id: str, host_ticket: str, ticket: str) -> list[Frame]:
    try:
        host, bob = await _enter(room_id, host_ticket), await _enter(room_id, ticket)
        frames = [
            host.snapshot,
            await host.answer({"type": "seat.request", "id": 1, "media": "audio"}),
            await bob.answer({"type": "seat.request", "id": 2, "media": "audio"}),
            await host.answer({"type": "room.set", "mute_everyone": True}),
            await host.answer({"type": "participant.kick", "alias": bob.snapshot["you"]["alias"]}),
        ]
        while {"heartbeat", "kick"} - {frame.get("action", frame["type"]) for frame in frames}:
            frames.append(await host.receive())
        return frames
    finally:
        await close_all()


async def _enter(room_id: str, ticket: str) -> Socket:
    return await Socket(f"/ws/rooms/{room_id}/", ["tokensvc.v1", f"ticket.{ticket}"]).join()


def delivered_notice(room: Room, settings: Settings) -> Call:
    """Kick a participant and return what the app's endpoint receives of it."""
    backend = AppBackend()
    with serving(backend):
        settings.WEBHOOK_URL, settings.WEBHOOK_SECRET = backend.url, SECRET
        host = tickets.read(credentials(room, "alice")["live"]["ticket"])
        alias = credentials(room, "carol")["user"]["alias"]
        actions.kick(ActContext(room.pk, host, timezone.now()), alias)
        call_command("deliver_webhooks", "--once", stdout=StringIO())
    return backend.taken[-1]
