"""`PATCH rooms/{id}/moderation/participants/{alias}/`."""

from collections.abc import Callable
from typing import Any

import pytest

from rooms.models import Room
from rooms.roles import Role
from tests.api import NO_ROOM, WRONG_TYPE, Api, invalid, problem, refused, unknown, wrong
from tests.cast import alias_of
from tests.running_room import come_in, happened, participant

pytestmark = [pytest.mark.django_db, pytest.mark.present("bob")]

AsUser = Callable[..., Api]

NOBODY = problem(404, "participant_not_found", "Nobody in this room has this alias.")
NOTHING = wrong("", "required", "Give audio or video.")


def path(room: Room, user_id: str = "bob") -> str:
    return f"rooms/{room.id}/moderation/participants/{alias_of(room, user_id)}/"


def test_change_answers_the_participant(running: Room, as_user: AsUser) -> None:
    response = as_user("alice")("PATCH", path(running), {"audio": "deny", "video": "allow"})
    muted = participant(running, "bob", audio="deny", may_publish_audio=False, video="allow")
    assert (response.status_code, response.json()) == (200, {"version": 3, "participant": muted})
    again = as_user("alice")("PATCH", path(running), {"audio": "deny"})
    assert (again.status_code, again.json()) == (200, response.json())
    reset = as_user("alice")("PATCH", path(running), {"audio": "inherit", "video": "inherit"})
    assert reset.json() == {"version": 5, "participant": participant(running, "bob")}


def test_change_by_the_backend_names_nobody(running: Room, backend: Api) -> None:
    assert backend("PATCH", path(running), {"video": "deny"}).status_code == 200
    assert happened(running, since=1) == [("mute_video", None, "bob")]


def test_change_at_the_expected_version_is_made(running: Room, backend: Api) -> None:
    answer = backend("PATCH", path(running), {"audio": "allow", "expected_version": 1}).json()
    assert answer == {"version": 2, "participant": participant(running, "bob", audio="allow")}


def test_change_at_another_version_is_a_conflict_with_the_document(running: Room, as_user: AsUser) -> None:
    alice = as_user("alice")
    response = alice("PATCH", path(running), {"audio": "allow", "expected_version": 7})
    assert refused(response) == {
        **problem(409, "version_conflict", "The room is at version 1, not 7."),
        "document": alice.get(f"rooms/{running.id}/moderation/").json(),
    }
    assert happened(running, since=1) == []


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, NOTHING),
        ({"expected_version": 1}, NOTHING),
        ({"audio": "mute"}, wrong("/audio", "invalid_choice", '"mute" is not a valid choice.')),
        ({"audio": ""}, wrong("/audio", "invalid_choice", '"" is not a valid choice.')),
        ({"audio": True}, wrong("/audio", "invalid_choice", '"True" is not a valid choice.')),
        ({"video": None}, wrong("/video", "null", "This field may not be null.")),
        ({"audio": "deny", "expected_version": 1.0}, wrong("/expected_version", *WRONG_TYPE)),
    ],
)
def test_bad_change_is_refused(running: Room, backend: Api, body: Any, error: dict[str, str]) -> None:
    assert refused(backend("PATCH", path(running), body)) == invalid(error)
    assert happened(running, since=1) == []


def test_alias_in_the_body_is_unknown(running: Room, backend: Api) -> None:
    assert refused(backend("PATCH", path(running), {"alias": "x", "audio": "deny"})) == unknown("alias")


@pytest.mark.parametrize("unknown_alias", ["bob", "a%00b", "x" * 300, "%F0%9F%8E%A4"])
def test_alias_of_nobody_is_refused(running: Room, backend: Api, unknown_alias: str) -> None:
    there = f"rooms/{running.id}/moderation/participants/{unknown_alias}/"
    assert refused(backend("PATCH", there, {"audio": "deny"})) == NOBODY


def test_participant_of_another_room_is_not_found(running: Room, backend: Api) -> None:
    other = Room.objects.create()
    come_in(other, "bob", role=Role.PUBLISHER)
    there = f"rooms/{running.id}/moderation/participants/{alias_of(other, 'bob')}/"
    assert refused(backend("PATCH", there, {"audio": "deny"})) == NOBODY


def test_unknown_room_is_refused(running: Room, backend: Api) -> None:
    there = f"rooms/nothing/moderation/participants/{alias_of(running, 'bob')}/"
    assert refused(backend("PATCH", there, {"audio": "deny"})) == problem(404, "room_not_found", NO_ROOM)


def test_ended_room_is_not_changed(running: Room, as_user: AsUser, backend: Api) -> None:
    backend.post(f"rooms/{running.id}/end/")
    for caller in (as_user("alice"), backend):
        response = caller("PATCH", path(running), {"audio": "deny"})
        assert refused(response) == problem(410, "room_ended", "This room has ended.")
