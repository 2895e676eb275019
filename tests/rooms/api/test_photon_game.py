"""`/photon/game/…`: the room webhooks of Fusion 2 and Quantum 3."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from pytest_django import Settings

from rooms.models import Room
from rooms.photon.fusion import HOOKS
from tests.cast import alias_of
from tests.rooms.photon.callers import DASHBOARD, PhotonServer, Told, fusion_call
from tests.rooms.photon.people import ban, cookie_of, end, photon_ticket, rotate, run_out

pytestmark = pytest.mark.django_db(transaction=True)

ENTERING = ["create", "join"]
INFORMING = ["leave", "close"]

NOT_PHOTON = "This call does not prove that it comes from Photon."
NO_ROOM = "There is no room with this id."
NO_COOKIE = "There is no AuthCookie: this client was not authenticated here."
ONE_ROOM = "GameId, as cloud:region:room, and RoomName must name one room."


def check_allowed(told: Told) -> None:
    assert (told.status, told.document) == (200, {})
    assert told.headers["Content-Type"] == "application/json"


def check_refused(told: Told, message: str) -> None:
    document = {"Status": 400, "Error": "PlayerNotAllowed", "Message": message}
    assert (told.status, told.document) == (400, document)
    assert told.headers["Content-Type"] == "application/json"
    assert told.headers["Cache-Control"] == "no-store"
    assert "Retry-After" not in told.headers


def call_of(hook: str, room: Room, user_id: str, **changes: Any) -> dict[str, Any]:
    """The request for a user admitted by custom authentication."""
    return fusion_call(hook, room.channel, alias_of(room, user_id), cookie_of(room, user_id), **changes)


def test_hooks_are_those_of_photon() -> None:
    assert [*ENTERING, *INFORMING] == list(HOOKS)


def test_call_about_a_person_of_the_room_is_allowed(photon: PhotonServer, room: Room) -> None:
    for hook in HOOKS:
        check_allowed(photon.game(hook, call_of(hook, room, "bob")))


def test_cookie_of_custom_authentication_is_accepted(photon: PhotonServer, room: Room) -> None:
    for hook in ENTERING:
        told = photon.authenticate({"token": photon_ticket(room, "bob"), **DASHBOARD}).document
        check_allowed(photon.game(hook, fusion_call(hook, room.channel, told["UserId"], told["AuthCookie"])))


def test_caller_without_the_secret_is_refused(photon: PhotonServer, room: Room) -> None:
    for hook in HOOKS:
        for secret in (None, "", "guess"):
            check_refused(photon.game(hook, call_of(hook, room, "bob"), secret), NOT_PHOTON)


def test_everybody_is_refused_while_there_is_no_secret(
    photon: PhotonServer, settings: Settings, room: Room
) -> None:
    settings.PHOTON_WEBHOOK_SECRET = ""
    for hook in HOOKS:
        for secret in (None, ""):
            check_refused(photon.game(hook, call_of(hook, room, "bob"), secret), NOT_PHOTON)


def test_wrong_secrets_are_counted_and_the_right_one_is_not(
    photon: PhotonServer, settings: Settings, room: Room
) -> None:
    settings.AUTH_FAILURE_RATE = (1, 86400)
    call = call_of("join", room, "bob")
    check_refused(photon.game("join", call, "guess"), NOT_PHOTON)
    check_refused(photon.game("leave", call, "guess"), "At most 1 in 86400 s.")
    for _ in range(3):
        check_allowed(photon.game("join", call))


def test_room_of_another_name_is_refused(photon: PhotonServer, room: Room) -> None:
    cookie, alias = cookie_of(room, "bob"), alias_of(room, "bob")
    other = Room.objects.create().channel
    elsewhere = "You were admitted to another room."
    for hook in ENTERING:
        check_refused(photon.game(hook, fusion_call(hook, other, alias, cookie)), elsewhere)
        for name in ("nothing", room.id, f"{room.channel}:", f":{room.channel}"):
            check_refused(photon.game(hook, fusion_call(hook, name, alias, cookie)), NO_ROOM)


# GameId, RoomName (None if missing), and the refusal if any; {0} is the room's channel.
NAMES: list[tuple[str, str | None, str | None]] = [
    ("1:eu:{0}", "{0}", None),
    ("{0}", "{0}", None),
    ("1:eu:{0}", None, None),
    ("1:eu:{0}", "other", ONE_ROOM),
    ("1:eu:other", "{0}", ONE_ROOM),
    ("{0}", None, ONE_ROOM),
    ("eu:{0}", None, ONE_ROOM),
    ("1:eu:", None, NO_ROOM),
]


def test_room_is_named_by_either_field_and_by_both_alike(photon: PhotonServer, room: Room) -> None:
    for game, room_name, message in NAMES:
        call = call_of("join", room, "bob", GameId=game.format(room.channel))
        if room_name is not None:
            call["RoomName"] = room_name.format(room.channel)
        told = photon.game("create", call)
        check_allowed(told) if message is None else check_refused(told, message)


def test_cookie_of_another_user_is_refused(photon: PhotonServer, room: Room) -> None:
    for hook in ENTERING:
        call = fusion_call(hook, room.channel, alias_of(room, "bob"), cookie_of(room, "alice"))
        check_refused(photon.game(hook, call), "The cookie is another user's.")


NOTHING: list[Any] = [None, {}, ""]


def test_client_without_a_cookie_is_refused(photon: PhotonServer, room: Room) -> None:
    for hook in ENTERING:
        call = fusion_call(hook, room.channel, alias_of(room, "bob"))
        check_refused(photon.game(hook, call), NO_COOKIE)
        for nothing in NOTHING:
            check_refused(photon.game(hook, {**call, "AuthCookie": nothing}), NO_COOKIE)


@pytest.mark.parametrize(
    ("happens", "message"),
    [
        (ban, "You are banned from this room."),
        (end, "This room has ended."),
        (run_out, "This room has ended."),
        (rotate, NO_ROOM),
    ],
)
def test_decision_follows_the_current_facts(
    photon: PhotonServer, room: Room, happens: Callable[[Room], None], message: str
) -> None:
    calls = {hook: call_of(hook, room, "bob") for hook in ENTERING}
    happens(Room.objects.get(pk=room.pk))
    for hook, call in calls.items():
        check_refused(photon.game(hook, call), message)


def test_leaving_and_closing_are_allowed_in_any_state_of_the_room(photon: PhotonServer, room: Room) -> None:
    calls = {hook: call_of(hook, room, "mallory") for hook in INFORMING}
    for hook, call in calls.items():
        check_allowed(photon.game(hook, call))
        check_allowed(photon.game(hook, b"{"))
    room.delete()
    for hook, call in calls.items():
        check_allowed(photon.game(hook, call))


NO_NAMES: list[Any] = [None, "", 5, [], {"x": 1}, "a\0b", "\ud800", "x" * 256]


def test_wrong_shape_is_refused(photon: PhotonServer, room: Room) -> None:
    for hook, field in product(ENTERING, ["GameId", "UserId"]):
        for value in NO_NAMES:
            told = photon.game(hook, call_of(hook, room, "bob", **{field: value}))
            check_refused(told, f"The field {field} must be 1 to 255 printable characters.")


def test_body_that_is_no_json_object_is_refused(photon: PhotonServer) -> None:
    for hook in ENTERING:
        for body in (b"", b"{", b"\xff", b"[" * 100_000):
            check_refused(photon.game(hook, body), "The body is not JSON.")
        check_refused(photon.game(hook, b"[]"), "The body is not a JSON object.")
        check_refused(photon.game(hook, b" " * 3_000_000), "The body is too long, or broken off.")


def test_other_methods_are_refused(photon: PhotonServer) -> None:
    for hook in HOOKS:
        for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS"):
            told = photon.call(method, f"/photon/game/{hook}")
            check_refused(told, "The method is none of those that Photon uses here.")


def test_bug_refuses_and_is_logged(
    photon: PhotonServer, settings: Settings, room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    settings.PHOTON_WEBHOOK_SECRET = object()
    told = photon.game("join", call_of("join", room, "bob"))
    check_refused(told, "This is our fault; it has been logged.")
    assert [record.getMessage() for record in caplog.records if record.exc_info] == ["photon call failed"]
