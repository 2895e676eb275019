"""`/photon/auth/`: decisions and answers for every request format."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from rooms.models import Room
from tests.api import Api
from tests.cast import alias_of, ticket_of
from tests.rooms.photon.callers import DASHBOARD, FORM, FORMS, JSON, KEY, PhotonServer, Told
from tests.rooms.photon.people import (
    ban,
    ban_for_now,
    ban_until_now,
    demote,
    end,
    forget,
    nothing,
    photon_ticket,
    rotate,
    run_out,
)

AsUser = Callable[..., Api]

over_http = pytest.mark.django_db(transaction=True)

NOT_PHOTON = "This call does not prove that it comes from Photon."
NOT_OURS = "The ticket is not one of ours."


def admitted(room: Room, user_id: str, role: str, name: str = "Bob") -> dict[str, Any]:
    alias = alias_of(room, user_id)
    cookie = {"room": room.id, "role": role, "alias": alias}
    return {"ResultCode": 1, "UserId": alias, "Nickname": name, "AuthCookie": cookie}


def refused(message: str) -> dict[str, Any]:
    return {"ResultCode": 2, "Message": message}


def bad(message: str) -> dict[str, Any]:
    return {"ResultCode": 3, "Message": message}


def check(told: Told, document: dict[str, Any]) -> None:
    assert (told.status, told.document) == (200, document)
    assert told.headers["Content-Type"] == "application/json"
    assert told.headers["Cache-Control"] == "no-store"
    assert len(told.body) < 1000


def ask(query: str = "", body: bytes = b"", method: str = "POST", content_type: str = JSON) -> Told:
    """Call the view directly, without HTTP."""
    answer = Client().generic(method, f"/photon/auth/?{query}", body, content_type=content_type)
    return Told(answer.status_code, answer.headers, answer.content)


@over_http
def test_person_is_admitted_in_every_form(photon: PhotonServer, as_user: AsUser, room: Room) -> None:
    issued = as_user("bob", name="Bob").post(f"rooms/{room.id}/tokens/").json()["photon"]
    for form in FORMS.values():
        told = photon.authenticate({**issued["auth_parameters"], **DASHBOARD}, form)
        check(told, admitted(room, "bob", "publisher"))
        assert told.document["UserId"] == issued["user_id"]


@over_http
def test_wrong_key_and_no_key_are_refused_in_every_form(
    photon: PhotonServer, settings: Settings, room: Room
) -> None:
    settings.AUTH_FAILURE_RATE = (1000, 86400)
    token = photon_ticket(room, "bob")
    for form in FORMS.values():
        for key in ({}, {"key": f"{KEY}x"}, {"key": ""}):
            check(photon.authenticate({"token": token, **key}, form), refused(NOT_PHOTON))


@over_http
def test_missing_token_is_a_bad_parameter_in_every_form(photon: PhotonServer) -> None:
    for form in FORMS.values():
        for token in ({}, {"token": ""}):
            told = photon.authenticate({**DASHBOARD, **token}, form)
            check(told, bad("The parameter token is missing."))


@pytest.mark.django_db
@pytest.mark.usefixtures("dashboard")
@pytest.mark.parametrize("content_type", [JSON, FORM])
def test_query_wins_over_the_body(room: Room, content_type: str) -> None:
    good, other = photon_ticket(room, "bob"), photon_ticket(room, "alice", name="Alice")

    def body(**fields: str) -> bytes:
        if content_type == JSON:
            return json.dumps(fields).encode()
        return "&".join(f"{name}={value}" for name, value in fields.items()).encode()

    mixed = {"content_type": content_type}
    check(ask(f"key={KEY}", body(token=good, key="guess"), **mixed), admitted(room, "bob", "publisher"))
    check(ask("key=guess", body(token=good, key=KEY), **mixed), refused(NOT_PHOTON))
    check(ask(f"key={KEY}&token={good}", body(token=other), **mixed), admitted(room, "bob", "publisher"))
    check(ask("key=", body(token=good, key=KEY), **mixed), refused(NOT_PHOTON))


UNREADABLE = "The body cannot be read."
NOT_JSON = "The body is not JSON."
TWICE = "A parameter is given twice."


@pytest.mark.django_db
@pytest.mark.usefixtures("dashboard")
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"a-raw-token", UNREADABLE),
        (b"[]", UNREADABLE),
        (b"null", UNREADABLE),
        (b"\x00\xff", UNREADABLE),
        (b"token=%ff", UNREADABLE),
        (b"a=b&c", UNREADABLE),
        (b"&".join(b"%d=" % number for number in range(101)), UNREADABLE),
        (b"{", NOT_JSON),
        (b"{" * 100_000, NOT_JSON),
        (b'{"a": "\xff"}', NOT_JSON),
        (b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}", NOT_JSON),
        (b'{"token": "x", "token": "x"}', TWICE),
        (b"token=x&token=x", TWICE),
        (b'{"key": 5}', None),
        (b'{"token": 5}', "The parameter token must be text."),
        (b'{"token": null}', "The parameter token must be text."),
        (b'{"token": ["x"]}', "The parameter token must be text."),
        (b'{"token": {"x": 1}}', "The parameter token must be text."),
        (b" " * 3_000_000, "The body is too long, or broken off."),
    ],
)
def test_body_that_is_none_of_the_documented_is_a_bad_parameter(
    room: Room, body: bytes, message: str | None
) -> None:
    told = ask(f"key={KEY}", body)
    check(told, bad(message or "The parameter token is missing."))


@pytest.mark.django_db
@pytest.mark.usefixtures("dashboard")
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("key=%ff", "The query cannot be read."),
        ("key=a&key=a", TWICE),
        ("&".join(f"{number}=" for number in range(101)), "The query cannot be read."),
    ],
)
def test_query_that_cannot_be_read_is_a_bad_parameter(query: str, message: str) -> None:
    check(ask(query), bad(message))
    check(ask(query, method="GET"), bad(message))


@pytest.mark.usefixtures("dashboard")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_other_methods_are_answered_as_bad_parameters(method: str) -> None:
    check(ask(method=method), bad("The method is none of those that Photon uses here."))


@over_http
def test_head_is_answered_without_a_body(photon: PhotonServer) -> None:
    told = photon.call("HEAD", "/photon/auth/")
    assert (told.status, told.headers["Content-Type"], told.body) == (200, "application/json", b"")


@over_http
@pytest.mark.parametrize(
    ("happens", "message"),
    [
        (ban, "You are banned from this room."),
        (ban_for_now, "You are banned from this room."),
        (end, "This room has ended."),
        (run_out, "This room has ended."),
        (rotate, "The room has a new channel: fetch new credentials."),
        (forget, "There is no room with this id."),
    ],
)
def test_decision_follows_the_current_facts(
    photon: PhotonServer, as_user: AsUser, room: Room, happens: Callable[[Room], None], message: str
) -> None:
    issued = as_user("bob").post(f"rooms/{room.id}/tokens/").json()["photon"]["auth_parameters"]
    assert photon.authenticate({**issued, **DASHBOARD}).document["ResultCode"] == 1
    happens(Room.objects.get(pk=room.pk))
    check(photon.authenticate({**issued, **DASHBOARD}), refused(message))


@over_http
@pytest.mark.parametrize(
    ("happens", "role"), [(nothing, "publisher"), (demote, "subscriber"), (ban_until_now, "publisher")]
)
def test_cookie_has_the_role_of_now(
    photon: PhotonServer, room: Room, happens: Callable[[Room], None], role: str
) -> None:
    token = photon_ticket(room, "bob")
    happens(room)
    check(photon.authenticate({"token": token, **DASHBOARD}), admitted(room, "bob", role))


@over_http
def test_ticket_role_holds_without_a_member_record(photon: PhotonServer, room: Room) -> None:
    parameters = {"token": photon_ticket(room, "dave", name="Dave"), **DASHBOARD}
    check(photon.authenticate(parameters), admitted(room, "dave", "publisher", "Dave"))


@over_http
def test_ticket_that_is_none_for_photon_is_refused(
    photon: PhotonServer, as_user: AsUser, settings: Settings, room: Room
) -> None:
    live = as_user("bob").post(f"rooms/{room.id}/tokens/").json()["live"]["ticket"]
    expired = photon_ticket(room, "bob", expires_in=0)
    good = photon_ticket(room, "bob")
    for token, message in (
        (live, NOT_OURS),
        (ticket_of(room.id, "bob"), NOT_OURS),
        (as_user("bob").authorization.removeprefix("Bearer "), NOT_OURS),  # type: ignore[union-attr]
        (good[:-2], NOT_OURS),
        ("é", NOT_OURS),
        (expired, "The ticket has expired."),
    ):
        check(photon.authenticate({"token": token, **DASHBOARD}), refused(message))
    settings.ROOM_SECRET = "another-room-secret-for-this-one-test"
    check(photon.authenticate({"token": good, **DASHBOARD}), refused(NOT_OURS))
    settings.ROOM_SECRET_RETIRING = ["a-room-secret-for-test-runs-only"]
    check(photon.authenticate({"token": good, **DASHBOARD}), admitted(room, "bob", "publisher"))


@over_http
def test_photon_ticket_is_valid_for_nothing_else(photon: PhotonServer, anonymous: Api, room: Room) -> None:
    ticket = Api(f"Ticket {photon_ticket(room, 'alice')}")
    for method, path in (("POST", "tokens/"), ("POST", "end/"), ("GET", "moderation/"), ("GET", "invites/")):
        answer = ticket(method, f"rooms/{room.id}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")


@pytest.mark.django_db
@pytest.mark.usefixtures("dashboard")
@pytest.mark.parametrize("missing", ["PHOTON_AUTH_KEY", "PHOTON_APP_ID"])
def test_everybody_is_refused_while_photon_is_not_configured(
    settings: Settings, room: Room, missing: str
) -> None:
    setattr(settings, missing, "")
    token = photon_ticket(room, "bob")
    for key in (KEY, ""):
        check(ask(f"key={key}&token={token}"), refused(NOT_PHOTON))


@pytest.mark.django_db
@pytest.mark.usefixtures("dashboard")
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", ""),
        ("Zoë", "Zoë"),
        ("x" * 36, "x" * 36),
        ("x" * 37, "x" * 36),
        ("🎓" * 100, "🎓" * 36),
        ("\x01" * 100, "\x01" * 36),
        ('"\\' * 50, '"\\' * 18),
    ],
)
def test_name_is_truncated_and_the_answer_small(room: Room, name: str, shown: str) -> None:
    told = ask(f"key={KEY}&token={photon_ticket(room, 'bob', name=name)}")
    check(told, admitted(room, "bob", "publisher", shown))


@pytest.mark.django_db
@pytest.mark.usefixtures("dashboard")
def test_wrong_keys_are_counted_per_address_and_the_right_one_is_not(settings: Settings, room: Room) -> None:
    settings.AUTH_FAILURE_RATE = (2, 86400)
    token = photon_ticket(room, "bob")
    often = refused("At most 2 in 86400 s.")
    for expected in (refused(NOT_PHOTON), refused(NOT_PHOTON), often):
        check(ask(f"key=guess&token={token}"), expected)
    check(ask(f"token={token}"), often)
    for _ in range(3):
        check(ask(f"key={KEY}&token={token}"), admitted(room, "bob", "publisher"))
        check(ask(f"key={KEY}&token=x"), refused(NOT_OURS))


@pytest.mark.django_db
@pytest.mark.usefixtures("dashboard")
def test_bug_refuses_and_is_logged(settings: Settings, room: Room, caplog: pytest.LogCaptureFixture) -> None:
    token = photon_ticket(room, "bob")
    settings.ROOM_SECRET = None
    check(ask(f"key={KEY}&token={token}"), refused("This is our fault; it has been logged."))
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.getMessage() == "photon call failed"
    assert record.exc_info
    assert token not in caplog.text


@pytest.mark.django_db
@pytest.mark.usefixtures("dashboard")
def test_decision_is_one_line_without_token_or_name(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    good, old = photon_ticket(room, "bob", name="Robert"), photon_ticket(room, "bob", expires_in=0)
    banned = photon_ticket(room, "mallory", name="Robert")
    for query in (f"key={KEY}&token={good}", f"key={KEY}&token={old}", f"key={KEY}&token={banned}", "key=x"):
        ask(query)
    path = "/photon/auth/"
    person = {"room": room.id, "role": "publisher", "alias": alias_of(room, "bob")}
    assert [(record.levelname, record.getMessage(), record.fields) for record in caplog.records] == [  # type: ignore[attr-defined]
        ("INFO", "photon call accepted", {"call": path, **person}),
        ("WARNING", "photon call refused", {"call": path, "code": "expired_credentials"}),
        ("WARNING", "photon call refused", {"call": path, "room": room.id, "code": "banned"}),
        ("WARNING", "photon call refused", {"call": path, "code": "invalid_credentials"}),
    ]
    told = str([vars(record) for record in caplog.records])
    assert not [secret for secret in (good, old, banned, "Robert", KEY) if secret in told]
