import shlex
from typing import Any

import jwt
import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework_api_key.models import APIKey

from rooms.models import Room
from tests.api import room_document
from tests.rooms.api.credentials import expected
from tests.rooms.management.commands import failure_of, output_of, report_of, table

pytestmark = pytest.mark.django_db

AS_BACKEND, AS_USER = "create a room, as the app's backend", "fetch a token, as a user"
REFUSED = "demo hands out credentials: it needs DEBUG and IDENTITY_JWT_SECRET."
SERVER = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def _debug(settings: Settings) -> None:
    settings.DEBUG = True


def performed(line: str) -> Any:
    """The response to a curl command, run as printed."""
    curl, silent, *words = shlex.split(line)
    method, headers, data, address = "GET", {}, "", ""
    while words:
        match words.pop(0):
            case "-X":
                method = words.pop(0)
            case "-H":
                name, _, headers[name] = words.pop(0).partition(": ")
            case "-d":
                method, data = "POST", words.pop(0)
            case word:
                address = word
    assert (curl, silent, address.startswith(f"{SERVER}/")) == ("curl", "-sS", True)
    content_type = headers.pop("Content-Type", "application/x-www-form-urlencoded")
    path = address.removeprefix(SERVER)
    return Client().generic(method, path, data, content_type=content_type, headers=headers)


def token_of(line: str) -> str:
    return shlex.split(line)[-1].rpartition(" ")[2]


def test_report_is_the_room_and_two_commands() -> None:
    report = report_of("demo")
    room = Room.objects.get()
    assert list(report) == ["room", AS_BACKEND, AS_USER]
    assert report["room"] == room.id
    assert (room.external_id, room.name, room.default_role) == ("demo", "Demo room", "publisher")


def test_commands_are_shown_in_a_table() -> None:
    text = output_of("demo")
    lines = [line[line.index("curl ") :] for line in text.splitlines()[1:]]
    assert text == table({"room": Room.objects.get().id, AS_BACKEND: lines[0], AS_USER: lines[1]})
    assert [performed(line).status_code for line in lines] == [201, 200]


def test_command_of_the_backend_creates_a_room() -> None:
    response = performed(report_of("demo")[AS_BACKEND])
    room = Room.objects.get(name="My room")
    assert (response.status_code, response.json()) == (201, room_document(room))


def test_command_of_the_user_fetches_a_token() -> None:
    report = report_of("demo")
    response = performed(report[AS_USER])
    room = Room.objects.get(pk=report["room"])
    answer = response.json()
    assert response.status_code == 200
    assert answer == expected(answer, room, "demo-user", "publisher", name="Demo User")


def test_user_token_suits_the_identity_settings(settings: Settings) -> None:
    settings.IDENTITY_JWT_AUDIENCE, settings.IDENTITY_JWT_ISSUER = "rooms", "https://id.example"
    line = report_of("demo")[AS_USER]
    claims = jwt.decode(token_of(line), options={"verify_signature": False})
    assert claims == {
        "sub": "demo-user",
        "name": "Demo User",
        "aud": "rooms",
        "iss": "https://id.example",
        "exp": claims["exp"],
    }
    assert performed(line).status_code == 200


def test_running_twice_keeps_one_room_and_one_key() -> None:
    first, second = report_of("demo"), report_of("demo")
    assert second["room"] == first["room"] == Room.objects.get().id
    assert APIKey.objects.get().name == "demo"
    assert [performed(second[line]).status_code for line in (AS_BACKEND, AS_USER)] == [201, 200]
    assert performed(first[AS_BACKEND]).status_code == 401
    assert performed(first[AS_USER]).status_code == 200


def test_rooms_and_keys_of_others_stay() -> None:
    APIKey.objects.create_key(name="shop")
    other = Room.objects.create(external_id="lesson-7")
    output_of("demo")
    assert APIKey.objects.filter(name="shop").exists()
    assert Room.objects.get(pk=other.pk).version == 1


def test_room_that_has_ended_is_replaced() -> None:
    first = report_of("demo")
    output_of("end_room", first["room"])
    second = report_of("demo")
    assert second["room"] != first["room"]
    assert performed(second[AS_USER]).status_code == 200
    assert report_of("demo")["room"] == second["room"]
    assert performed(first[AS_USER]).status_code == 410


@pytest.mark.parametrize(("name", "value"), [("DEBUG", False), ("IDENTITY_JWT_SECRET", "")])
def test_demo_is_refused_without_what_it_needs(settings: Settings, name: str, value: object) -> None:
    setattr(settings, name, value)
    assert failure_of("demo") == REFUSED
    assert not Room.objects.exists()
    assert not APIKey.objects.exists()
