"""`POST rooms/{id}/end/`."""

from collections.abc import Callable

import pytest

from rooms.models import Room
from tests.api import NO_ROOM, Api, problem, refused, room_document
from tests.running_room import come_in, happened

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]


def test_unknown_room_is_refused(backend: Api) -> None:
    assert refused(backend.post("rooms/nothing/end/")) == problem(404, "room_not_found", NO_ROOM)


def test_end_answers_the_room_without_its_channel(backend: Api, room: Room) -> None:
    response = backend.post(f"rooms/{room.id}/end/")
    document = room_document(room)
    assert document["ended_at"] is not None
    assert document["version"] == room.version + 1
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


def test_end_makes_everybody_leave(as_user: AsUser, backend: Api, room: Room) -> None:
    come_in(room, "alice", "bob")
    as_user("alice").post(f"rooms/{room.id}/end/")
    assert happened(room, since=2) == [("end", "alice", None)]
    document = backend.get(f"rooms/{room.id}/moderation/").json()
    assert (document["version"], document["participants"]) == (3, [])


def test_end_by_the_backend_names_nobody(backend: Api, room: Room) -> None:
    backend.post(f"rooms/{room.id}/end/")
    backend.post(f"rooms/{room.id}/end/")
    assert happened(room) == [("end", None, None)]
