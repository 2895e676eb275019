"""The update of every action, frame by frame."""

from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from asgiref.sync import sync_to_async
from django.db.models import F
from django.utils import timezone

from moderation import channel_presence
from moderation.models import Action, ParticipantState
from rooms.models import Room
from tests.api import Api
from tests.cast import alias_of
from tests.moderation.agora import entered, left
from tests.moderation.live.people import enter, timeless
from tests.moderation.live.sockets import Socket
from tests.running_room import participant

pytestmark = pytest.mark.django_db(transaction=True)

Fields = dict[str, Any]


class Told(NamedTuple):
    """A command, its sender, the commands before it, and its update (of bob, if of a participant)."""

    by: str
    command: tuple[str, Fields]
    room: Fields | None = None
    bob: Fields | None = None
    before: tuple[tuple[str, str, Fields], ...] = ()


MUTED = {"audio": "deny", "may_publish_audio": False}
HIDDEN = {"video": "deny", "may_publish_video": False}


def _flags(**flags: bool) -> tuple[str, Fields]:
    return "room.set", flags


def _bob(**overrides: str) -> tuple[str, Fields]:
    return "participant.set", {"alias": "bob", **overrides}


def _seat(verb: str, media: str) -> tuple[str, Fields]:
    return f"seat.{verb}", {"media": media}


BY_COMMAND: dict[Action, Told] = {
    Action.MUTE_EVERYONE: Told("alice", _flags(mute_everyone=True), room={"mute_everyone": True}),
    Action.UNMUTE_EVERYONE: Told(
        "alice",
        _flags(mute_everyone=False),
        room={"mute_everyone": False},
        before=(("alice", *_flags(mute_everyone=True)),),
    ),
    Action.DISABLE_WEBCAMS: Told("alice", _flags(webcams_disabled=True), room={"webcams_disabled": True}),
    Action.ENABLE_WEBCAMS: Told(
        "alice",
        _flags(webcams_disabled=False),
        room={"webcams_disabled": False},
        before=(("alice", *_flags(webcams_disabled=True)),),
    ),
    Action.MUTE_AUDIO: Told(
        "alice", _bob(audio="deny"), bob=MUTED, before=(("bob", *_seat("request", "audio")),)
    ),
    Action.ALLOW_AUDIO: Told("alice", _bob(audio="allow"), bob={"audio": "allow"}),
    Action.RESET_AUDIO: Told(
        "alice", _bob(audio="inherit"), bob={}, before=(("alice", *_bob(audio="deny")),)
    ),
    Action.MUTE_VIDEO: Told(
        "alice", _bob(video="deny"), bob=HIDDEN, before=(("bob", *_seat("request", "video")),)
    ),
    Action.ALLOW_VIDEO: Told("alice", _bob(video="allow"), bob={"video": "allow"}),
    Action.RESET_VIDEO: Told(
        "alice", _bob(video="inherit"), bob={}, before=(("alice", *_bob(video="deny")),)
    ),
    Action.TAKE_AUDIO_SEAT: Told("bob", _seat("request", "audio"), bob={"audio_seat": True}),
    Action.RELEASE_AUDIO_SEAT: Told(
        "bob", _seat("release", "audio"), bob={}, before=(("bob", *_seat("request", "audio")),)
    ),
    Action.TAKE_VIDEO_SEAT: Told("bob", _seat("request", "video"), bob={"video_seat": True}),
    Action.RELEASE_VIDEO_SEAT: Told(
        "bob", _seat("release", "video"), bob={}, before=(("bob", *_seat("request", "video")),)
    ),
    Action.KICK: Told("alice", ("participant.kick", {"alias": "bob"})),
    Action.BAN: Told("alice", ("participant.kick", {"alias": "bob", "ban": True, "seconds": 60})),
    Action.END: Told("alice", ("room.end", {}), room={}),
}


def change_of(told: Told, room: Room) -> Fields:
    if told.room is not None:
        return {"room": told.room}
    if told.bob is not None:
        return {"participant": participant(room, "bob", **told.bob)}
    return {"left": alias_of(room, "bob"), "enforcement": "advisory"}


async def carry_out(socket: Socket, room: Room, type_: str, fields: Fields) -> None:
    fields = {**fields, "alias": alias_of(room, fields["alias"])} if "alias" in fields else fields
    assert (await socket.command(type_, **fields))["type"] == "reply"


@pytest.mark.parametrize("action", BY_COMMAND)
async def test_update_of_a_command_is_sent_to_all(room: Room, action: Action) -> None:
    told = BY_COMMAND[action]
    carol = await enter(room, "carol")
    sockets = {name: await enter(room, name) for name in ("alice", "bob")}
    for name, type_, fields in told.before:
        await carry_out(sockets[name], room, type_, fields)
    await carry_out(sockets[told.by], room, *told.command)
    expected = {
        "type": "update",
        "version": 4 + len(told.before),
        "action": action.value,
        "by": alias_of(room, told.by),
        **change_of(told, room),
    }
    assert timeless(await carol.update(action.value)) == expected
    assert timeless(await sockets[told.by].update(action.value)) == expected


# The app's request, and its update: of bob, or of the room.
BY_THE_APP: dict[Action, tuple[str, str, Fields | None, Fields]] = {
    Action.PROMOTE: ("PUT", "members/bob/", {"role": "host"}, {"participant": {"role": "host"}}),
    Action.DEMOTE: (
        "PUT",
        "members/bob/",
        {"role": "subscriber"},
        {"participant": {"role": "subscriber", "may_publish_audio": False, "may_publish_video": False}},
    ),
    Action.BAN: ("PUT", "members/bob/", {"role": "banned"}, {"left": {}}),
    Action.CHANGE_LIMITS: ("PATCH", "", {"audio_limit": 3}, {"room": {"audio_limit": 3}}),
    Action.ROTATE_CHANNEL: ("POST", "rotate-channel/", None, {"room": {}}),
    Action.MUTE_EVERYONE: (
        "PATCH",
        "moderation/",
        {"mute_everyone": True},
        {"room": {"mute_everyone": True}},
    ),
    Action.END: ("POST", "end/", None, {"room": {}}),
}


@pytest.mark.parametrize("action", BY_THE_APP)
async def test_update_of_a_request_by_the_app_is_sent_to_all(
    room: Room, backend: Api, action: Action
) -> None:
    method, path, body, change = BY_THE_APP[action]
    carol = await enter(room, "carol")
    await enter(room, "bob")
    response = await sync_to_async(backend)(method, f"rooms/{room.id}/{path}", body)
    assert response.status_code == 200
    if "participant" in change:
        change = {"participant": participant(room, "bob", **change["participant"])}
    if "left" in change:
        change = {"left": alias_of(room, "bob"), "enforcement": "advisory"}
    assert timeless(await carol.update(action.value)) == {
        "type": "update",
        "version": 3,
        "action": action.value,
        "by": None,
        **change,
    }


async def test_promotion_and_demotion_hold_for_the_next_command(room: Room, backend: Api) -> None:
    bob = await enter(room, "bob")
    for role, answer in (("host", "reply"), ("publisher", "error")):
        await sync_to_async(backend)("PUT", f"rooms/{room.id}/members/bob/", {"role": role})
        assert (await bob.command("room.set", mute_everyone=True))["type"] == answer


async def test_demoted_to_subscriber_loses_the_seats(room: Room, backend: Api) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await bob.command("seat.request", media="audio")
    await bob.command("seat.request", media="video")
    await sync_to_async(backend)("PUT", f"rooms/{room.id}/members/bob/", {"role": "subscriber"})
    assert (await alice.update("demote"))["participant"] == participant(
        room, "bob", role="subscriber", may_publish_audio=False, may_publish_video=False
    )


async def test_participant_leaves_when_the_lease_expires(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await bob.disconnect()
    await alice.update("disconnect")
    await ParticipantState.objects.filter(user_id="bob").aupdate(gone_at=F("gone_at") - timedelta(seconds=31))
    assert timeless(await alice.update()) == {
        "type": "update",
        "version": 4,
        "action": "leave",
        "by": None,
        "left": alias_of(room, "bob"),
    }


async def test_update_of_an_agora_notification_is_sent_to_all(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    for version, notice in enumerate((entered, left), 3):
        said = await sync_to_async(notice)(room, alias_of(room, "bob"), version)
        await sync_to_async(channel_presence.apply)(said, timezone.now())
        action = f"{'enter' if notice is entered else 'leave'}_channel"
        expected = {
            "type": "update",
            "version": version,
            "action": action,
            "by": None,
            "participant": participant(room, "bob", in_channel=notice is entered),
        }
        assert timeless(await alice.update(action)) == expected
        assert timeless(await bob.update(action)) == expected


def test_every_action_is_tested_here() -> None:
    coming_and_going = {Action.JOIN, Action.DISCONNECT, Action.LEAVE}
    by_agora = {Action.ENTER_CHANNEL, Action.LEAVE_CHANNEL}
    assert {*BY_COMMAND, *BY_THE_APP, *coming_and_going, *by_agora} == set(Action)
