"""Logs: one JSON object per line, without credentials and personal names."""

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from rooms.channel_keys import alias
from rooms.models import Room
from tests.api import Api

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]
client = Client(raise_request_exception=False)

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def handler() -> logging.StreamHandler[Any]:
    """The service's log handler."""
    (handler,) = (found for found in logging.getLogger().handlers if type(found) is logging.StreamHandler)
    return handler


@pytest.fixture
def output(handler: logging.StreamHandler[Any]) -> Iterator[io.StringIO]:
    """The output of the service's log handler."""
    output = io.StringIO()
    before = handler.setStream(output)
    yield output
    handler.setStream(before)


@pytest.fixture
def lines(output: io.StringIO) -> Lines:
    return lambda: [json.loads(line) for line in output.getvalue().splitlines()]


def test_issued_token_is_one_line(lines: Lines, as_user: AsUser, room: Room) -> None:
    bob = as_user("bob", name="Robert Tables")
    answer = bob("POST", f"rooms/{room.id}/tokens/", {"screen": True}, **{"x-request-id": "r-1"}).json()
    (line,) = lines()
    written = datetime.fromisoformat(line.pop("at"))
    assert written.utcoffset() is not None
    assert line == {
        "level": "INFO",
        "logger": "rooms.credentials",
        "message": "token issued",
        "request_id": "r-1",
        "room": room.id,
        "alias": alias(bytes(room.channel_secret), "bob"),
        "role": "publisher",
        "expires_at": answer["expires_at"],
        "caller": "user",
    }


def test_line_names_the_kind_of_caller(
    lines: Lines, as_user: AsUser, anonymous: Api, backend: Api, room: Room
) -> None:
    path = f"rooms/{room.id}/tokens/"
    ticket = as_user("bob").post(path).json()["live"]["ticket"]
    Api(f"Ticket {ticket}").post(path)
    backend.post(path, {"user_id": "bob"})
    code = backend.post(f"rooms/{room.id}/invites/").json()["code"]
    anonymous.post("invites/redeem/", {"code": code})
    callers = [line["caller"] for line in lines()]
    assert callers == ["user", "participant", "backend", "guest"]


def test_nothing_secret_or_personal_is_logged(
    output: io.StringIO, as_user: AsUser, anonymous: Api, backend: Api, room: Room
) -> None:
    path = f"rooms/{room.id}/tokens/"
    bob = as_user("bob-4711", name="Robert Tables", rooms={room.id: "publisher"})
    answer = bob.post(path, {"screen": True}).json()
    code = backend.post(f"rooms/{room.id}/invites/").json()["code"]
    guest = anonymous.post("invites/redeem/", {"code": code, "name": "Aunt Ada"}).json()
    bob.post(path, {"role": "host", "name": "Bobby"})
    Api(f"{bob.authorization}x").post(path)
    Api("Api-Key known.secret").post(path)
    anonymous.post("invites/redeem/", {"code": "wrong-code"})
    secrets = {
        *(answer["agora"]["rtc_token"], answer["agora"]["screen"]["rtc_token"], answer["live"]["ticket"]),
        *(guest["agora"]["rtc_token"], guest["live"]["ticket"], guest["user"]["id"], code, "wrong-code"),
        *(str(backend.authorization).split()[1], str(bob.authorization).split()[1], "known.secret"),
        *("bob-4711", "Robert", "Bobby", "Aunt Ada"),
    }
    written = output.getvalue()
    assert len(written.splitlines()) == 6
    assert [secret for secret in secrets if secret in written] == []


@pytest.mark.parametrize(
    ("caller", "body", "code"),
    [
        ("dave", {}, "not_a_member"),
        ("mallory", {}, "banned"),
        ("bob", {"role": "host"}, "role_not_granted"),
        ("", {}, "not_authenticated"),
        ("bob", b"{", "invalid"),
        ("bob", {"role": "king"}, "invalid"),
    ],
)
def test_denied_token_is_one_line_with_its_code(
    lines: Lines, as_user: AsUser, room: Room, *, caller: str, body: Any, code: str
) -> None:
    api = as_user(caller) if caller else Api()
    api("POST", f"rooms/{room.id}/tokens/", body, **{"x-request-id": "r-2"})
    (line,) = lines()
    del line["at"]
    assert line == {
        "level": "WARNING",
        "logger": "rooms.api.tokens",
        "message": "token denied",
        "request_id": "r-2",
        "room": room.id,
        "code": code,
    }


def test_denied_guest_is_one_line_with_its_code(lines: Lines, anonymous: Api) -> None:
    anonymous.post("invites/redeem/", {"code": "wrong-code"})
    (line,) = lines()
    assert (line["message"], line["room"], line["code"]) == ("token denied", None, "invite_not_found")


def request_id(given: str | None) -> str:
    headers = {} if given is None else {"x-request-id": given}
    return str(client.get("/healthz", headers=headers).headers["X-Request-ID"])


@pytest.mark.parametrize("given", ["a", "7d3-x_y.Z", "x" * 64])
def test_request_id_is_returned(given: str) -> None:
    assert request_id(given) == given


@pytest.mark.parametrize("given", [None, "", "x" * 65, "a b", "a\nb", "é", 'a"b', "a;b"])
def test_request_id_is_generated_if_none_is_valid(given: str | None) -> None:
    made = request_id(given)
    assert re.fullmatch("[0-9a-f]{32}", made)
    assert request_id(given) != made


def test_bug_is_logged_with_its_request_id(lines: Lines, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.tokensvc.broken"
    response = client.get("/rest/bug/", headers={"x-request-id": "r-3"})
    (line,) = lines()
    assert (response.status_code, response.headers["X-Request-ID"]) == (500, "r-3")
    assert (line["level"], line["request_id"]) == ("ERROR", "r-3")
    assert "ZeroDivisionError" in json.dumps(line)


def test_every_line_is_json(lines: Lines, handler: logging.Handler) -> None:
    # Not by a logger: pytest would capture the lone surrogate, which pytest-xdist cannot transport.
    said = {"msg": "two\nlines, \ud800 and %s", "args": (object,), "more": {1, 2}}
    handler.handle(logging.makeLogRecord(said))
    (line,) = lines()
    assert line["message"].startswith("two\nlines")
    assert line["request_id"] is None
