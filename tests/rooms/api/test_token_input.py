"""`rooms/{id}/tokens/`: invalid input is refused by field, and never causes an error."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from rooms.models import Room
from tests.api import WRONG_TYPE, Api, invalid, problem, refused, unknown, wrong

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]

NULL = "Null characters are not allowed."
SURROGATE = "Surrogate characters are not allowed: U+D800."
BAD_USER_ID = "Use 1 to 255 characters, none of them a control character."
NOT_JSON = problem(400, "invalid", "The body is not JSON.", wrong("", "parse_error", "The body is not JSON."))
NO_JSON = problem(415, "unsupported_media_type", "Send JSON, as application/json.")


@pytest.mark.parametrize("body", [None, {}, b"{}", b" {} ", b"\xef\xbb\xbf{}"])
def test_no_body_is_the_same_as_an_empty_one(as_user: AsUser, room: Room, body: Any) -> None:
    assert as_user("bob").post(f"rooms/{room.id}/tokens/", body).status_code == 200


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"role": "banned"}, wrong("/role", "invalid_choice", '"banned" is not a valid choice.')),
        ({"role": ""}, wrong("/role", "invalid_choice", '"" is not a valid choice.')),
        ({"role": None}, wrong("/role", "null", "This field may not be null.")),
        ({"role": ["host"]}, wrong("/role", "invalid_choice", "\"['host']\" is not a valid choice.")),
        ({"name": None}, wrong("/name", "null", "This field may not be null.")),
        ({"name": {"first": "Bob"}}, wrong("/name", *WRONG_TYPE)),
        ({"name": 5}, wrong("/name", *WRONG_TYPE)),
        ({"name": "a\0b"}, wrong("/name", "null_characters_not_allowed", NULL)),
        ({"name": "\ud800"}, wrong("/name", "surrogate_characters_not_allowed", SURROGATE)),
        (
            {"name": "x" * 101},
            wrong("/name", "max_length", "Ensure this field has no more than 100 characters."),
        ),
        ({"screen": "yes"}, wrong("/screen", *WRONG_TYPE)),
        ({"screen": 1}, wrong("/screen", *WRONG_TYPE)),
        ({"screen": None}, wrong("/screen", "null", "This field may not be null.")),
        ({"screen": []}, wrong("/screen", *WRONG_TYPE)),
        ([], wrong("", "invalid", "Invalid data. Expected a dictionary, but got list.")),
        ("bob", wrong("", "invalid", "Invalid data. Expected a dictionary, but got str.")),
        (0, wrong("", "invalid", "Invalid data. Expected a dictionary, but got int.")),
        (b"null", wrong("", "null", "This field may not be null.")),
    ],
)
def test_person_is_told_what_is_wrong(as_user: AsUser, room: Room, body: Any, error: dict[str, str]) -> None:
    assert refused(as_user("bob").post(f"rooms/{room.id}/tokens/", body)) == invalid(error)


@pytest.mark.parametrize(
    "field", ["user_id", "client_region", "uid", "channel", "ttl", "a/b~c", "\0", "\ud800"]
)
def test_person_may_set_nothing_else(as_user: AsUser, room: Room, field: str) -> None:
    document = refused(as_user("bob").post(f"rooms/{room.id}/tokens/", {field: "alice"}))
    assert document == unknown(field.replace("~", "~0").replace("/", "~1"))


@pytest.mark.parametrize(
    ("user_id", "errors"),
    [
        (None, [("null", "This field may not be null.")]),
        ("", [("blank", "This field may not be blank.")]),
        (7, [WRONG_TYPE]),
        (["bob"], [WRONG_TYPE]),
        ("a\nb", [("invalid", BAD_USER_ID)]),
        ("\x7f", [("invalid", BAD_USER_ID)]),
        ("a\0b", [("invalid", BAD_USER_ID), ("null_characters_not_allowed", NULL)]),
        ("\ud800", [("surrogate_characters_not_allowed", SURROGATE)]),
        (
            "x" * 256,
            [
                ("invalid", BAD_USER_ID),
                ("max_length", "Ensure this field has no more than 255 characters."),
            ],
        ),
    ],
)
def test_backend_is_told_what_is_wrong_with_a_user_id(
    backend: Api, room: Room, user_id: Any, errors: list[tuple[str, str]]
) -> None:
    response = backend.post(f"rooms/{room.id}/tokens/", {"user_id": user_id, "role": "host"})
    assert refused(response) == invalid(*(wrong("/user_id", code, detail) for code, detail in errors))


@pytest.mark.parametrize("body", [None, {}, {"role": "host"}])
def test_backend_has_to_say_for_whom(backend: Api, room: Room, body: Any) -> None:
    response = backend.post(f"rooms/{room.id}/tokens/", body)
    assert refused(response) == invalid(wrong("/user_id", "required", "This field is required."))


@pytest.mark.parametrize(
    "body",
    [b"{", b"{'name': 'x'}", b"\xff", b'{"name": "\xff"}', b"9" * 5000, b"[" * 5000, b'{"a":' * 5000],
    ids=["cut", "quotes", "byte", "string", "number", "deep-list", "deep-object"],
)
def test_body_that_is_not_json_is_refused(as_user: AsUser, backend: Api, room: Room, body: bytes) -> None:
    for caller in (as_user("bob"), backend):
        assert refused(caller.post(f"rooms/{room.id}/tokens/", body)) == NOT_JSON


@pytest.mark.parametrize(
    "body", [b"{", b"\xff", b"9" * 5000, b"[" * 5000], ids=["cut", "byte", "number", "deep"]
)
def test_body_that_is_not_json_is_refused_elsewhere_too(backend: Api, room: Room, body: bytes) -> None:
    for method, path in (("POST", "rooms/"), ("PATCH", f"rooms/{room.id}/")):
        document = refused(backend(method, path, body))
        assert (document["status"], document["code"]) == (400, "invalid")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json", ""],
)
def test_body_of_another_type_is_refused(as_user: AsUser, room: Room, content_type: str) -> None:
    client = Client(headers={"authorization": as_user("bob").authorization or ""})
    response = client.generic("POST", f"/api/v1/rooms/{room.id}/tokens/", b"{}", content_type=content_type)
    assert refused(response) == NO_JSON


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_may_be_announced_in_any_spelling(as_user: AsUser, room: Room, content_type: str) -> None:
    client = Client(headers={"authorization": as_user("bob").authorization or ""})
    path = f"/api/v1/rooms/{room.id}/tokens/"
    assert client.generic("POST", path, b"{}", content_type=content_type).status_code == 200


def test_body_that_is_too_long_is_refused(as_user: AsUser, room: Room) -> None:
    document = refused(as_user("bob").post(f"rooms/{room.id}/tokens/", {"name": "x" * 3_000_000}))
    assert (document["status"], document["code"]) == (400, "invalid")


def test_who_asks_comes_before_what(anonymous: Api, room: Room) -> None:
    document = refused(anonymous.post(f"rooms/{room.id}/tokens/", b"{"))
    assert document["code"] == "not_authenticated"
