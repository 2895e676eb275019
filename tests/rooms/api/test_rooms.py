"""`rooms/` and `rooms/{id}/`: create, list, read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from rooms.models import Room
from tests.api import NO_ROOM, WRONG_TYPE, Api, invalid, iso, problem, refused, room_document, unknown, wrong

pytestmark = pytest.mark.django_db


def test_create_answers_a_room_with_the_defaults(backend: Api) -> None:
    response = backend.post("rooms/", {})
    room = Room.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": room.id,
        "external_id": None,
        "name": "",
        "channel": room.channel,
        "region": "",
        "cross_region": False,
        "default_role": "subscriber",
        "token_ttl": 86400,
        "audio_limit": 12,
        "video_limit": 10,
        "uid_type": "account",
        "encryption": "none",
        "ends_at": None,
        "ended_at": None,
        "created_at": iso(room.created_at),
        "version": 1,
    }


def test_create_without_a_body_is_the_same_as_with_an_empty_one(backend: Api) -> None:
    response = backend.post("rooms/")
    assert (response.status_code, response.json()) == (201, room_document(Room.objects.get()))


def test_create_keeps_every_field_that_is_given(backend: Api) -> None:
    given = {
        "external_id": "lesson/7",
        "name": "Algebra 1",
        "region": "EU",
        "cross_region": True,
        "default_role": None,
        "token_ttl": 120,
        "audio_limit": 0,
        "video_limit": 1000,
        "uid_type": "uid",
        "encryption": "aes-256-gcm2",
        "ends_at": iso(datetime(2999, 1, 2, 3, 4, 5, tzinfo=UTC)),
    }
    response = backend.post("rooms/", given)
    document = room_document(Room.objects.get())
    assert (response.status_code, response.json()) == (201, document)
    assert given.items() <= document.items()


def test_rooms_share_neither_id_nor_channel_nor_secret(backend: Api) -> None:
    for _ in range(2):
        backend.post("rooms/", {"name": "Algebra 1"})
    one, other = Room.objects.all()
    assert one.id != other.id
    assert one.channel not in {other.channel, one.id, other.id}
    assert bytes(one.channel_secret) != bytes(other.channel_secret)


def test_external_id_is_kept_to_the_letter(backend: Api) -> None:
    ids = ["lesson 7", " lesson 7", "lesson 7\n", " "]
    assert [backend.post("rooms/", {"external_id": id_}).json()["external_id"] for id_ in ids] == ids
    assert Room.objects.count() == len(ids)


def test_create_with_a_known_external_id_answers_the_existing_room(backend: Api) -> None:
    first = backend.post("rooms/", {"external_id": "lesson-7", "name": "Algebra 1"})
    again = backend.post("rooms/", {"external_id": "lesson-7", "name": "Geometry"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() == room_document(Room.objects.get())


@pytest.mark.parametrize(
    ("field", "value", "code", "detail"),
    [
        ("external_id", "", "blank", "This field may not be blank."),
        ("external_id", "x" * 256, "max_length", "Ensure this field has no more than 255 characters."),
        ("external_id", "a\0b", "null_characters_not_allowed", "Null characters are not allowed."),
        ("name", None, "null", "This field may not be null."),
        ("name", ["Algebra"], *WRONG_TYPE),
        ("name", True, *WRONG_TYPE),
        ("name", 5, *WRONG_TYPE),
        ("name", "x" * 101, "max_length", "Ensure this field has no more than 100 characters."),
        ("name", "a\0b", "null_characters_not_allowed", "Null characters are not allowed."),
        (
            "name",
            "\ud800",
            "surrogate_characters_not_allowed",
            "Surrogate characters are not allowed: U+D800.",
        ),
        ("region", "eu", "invalid_choice", '"eu" is not a valid choice.'),
        ("region", None, "null", "This field may not be null."),
        ("cross_region", "yes", *WRONG_TYPE),
        ("cross_region", 1, *WRONG_TYPE),
        ("default_role", "host", "invalid_choice", '"host" is not a valid choice.'),
        ("default_role", "", "invalid_choice", '"" is not a valid choice.'),
        ("token_ttl", 119, "min_value", "Ensure this value is greater than or equal to 120."),
        ("token_ttl", 86401, "max_value", "Ensure this value is less than or equal to 86400."),
        ("token_ttl", True, *WRONG_TYPE),
        ("token_ttl", "300", *WRONG_TYPE),
        ("audio_limit", -1, "min_value", "Ensure this value is greater than or equal to 0."),
        ("audio_limit", 1001, "max_value", "Ensure this value is less than or equal to 1000."),
        ("video_limit", 1.5, *WRONG_TYPE),
        ("uid_type", "number", "invalid_choice", '"number" is not a valid choice.'),
        ("encryption", "", "invalid_choice", '"" is not a valid choice.'),
        ("ends_at", "2020-01-01T00:00:00Z", "past", "This must be in the future."),
        ("ends_at", "9999-12-31T23:59:59-12:00", "overflow", "Datetime value out of range."),
    ],
)
def test_create_refuses_a_bad_value_by_its_field(
    backend: Api, field: str, value: Any, code: str, detail: str
) -> None:
    response = backend.post("rooms/", {field: value})
    assert refused(response) == invalid(wrong(f"/{field}", code, detail))
    assert not Room.objects.exists()


def test_create_refuses_fields_that_cannot_be_set_all_at_once(backend: Api) -> None:
    response = backend.post("rooms/", {"version": 7, "id": "mine", "colour": "red", "name": ""})
    assert refused(response) == unknown("colour", "id", "version")


def test_read_answers_the_room(backend: Api, room: Room) -> None:
    response = backend.get(f"rooms/{room.id}/")
    assert (response.status_code, response.json()) == (200, room_document(room))


@pytest.mark.parametrize("room_id", ["nothing", "%00", "%ED%A0%80", "a%20b", "x" * 3000])
def test_read_refuses_an_unknown_id(backend: Api, room_id: str) -> None:
    assert refused(backend.get(f"rooms/{room_id}/")) == problem(404, "room_not_found", NO_ROOM)


def test_list_answers_the_newest_room_first(backend: Api) -> None:
    now = timezone.now()
    old, new = (
        Room.objects.create(name=name, created_at=now - timedelta(days=days))
        for name, days in (("old", 2), ("new", 1))
    )
    response = backend.get("rooms/")
    assert response.status_code == 200
    assert response.json() == {
        "next": None,
        "previous": None,
        "results": [room_document(new), room_document(old)],
    }


def test_list_can_be_asked_for_one_external_id(backend: Api) -> None:
    wanted = Room.objects.create(external_id="lesson/7 é")
    Room.objects.create(external_id="lesson/8")
    assert backend.get("rooms/?external_id=lesson/7%20%C3%A9").json()["results"] == [room_document(wanted)]
    assert backend.get("rooms/?external_id=lesson").json()["results"] == []


def test_list_refuses_a_null_character_in_an_external_id(backend: Api) -> None:
    response = backend.get("rooms/?external_id=a%00b")
    assert refused(response) == problem(
        400,
        "invalid",
        "Null characters are not allowed.",
        wrong("/external_id", "invalid", "Null characters are not allowed."),
    )
