"""`PATCH rooms/{id}/` and `rotate-channel/`."""

from typing import Any

import pytest

from rooms.models import Room, Uid
from tests.api import NO_ROOM, Api, invalid, problem, refused, room_document, unknown, wrong

pytestmark = pytest.mark.django_db


def change(caller: Api, room: Room, body: Any) -> Any:
    return caller("PATCH", f"rooms/{room.id}/", body)


def test_change_sets_what_is_given_and_nothing_else(backend: Api, room: Room) -> None:
    before = room_document(room)
    response = change(backend, room, {"name": "Geometry", "default_role": "publisher", "token_ttl": 600})
    assert (response.status_code, response.json()) == (200, room_document(room))
    assert response.json() == {
        **before,
        "name": "Geometry",
        "default_role": "publisher",
        "token_ttl": 600,
        "version": before["version"] + 1,
    }


def test_change_of_nothing_leaves_the_version(backend: Api, room: Room) -> None:
    before = room_document(room)
    response = change(backend, room, {})
    assert (response.status_code, response.json()) == (200, before)


@pytest.mark.parametrize("body", [{"uid_type": "uid"}, {"encryption": "aes-128-gcm2"}])
def test_change_of_a_channel_field_moves_the_room(backend: Api, room: Room, body: dict[str, str]) -> None:
    before = room_document(room)
    after = change(backend, room, body).json()
    moved = Room.objects.get(pk=room.pk)
    assert after == {**before, **body, "version": before["version"] + 1, "channel": moved.channel}
    assert moved.channel != room.channel
    assert bytes(moved.channel_secret) != bytes(room.channel_secret)


def test_change_to_the_same_uid_type_stays_in_the_channel(backend: Api, room: Room) -> None:
    assert change(backend, room, {"uid_type": "account"}).json()["channel"] == room.channel


def test_change_removes_an_end(backend: Api, room: Room) -> None:
    change(backend, room, {"ends_at": "2999-01-01T00:00:00Z"})
    assert change(backend, room, {"ends_at": None}).json()["ends_at"] is None


@pytest.mark.parametrize("field", ["id", "channel", "external_id", "ended_at", "created_at", "version"])
def test_change_refuses_fields_that_cannot_be_set(backend: Api, room: Room, field: str) -> None:
    before = room_document(room)
    assert refused(change(backend, room, {field: "x"})) == unknown(field)
    assert room_document(room) == before


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"default_role": ""}, wrong("/default_role", "invalid_choice", '"" is not a valid choice.')),
        ({"name": None}, wrong("/name", "null", "This field may not be null.")),
        ({"ends_at": "soon"}, wrong("/ends_at", "invalid", "")),
        ([], wrong("", "invalid", "Invalid data. Expected a dictionary, but got list.")),
        (b"null", wrong("", "null", "No data provided")),
    ],
)
def test_change_refuses_a_bad_value(backend: Api, room: Room, body: Any, error: dict[str, str]) -> None:
    document = refused(change(backend, room, body))
    error = {**error, "detail": error["detail"] or document["errors"][0]["detail"]}
    assert document == invalid(error)


@pytest.mark.parametrize(
    ("method", "path"),
    [("PATCH", "rooms/nothing/"), ("POST", "rooms/nothing/rotate-channel/")],
)
def test_unknown_room_is_refused(backend: Api, method: str, path: str) -> None:
    assert refused(backend(method, path, {})) == problem(404, "room_not_found", NO_ROOM)


def test_rotate_channel_moves_the_room(backend: Api, room: Room) -> None:
    before = room_document(room)
    response = backend.post(f"rooms/{room.id}/rotate-channel/")
    moved = Room.objects.get(pk=room.pk)
    assert response.status_code == 200
    assert response.json() == {**before, "channel": moved.channel, "version": before["version"] + 1}
    assert moved.channel != room.channel
    assert bytes(moved.channel_secret) != bytes(room.channel_secret)


def test_rotate_channel_deletes_the_numbers_of_the_old_one(backend: Api) -> None:
    room = Room.objects.create(uid_type="uid")
    Uid.objects.create(room=room, channel=room.channel, user_id="bob", screen=False, number=7)
    backend.post(f"rooms/{room.id}/rotate-channel/")
    assert not Uid.objects.exists()
