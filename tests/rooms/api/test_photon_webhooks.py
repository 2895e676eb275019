"""`/photon/webhooks/…/`: the room webhooks of Realtime and PUN."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from rooms.models import Room
from rooms.photon.realtime import HOOKS
from tests.cast import alias_of
from tests.rooms.photon.callers import DASHBOARD, PhotonServer, Told, realtime_call
from tests.rooms.photon.people import (
    ban,
    ban_for_now,
    ban_until_now,
    cookie_of,
    end,
    forget,
    photon_ticket,
    rotate,
    run_out,
)

pytestmark = pytest.mark.django_db(transaction=True)

ENTERING = ["before-join", "create", "join"]
INFORMING = ["leave", "close"]

ACCEPTED = {"ResultCode": 0, "Message": ""}
NOT_PHOTON = "This call does not prove that it comes from Photon."
NO_ROOM = "There is no room with this id."
ENDED = "This room has ended."
NO_COOKIE = "There is no AuthCookie: this client was not authenticated here."
BANNED = "You are banned from this room."


def check(told: Told, document: dict[str, Any]) -> None:
    assert (told.status, told.document) == (200, document)
    assert told.headers["Content-Type"] == "application/json"
    assert told.headers["Cache-Control"] == "no-store"


def refused(message: str) -> dict[str, Any]:
    return {"ResultCode": 1, "Message": message}


def call_of(hook: str, room: Room, user_id: str, **changes: Any) -> dict[str, Any]:
    """The request for a user admitted by custom authentication."""
    return realtime_call(hook, room.channel, alias_of(room, user_id), cookie_of(room, user_id), **changes)


def test_hooks_are_those_of_photon() -> None:
    assert [*ENTERING, *INFORMING] == list(HOOKS)


def test_call_about_a_person_of_the_room_is_accepted(photon: PhotonServer, room: Room) -> None:
    for hook in HOOKS:
        check(photon.webhook(hook, call_of(hook, room, "bob")), ACCEPTED)


def test_cookie_of_custom_authentication_is_accepted(photon: PhotonServer, room: Room) -> None:
    told = photon.authenticate({"token": photon_ticket(room, "bob"), **DASHBOARD}).document
    call = realtime_call("before-join", room.channel, told["UserId"], told["AuthCookie"])
    check(photon.webhook("before-join", call), ACCEPTED)


def test_field_of_the_name_may_have_either_spelling_or_be_missing(photon: PhotonServer, room: Room) -> None:
    for hook in HOOKS:
        call = call_of(hook, room, "bob")
        call.pop("NickName", None)
        check(photon.webhook(hook, call), ACCEPTED)
        check(photon.webhook(hook, {**call, "Nickname": "Bob"}), ACCEPTED)


def test_caller_without_the_secret_is_refused(photon: PhotonServer, room: Room) -> None:
    for hook in HOOKS:
        for secret in (None, "", "guess"):
            check(photon.webhook(hook, call_of(hook, room, "bob"), secret), refused(NOT_PHOTON))


def test_everybody_is_refused_while_there_is_no_secret(
    photon: PhotonServer, settings: Settings, room: Room
) -> None:
    settings.PHOTON_WEBHOOK_SECRET = ""
    for hook in HOOKS:
        for secret in (None, ""):
            check(photon.webhook(hook, call_of(hook, room, "bob"), secret), refused(NOT_PHOTON))


def test_wrong_secrets_are_counted_and_the_right_one_is_not(
    photon: PhotonServer, settings: Settings, room: Room
) -> None:
    settings.AUTH_FAILURE_RATE = (1, 86400)
    call = call_of("join", room, "bob")
    check(photon.webhook("join", call, "guess"), refused(NOT_PHOTON))
    check(photon.webhook("leave", call, "guess"), refused("At most 1 in 86400 s."))
    for _ in range(3):
        check(photon.webhook("join", call), ACCEPTED)


def test_room_of_another_name_is_refused(photon: PhotonServer, room: Room) -> None:
    other = Room.objects.create()
    cookie, alias = cookie_of(room, "bob"), alias_of(room, "bob")
    elsewhere = refused("You were admitted to another room.")
    for hook in ENTERING:
        check(photon.webhook(hook, realtime_call(hook, other.channel, alias, cookie)), elsewhere)
        for name in ("nothing", room.id, room.channel.swapcase(), f"{room.channel} ", "x" * 255):
            check(photon.webhook(hook, realtime_call(hook, name, alias, cookie)), refused(NO_ROOM))


def test_cookie_of_another_user_is_refused(photon: PhotonServer, room: Room) -> None:
    for hook in ENTERING:
        call = realtime_call(hook, room.channel, alias_of(room, "bob"), cookie_of(room, "alice"))
        check(photon.webhook(hook, call), refused("The cookie is another user's."))


def test_cookie_of_an_unknown_room_is_refused(photon: PhotonServer, room: Room) -> None:
    for hook in ENTERING:
        cookie = {**cookie_of(room, "bob"), "room": "nothing"}
        call = realtime_call(hook, room.channel, alias_of(room, "bob"), cookie)
        check(photon.webhook(hook, call), refused("You were admitted to another room."))


@pytest.mark.parametrize(
    ("happens", "message"),
    [
        (ban, BANNED),
        (ban_for_now, BANNED),
        (end, ENDED),
        (run_out, ENDED),
        (rotate, NO_ROOM),
        (forget, NO_ROOM),
    ],
)
def test_decision_follows_the_current_facts(
    photon: PhotonServer, room: Room, happens: Callable[[Room], None], message: str
) -> None:
    calls = {hook: call_of(hook, room, "bob") for hook in ENTERING}
    happens(Room.objects.get(pk=room.pk))
    for hook, call in calls.items():
        check(photon.webhook(hook, call), refused(message))
        without = {**call, "AuthCookie": None}
        told = photon.webhook(hook, without)
        check(told, refused(NO_COOKIE if hook == "before-join" else message))


def test_expired_and_other_users_bans_refuse_nobody(photon: PhotonServer, room: Room) -> None:
    ban_until_now(room)
    check(photon.webhook("before-join", call_of("before-join", room, "bob")), ACCEPTED)
    check(photon.webhook("before-join", call_of("before-join", room, "mallory")), refused(BANNED))


NOTHING: list[Any] = [None, {}, ""]


def test_only_before_join_needs_the_cookie(photon: PhotonServer, room: Room) -> None:
    for hook in ENTERING:
        call = realtime_call(hook, room.channel, alias_of(room, "bob"))
        check(photon.webhook(hook, call), refused(NO_COOKIE) if hook == "before-join" else ACCEPTED)
        for nothing in NOTHING:
            told = photon.webhook(hook, {**call, "AuthCookie": nothing})
            check(told, refused(NO_COOKIE) if hook == "before-join" else ACCEPTED)


def test_leaving_and_closing_are_accepted_in_any_state_of_the_room(photon: PhotonServer, room: Room) -> None:
    calls = {hook: call_of(hook, room, "mallory") for hook in INFORMING}
    for hook, call in calls.items():
        check(photon.webhook(hook, call), ACCEPTED)
        check(photon.webhook(hook, b"{"), ACCEPTED)
    room.delete()
    for hook, call in calls.items():
        check(photon.webhook(hook, call), ACCEPTED)


GAME, USER = (f"The field {field} must be 1 to 255 printable characters." for field in ("GameId", "UserId"))


WRONG_SHAPES: list[tuple[dict[str, Any], str]] = [
    ({"GameId": None}, GAME),
    ({"GameId": ""}, GAME),
    ({"GameId": 5}, GAME),
    ({"GameId": "x" * 256}, GAME),
    ({"GameId": "a\0b"}, GAME),
    ({"GameId": "\ud800"}, GAME),
    ({"UserId": None}, USER),
    ({"UserId": ["x"]}, USER),
    ({"UserId": "\udfff"}, USER),
    ({"AuthCookie": "x"}, "The field AuthCookie must be an object."),
    ({"AuthCookie": [1]}, "The field AuthCookie must be an object."),
    ({"AuthCookie": {"room": "x"}}, "The field role must be 1 to 255 printable characters."),
    (
        {"AuthCookie": {"room": "x", "role": "host", "alias": {}}},
        "The field alias must be 1 to 255 printable characters.",
    ),
    (
        {"AuthCookie": {"room": "a\0", "role": "host", "alias": "x"}},
        "The field room must be 1 to 255 printable characters.",
    ),
]


def test_wrong_shape_is_refused(photon: PhotonServer, room: Room) -> None:
    for hook in ENTERING:
        for changes, message in WRONG_SHAPES:
            check(photon.webhook(hook, call_of(hook, room, "bob", **changes)), refused(message))


def test_body_that_is_no_json_object_is_refused(photon: PhotonServer) -> None:
    for hook in ENTERING:
        for body in (b"", b"{", b"\xff", b"[" * 100_000, b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}"):
            check(photon.webhook(hook, body), refused("The body is not JSON."))
        for body in (b"[]", b"null", b'"x"', b"5"):
            check(photon.webhook(hook, body), refused("The body is not a JSON object."))
        check(photon.webhook(hook, b'{"a": 1, "a": 1}'), refused("A parameter is given twice."))
        check(photon.webhook(hook, b" " * 3_000_000), refused("The body is too long, or broken off."))


def test_other_methods_are_refused(photon: PhotonServer) -> None:
    for hook in HOOKS:
        for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS"):
            told = photon.call(method, f"/photon/webhooks/{hook}/")
            check(told, refused("The method is none of those that Photon uses here."))


def test_bug_refuses_and_is_logged(
    photon: PhotonServer, settings: Settings, room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    settings.PHOTON_WEBHOOK_SECRET = object()
    told = photon.webhook("before-join", call_of("before-join", room, "bob"))
    check(told, refused("This is our fault; it has been logged."))
    assert [record.getMessage() for record in caplog.records if record.exc_info] == ["photon call failed"]


def test_decision_is_one_line_without_a_name(
    photon: PhotonServer, room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    photon.webhook("before-join", call_of("before-join", room, "bob"))
    photon.webhook("join", realtime_call("join", room.channel, alias_of(room, "bob")))
    photon.webhook("before-join", call_of("before-join", room, "mallory"))
    photon.webhook("close", realtime_call("close", room.channel, ""))
    lines = [record for record in caplog.records if record.name == "rooms.api.photon"]
    assert [(line.levelname, line.fields) for line in lines] == [  # type: ignore[attr-defined]
        (
            "INFO",
            {"call": "/photon/webhooks/before-join/", "room": room.id, "alias": alias_of(room, "bob")},
        ),
        ("INFO", {"call": "/photon/webhooks/join/", "room": room.id}),
        (
            "WARNING",
            {
                "call": "/photon/webhooks/before-join/",
                "room": room.id,
                "alias": alias_of(room, "mallory"),
                "code": "banned",
            },
        ),
        ("INFO", {"call": "/photon/webhooks/close/"}),
    ]
    assert "Bob" not in str([vars(record) for record in lines])
