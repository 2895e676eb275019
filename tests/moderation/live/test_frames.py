"""Frames a client may send: any other is refused as `invalid`, names the field, and changes nothing."""

import json
from itertools import count
from typing import Any

import pytest

from moderation.live import rate_limit
from moderation.live.frames import MAX_FRAME
from rooms.models import Room
from tests.cast import alias_of
from tests.moderation.live.people import enter

pytestmark = pytest.mark.django_db(transaction=True)

NOT_AN_OBJECT = "Each frame must be one JSON object."
TOO_LONG = "Send text frames of at most 4096 characters."
ALL_TYPES = (
    "This must be one of seat.request, seat.release, room.set, participant.set, participant.kick, room.end, "
    "sync, ping."
)

UNREADABLE: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", NOT_AN_OBJECT),
    "not json": ("{'type': 'ping'}", NOT_AN_OBJECT),
    "cut short": ('{"type": "ping"', NOT_AN_OBJECT),
    "two": ('{"type": "ping"}{"type": "ping"}', NOT_AN_OBJECT),
    "array": ('[{"type": "ping"}]', NOT_AN_OBJECT),
    "string": ('"ping"', NOT_AN_OBJECT),
    "null": ("null", NOT_AN_OBJECT),
    "nan": ("NaN", NOT_AN_OBJECT),
    "deep": ("[" * 4000, NOT_AN_OBJECT),
    "deep object": ('{"a":' * 800, NOT_AN_OBJECT),
    "long number": ("1" * 4096, NOT_AN_OBJECT),
    "byte order mark": ('\ufeff{"type": "ping"}', NOT_AN_OBJECT),
    "one too long": ('{"type": "ping"}'.ljust(MAX_FRAME + 1), TOO_LONG),
    "huge": ("x" * 10**6, TOO_LONG),
    "binary": (b'{"type": "ping"}', TOO_LONG),
    "no bytes": (b"", TOO_LONG),
}


@pytest.mark.parametrize(("frame", "detail"), UNREADABLE.values(), ids=UNREADABLE)
async def test_unreadable_frame_is_refused_and_the_socket_stays_open(
    room: Room, frame: str | bytes, detail: str
) -> None:
    alice = await enter(room, "alice")
    assert await alice.answer(frame) == {"type": "error", "id": None, "code": "invalid", "detail": detail}
    assert await alice.command("ping") == {"type": "reply", "version": 1}


@pytest.mark.parametrize("frame", ['{"type": %s}', '{"type": "seat.request", "media": %s}'])
async def test_deep_nesting_is_refused(room: Room, monkeypatch: pytest.MonkeyPatch, frame: str) -> None:
    """Parsing it may fail, or validating it."""
    clock = count(step=3600)
    monkeypatch.setattr(rate_limit, "monotonic", lambda: next(clock))
    alice = await enter(room, "alice")
    for depth in range(900, 1000):
        answer = await alice.answer(frame % ("[" * depth + "]" * depth))
        assert (answer["type"], answer["code"]) == ("error", "invalid")


async def test_longest_frame_is_read(room: Room) -> None:
    alice = await enter(room, "alice")
    frame = '{"type": "ping"}'.ljust(MAX_FRAME)
    assert await alice.answer(frame) == {"type": "reply", "id": None, "version": 1}


FLAGS = "Give mute_everyone or webcams_disabled."
MEDIA = "Give audio or video."

# The frame, and the errors of its fields.
INVALID: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({}, [("#/type", "unknown")]),
    ({"type": None}, [("#/type", "unknown")]),
    ({"type": "PING"}, [("#/type", "unknown")]),
    ({"type": ["ping"]}, [("#/type", "unknown")]),
    ({"type": "snapshot"}, [("#/type", "unknown")]),
    ({"type": "\ud800"}, [("#/type", "unknown")]),
    ({"type": "ping", "id": True}, [("#/id", "wrong_type")]),
    ({"type": "ping", "id": 1.5}, [("#/id", "wrong_type")]),
    ({"type": "ping", "id": []}, [("#/id", "wrong_type")]),
    ({"type": "ping", "id": {}}, [("#/id", "wrong_type")]),
    ({"type": "ping", "x": 1}, [("#/x", "unknown")]),
    ({"type": "ping", "a/b~c": 1, "\ud800": 1}, [("#/a~1b~0c", "unknown"), ("#/\ud800", "unknown")]),
    ({"type": "room.end", "reason": "late"}, [("#/reason", "unknown")]),
    ({"type": "sync"}, [("#/since", "required")]),
    ({"type": "sync", "since": None}, [("#/since", "null")]),
    ({"type": "sync", "since": "1"}, [("#/since", "wrong_type")]),
    ({"type": "sync", "since": 1.0}, [("#/since", "wrong_type")]),
    ({"type": "sync", "since": True}, [("#/since", "wrong_type")]),
    ({"type": "sync", "since": float("nan")}, [("#/since", "wrong_type")]),
    ({"type": "sync", "since": float("inf")}, [("#/since", "wrong_type")]),
    ({"type": "sync", "since": -1}, [("#/since", "min_value")]),
    ({"type": "seat.request"}, [("#/media", "required")]),
    ({"type": "seat.request", "media": "screen"}, [("#/media", "invalid_choice")]),
    ({"type": "seat.request", "media": []}, [("#/media", "invalid_choice")]),
    ({"type": "seat.release", "media": None}, [("#/media", "null")]),
    ({"type": "seat.release", "media": {"a": 1}}, [("#/media", "invalid_choice")]),
    ({"type": "room.set"}, [("#", "required")]),
    ({"type": "room.set", "expected_version": 1}, [("#", "required")]),
    ({"type": "room.set", "mute_everyone": None}, [("#/mute_everyone", "null")]),
    ({"type": "room.set", "mute_everyone": "true"}, [("#/mute_everyone", "wrong_type")]),
    ({"type": "room.set", "webcams_disabled": 1}, [("#/webcams_disabled", "wrong_type")]),
    ({"type": "room.set", "audio_limit": 1}, [("#/audio_limit", "unknown")]),
    (
        {"type": "room.set", "mute_everyone": True, "expected_version": -1},
        [("#/expected_version", "min_value")],
    ),
    ({"type": "participant.set", "audio": "deny"}, [("#/alias", "required")]),
    ({"type": "participant.set", "alias": "a"}, [("#", "required")]),
    ({"type": "participant.set", "alias": "a", "audio": "mute"}, [("#/audio", "invalid_choice")]),
    ({"type": "participant.set", "alias": 5, "audio": "deny"}, [("#/alias", "wrong_type")]),
    ({"type": "participant.set", "alias": "", "audio": "deny"}, [("#/alias", "blank")]),
    ({"type": "participant.set", "alias": "a" * 21, "audio": "deny"}, [("#/alias", "max_length")]),
    (
        {"type": "participant.set", "alias": "a\ud800", "audio": "deny"},
        [("#/alias", "surrogate_characters_not_allowed")],
    ),
    (
        {"type": "participant.set", "alias": "a\0", "video": "deny"},
        [("#/alias", "null_characters_not_allowed")],
    ),
    ({"type": "participant.kick"}, [("#/alias", "required")]),
    ({"type": "participant.kick", "alias": "a", "ban": "yes"}, [("#/ban", "wrong_type")]),
    ({"type": "participant.kick", "alias": "a", "seconds": 60}, [("#/seconds", "not_a_ban")]),
    ({"type": "participant.kick", "alias": "a", "ban": True, "seconds": 0}, [("#/seconds", "min_value")]),
    ({"type": "participant.kick", "alias": "a", "ban": True, "seconds": 10**9}, [("#/seconds", "max_value")]),
    ({"type": "participant.kick", "alias": "a", "user_id": "bob"}, [("#/user_id", "unknown")]),
]


@pytest.mark.parametrize(("frame", "wrong"), INVALID, ids=lambda value: ascii(value)[:60])
async def test_invalid_command_names_the_invalid_fields(
    room: Room, frame: dict[str, Any], wrong: list[tuple[str, str]]
) -> None:
    alice = await enter(room, "alice")
    id_ = frame.get("id", "x")
    answer = await alice.answer({"id": "x", **frame})
    errors = answer.pop("errors")
    assert [(error["pointer"], error["code"]) for error in errors] == wrong
    detail = answer.pop("detail")
    assert detail
    assert answer == {"type": "error", "id": id_ if isinstance(id_, str) else None, "code": "invalid"}
    assert await alice.command("ping") == {"type": "reply", "version": 1}


async def test_error_of_an_unknown_type_lists_the_known_ones(room: Room) -> None:
    alice = await enter(room, "alice")
    assert await alice.answer({"type": "seat", "id": 7}) == {
        "type": "error",
        "id": 7,
        "code": "invalid",
        "detail": ALL_TYPES,
        "errors": [{"pointer": "#/type", "code": "unknown", "detail": ALL_TYPES}],
    }


@pytest.mark.parametrize("id_", [0, -1, 10**30, "", "a" * 1000, "\ud800", "\0", None])
async def test_answer_has_the_id_of_its_command(room: Room, id_: str | int | None) -> None:
    alice = await enter(room, "alice")
    assert await alice.answer({"type": "ping", "id": id_}) == {"type": "reply", "id": id_, "version": 1}


async def test_command_without_an_id_is_answered(room: Room) -> None:
    alice = await enter(room, "alice")
    assert await alice.answer({"type": "ping"}) == {"type": "reply", "id": None, "version": 1}


@pytest.mark.parametrize("type_", ["participant.set", "participant.kick"])
async def test_alias_of_another_room_is_unknown(room: Room, type_: str) -> None:
    alice = await enter(room, "alice")
    other = await Room.objects.acreate(default_role="publisher")
    bob = await enter(other, "bob")
    fields = {"audio": "deny"} if type_ == "participant.set" else {}
    for alias in (alias_of(other, "bob"), alias_of(room, "bob"), "nobody"):
        assert await alice.command(type_, alias=alias, **fields) == {
            "type": "error",
            "code": "participant_not_found",
            "detail": "Nobody in this room has this alias.",
        }
    assert await bob.is_quiet()
    assert await alice.command("ping") == {"type": "reply", "version": 1}


async def test_bad_frames_do_not_reach_other_sockets(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    await alice.update("join")
    await bob.answer(json.dumps([]))
    assert await alice.is_quiet()
