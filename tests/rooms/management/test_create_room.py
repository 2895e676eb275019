import re
from typing import Any

import pytest

from rooms.models import Room
from tests.api import room_document
from tests.rooms.management.commands import failure_of, output_of, report_of, table

pytestmark = pytest.mark.django_db

DEFAULTS: dict[str, Any] = {
    "name": "",
    "external_id": None,
    "region": "",
    "cross_region": False,
    "default_role": "subscriber",
    "token_ttl": 86400,
    "audio_limit": 12,
    "video_limit": 10,
    "uid_type": "account",
    "encryption": "none",
}
EVERY_OPTION = {
    "name": "Algebra 1",
    "external_id": "lesson/7",
    "region": "EU",
    "cross_region": True,
    "default_role": "publisher",
    "token_ttl": 3600,
    "audio_limit": 4,
    "video_limit": 0,
    "uid_type": "uid",
    "encryption": "aes-256-gcm2",
}


def arguments(fields: dict[str, Any]) -> list[str]:
    options = ((f"--{name.replace('_', '-')}", value) for name, value in fields.items())
    return [
        text for option, value in options for text in ([option] if value is True else [option, str(value)])
    ]


def expected(room: Room, fields: dict[str, Any], *, created: bool = True) -> dict[str, Any]:
    return {"id": room.id, "created": created, **fields, "channel": room.channel}


def test_room_without_options_has_the_defaults() -> None:
    report = report_of("create_room")
    room = Room.objects.get()
    assert report == expected(room, DEFAULTS)
    assert re.fullmatch("[0-9a-zA-Z]{22} [0-9a-zA-Z]{22}", f"{room.id} {room.channel}")
    assert room_document(room).items() >= DEFAULTS.items()


def test_room_has_the_value_of_every_option() -> None:
    report = report_of("create_room", *arguments(EVERY_OPTION))
    room = Room.objects.get()
    assert report == expected(room, EVERY_OPTION)
    assert room_document(room).items() >= EVERY_OPTION.items()


def test_room_is_shown_in_a_table() -> None:
    text = output_of("create_room", "--name", "Algebra 1", "--default-role", "none")
    shown = {**DEFAULTS, "name": "Algebra 1", "default_role": "-", "external_id": "-"}
    assert text == table(expected(Room.objects.get(), shown))


def test_room_without_a_default_role_is_for_members_only() -> None:
    assert report_of("create_room", "--default-role", "none")["default_role"] is None
    assert Room.objects.get().default_role is None


def test_known_external_id_shows_the_existing_room() -> None:
    first = report_of("create_room", "--external-id", "lesson-7", "--name", "Algebra 1")
    again = report_of("create_room", "--external-id", "lesson-7", "--name", "Geometry")
    room = Room.objects.get()
    fields = {**DEFAULTS, "external_id": "lesson-7", "name": "Algebra 1"}
    assert first == expected(room, fields)
    assert again == expected(room, fields, created=False)


def test_rooms_without_an_external_id_are_rooms_of_their_own() -> None:
    one, other = (report_of("create_room", "--name", "Algebra 1") for _ in range(2))
    assert one["id"] != other["id"]


@pytest.mark.parametrize(
    ("option", "value", "complaint"),
    [
        ("--name", "x" * 101, "name: Ensure this field has no more than 100 characters."),
        ("--external-id", "", "external_id: This field may not be blank."),
        ("--external-id", "x" * 256, "external_id: Ensure this field has no more than 255 characters."),
        ("--token-ttl", "119", "token_ttl: Ensure this value is greater than or equal to 120."),
        ("--token-ttl", "86401", "token_ttl: Ensure this value is less than or equal to 86400."),
        ("--audio-limit", "-1", "audio_limit: Ensure this value is greater than or equal to 0."),
        ("--video-limit", "1001", "video_limit: Ensure this value is less than or equal to 1000."),
    ],
)
def test_unusable_value_is_refused_by_its_field(option: str, value: str, complaint: str) -> None:
    assert failure_of("create_room", option, value) == complaint
    assert not Room.objects.exists()


def test_every_unusable_value_is_named() -> None:
    assert failure_of("create_room", "--token-ttl", "0", "--audio-limit", "1001") == (
        "token_ttl: Ensure this value is greater than or equal to 120.; "
        "audio_limit: Ensure this value is less than or equal to 1000."
    )


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--region", "MARS"),
        ("--default-role", "host"),
        ("--uid-type", "name"),
        ("--encryption", "rot13"),
    ],
)
def test_unknown_choice_is_refused_by_its_option(option: str, value: str) -> None:
    assert failure_of("create_room", option, value).startswith(
        f"Error: argument {option}: invalid choice: '{value}'"
    )
    assert not Room.objects.exists()
