"""`GET` and `PATCH rooms/{id}/moderation/`."""

from collections.abc import Callable
from typing import Any

import pytest

from rooms.models import Member, Room
from rooms.roles import Role
from tests.api import FOR_HOST, NO_ROOM, WRONG_TYPE, Api, invalid, problem, refused, unknown, wrong
from tests.running_room import document, flags, happened, participant

pytestmark = [pytest.mark.django_db, pytest.mark.present("alice", "carol")]

AsUser = Callable[..., Api]

ENDED = problem(410, "room_ended", "This room has ended.")
NOTHING = wrong("", "required", "Give mute_everyone or webcams_disabled.")


def path(room: Room) -> str:
    return f"rooms/{room.id}/moderation/"


def document_of(room: Room, version: int, room_part: dict[str, Any], *user_ids: str) -> dict[str, Any]:
    return document(version, room_part, *(participant(room, user_id) for user_id in user_ids))


def test_document_is_for_hosts_and_the_backend(running: Room, as_user: AsUser, backend: Api) -> None:
    for caller in (as_user("alice"), backend):
        response = caller.get(path(running))
        assert (response.status_code, response.json()) == (
            200,
            document_of(running, 2, flags(), "alice", "carol"),
        )


def test_change_answers_the_document(running: Room, as_user: AsUser) -> None:
    response = as_user("alice")("PATCH", path(running), {"mute_everyone": True, "webcams_disabled": True})
    on = flags(mute_everyone=True, webcams_disabled=True)
    assert (response.status_code, response.json()) == (200, document_of(running, 4, on, "alice", "carol"))
    again = as_user("alice")("PATCH", path(running), {"mute_everyone": True})
    assert again.json() == response.json()


def test_change_at_the_expected_version_is_made(running: Room, backend: Api) -> None:
    body = {"mute_everyone": True, "expected_version": 2}
    answer = backend("PATCH", path(running), body).json()
    assert answer == document_of(running, 3, flags(mute_everyone=True), "alice", "carol")


@pytest.mark.parametrize("expected", [0, 1, 3, 10**30])
def test_change_at_another_version_is_a_conflict_with_the_document(
    running: Room, backend: Api, expected: int
) -> None:
    body = {"mute_everyone": True, "expected_version": expected}
    assert refused(backend("PATCH", path(running), body)) == {
        **problem(409, "version_conflict", f"The room is at version 2, not {expected}."),
        "document": backend.get(path(running)).json(),
    }
    assert happened(running, since=2) == []


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, NOTHING),
        ({"expected_version": 2}, NOTHING),
        ({"mute_everyone": 1}, wrong("/mute_everyone", *WRONG_TYPE)),
        ({"mute_everyone": "true"}, wrong("/mute_everyone", *WRONG_TYPE)),
        ({"webcams_disabled": None}, wrong("/webcams_disabled", "null", "This field may not be null.")),
        ({"mute_everyone": True, "expected_version": "2"}, wrong("/expected_version", *WRONG_TYPE)),
        ({"mute_everyone": True, "expected_version": True}, wrong("/expected_version", *WRONG_TYPE)),
        (
            {"mute_everyone": True, "expected_version": -1},
            wrong("/expected_version", "min_value", "Ensure this value is greater than or equal to 0."),
        ),
        ([], wrong("", "invalid", "Invalid data. Expected a dictionary, but got list.")),
    ],
)
def test_bad_change_is_refused(running: Room, backend: Api, body: Any, error: dict[str, str]) -> None:
    assert refused(backend("PATCH", path(running), body)) == invalid(error)
    assert happened(running, since=2) == []


def test_unknown_field_is_refused(running: Room, backend: Api) -> None:
    assert refused(backend("PATCH", path(running), {"mute": True})) == unknown("mute")


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_unknown_room_is_refused(backend: Api, method: str) -> None:
    response = backend(method, "rooms/nothing/moderation/", {"mute_everyone": True})
    assert refused(response) == problem(404, "room_not_found", NO_ROOM)


def test_ended_room_can_be_read_but_not_changed(running: Room, as_user: AsUser, backend: Api) -> None:
    backend.post(f"rooms/{running.id}/end/")
    for caller in (as_user("alice"), backend):
        assert refused(caller("PATCH", path(running), {"mute_everyone": True})) == ENDED
        assert caller.get(path(running)).json() == document_of(running, 3, flags())


def test_host_who_is_demoted_hosts_no_more(running: Room, as_user: AsUser, backend: Api) -> None:
    Member.objects.appoint(running, "alice", Role.PUBLISHER)
    response = as_user("alice")("PATCH", path(running), {"mute_everyone": True})
    assert refused(response) == problem(403, "host_only", FOR_HOST)
