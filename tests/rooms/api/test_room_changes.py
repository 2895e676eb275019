"""`PATCH rooms/{id}/`, `end/` and `rotate-channel/`."""

from collections.abc import Callable
from typing import Any

import pytest

from rooms.models import Room, Uid
from tests.conftest import Api
from tests.rooms.api.answers import NO_ROOM, invalid, problem, refused, room_document, unknown, wrong

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]


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
        "version": 2,
    }


def test_change_of_nothing_leaves_the_version(backend: Api, room: Room) -> None:
    before = room_document(room)
    response = change(backend, room, {})
    assert (response.status_code, response.json()) == (200, before)


@pytest.mark.parametrize("body", [{"uid_type": "uid"}, {"encryption": "aes-128-gcm2"}])
def test_change_of_what_all_in_a_channel_share_moves_the_room(
    backend: Api, room: Room, body: dict[str, str]
) -> None:
    before = room_document(room)
    after = change(backend, room, body).json()
    moved = Room.objects.get(pk=room.pk)
    assert after == {**before, **body, "version": 2, "channel": moved.channel}
    assert moved.channel != room.channel
    assert bytes(moved.channel_secret) != bytes(room.channel_secret)


def test_change_to_the_same_uid_type_stays_in_the_channel(backend: Api, room: Room) -> None:
    assert change(backend, room, {"uid_type": "account"}).json()["channel"] == room.channel


def test_change_takes_back_an_end(backend: Api, room: Room) -> None:
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
    [("PATCH", "rooms/nothing/"), ("POST", "rooms/nothing/end/"), ("POST", "rooms/nothing/rotate-channel/")],
)
def test_unknown_room_is_refused(backend: Api, method: str, path: str) -> None:
    assert refused(backend(method, path, {})) == problem(404, "room_not_found", NO_ROOM)


def test_end_answers_the_room_without_its_channel(backend: Api, room: Room) -> None:
    response = backend.post(f"rooms/{room.id}/end/")
    document = room_document(room)
    assert document["ended_at"] is not None
    assert document["version"] == 2
    del document["channel"]
    assert (response.status_code, response.json()) == (200, document)


def test_end_again_changes_nothing(backend: Api, as_user: AsUser, room: Room) -> None:
    first = backend.post(f"rooms/{room.id}/end/")
    again = as_user("alice").post(f"rooms/{room.id}/end/")
    assert (again.status_code, again.json()) == (200, first.json())


def test_end_by_a_host_holds_for_the_next_token_request(as_user: AsUser, room: Room) -> None:
    assert as_user("bob").post(f"rooms/{room.id}/tokens/").status_code == 200
    assert as_user("alice").post(f"rooms/{room.id}/end/").status_code == 200
    assert refused(as_user("bob").post(f"rooms/{room.id}/tokens/")) == problem(
        410, "room_ended", "This room has ended."
    )


def test_end_is_open_to_a_host_by_claim_or_by_ticket(as_user: AsUser, room: Room) -> None:
    by_claim = as_user("dave", rooms={room.id: "host"})
    ticket = by_claim.post(f"rooms/{room.id}/tokens/").json()["live"]["ticket"]
    for caller in (by_claim, Api(f"Ticket {ticket}")):
        assert caller.post(f"rooms/{room.id}/end/").status_code == 200


def test_rotate_channel_moves_the_room(backend: Api, room: Room) -> None:
    before = room_document(room)
    response = backend.post(f"rooms/{room.id}/rotate-channel/")
    moved = Room.objects.get(pk=room.pk)
    assert response.status_code == 200
    assert response.json() == {**before, "channel": moved.channel, "version": 2}
    assert moved.channel != room.channel
    assert bytes(moved.channel_secret) != bytes(room.channel_secret)


def test_rotate_channel_forgets_the_numbers_of_the_old_one(backend: Api) -> None:
    room = Room.objects.create(uid_type="uid")
    Uid.objects.create(room=room, channel=room.channel, user_id="bob", screen=False, number=7)
    backend.post(f"rooms/{room.id}/rotate-channel/")
    assert not Uid.objects.exists()
