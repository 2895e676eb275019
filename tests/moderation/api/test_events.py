"""`GET rooms/{id}/moderation/events/`."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from moderation.models import Event
from rooms.models import Room
from tests.api import NO_ROOM, Api, invalid, problem, refused
from tests.cast import alias_of
from tests.moderation.queries import asked
from tests.running_room import NOON, come_in, participant

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]

RANGE = "This must be from 0 to 9223372036854775807."


def path(room: Room, query: str = "") -> str:
    return f"rooms/{room.id}/moderation/events/{query}"


def address(room: Room, since: int) -> str:
    return f"http://testserver/api/v1/{path(room, f'?since={since}')}"


def write(room: Room, count: int) -> None:
    """Write events of a host who mutes everyone again and again."""
    Event.objects.bulk_create(
        Event(room=room, version=number, action="mute_everyone", at=NOON, change={"room": {}})
        for number in range(1, count + 1)
    )


def versions(answer: Any) -> list[int]:
    return [event["version"] for event in answer["results"]]


def test_room_in_which_nothing_happened_has_none(room: Room, backend: Api) -> None:
    response = backend.get(path(room))
    assert (response.status_code, response.json()) == (200, {"next": None, "results": []})


def test_log_is_what_the_socket_was_told(room: Room, as_user: AsUser, backend: Api) -> None:
    come_in(room, "bob", now=timezone.now())
    backend("PATCH", f"rooms/{room.id}/moderation/", {"mute_everyone": True})
    alice = as_user("alice")
    alice.post(f"rooms/{room.id}/moderation/participants/{alias_of(room, 'bob')}/kick/")

    response = alice.get(path(room))

    times = [f"{at:%Y-%m-%dT%H:%M:%S.%f}Z" for at in Event.objects.values_list("at", flat=True)]
    assert response.status_code == 200
    assert response.json() == {
        "next": None,
        "results": [
            {
                "version": 1,
                "action": "join",
                "by": alias_of(room, "bob"),
                "at": times[0],
                "participant": participant(room, "bob"),
            },
            {
                "version": 2,
                "action": "mute_everyone",
                "by": None,
                "at": times[1],
                "room": {"mute_everyone": True},
            },
            {
                "version": 3,
                "action": "kick",
                "by": alias_of(room, "alice"),
                "at": times[2],
                "left": alias_of(room, "bob"),
                "enforcement": "advisory",
            },
        ],
    }
    assert "bob" not in response.content.decode().lower().replace('"name":"bob"', "")


@pytest.mark.parametrize(("since", "left"), [(0, [1, 2, 3]), (1, [2, 3]), (3, []), (2**63 - 1, [])])
def test_since_leaves_out_what_is_known(room: Room, backend: Api, since: int, left: list[int]) -> None:
    write(room, 3)
    answer = backend.get(path(room, f"?since={since}")).json()
    assert (answer["next"], versions(answer)) == (None, left)


@pytest.mark.parametrize(
    "since",
    ["", "-1", "1.5", "x", "1e3", "%20", "\u0661", "\u00b2", str(2**63), "9" * 5000, "0" * 20 + "9" * 30],
)
def test_bad_since_is_refused(room: Room, backend: Api, since: str) -> None:
    error = {"pointer": "#/since", "code": "out_of_range", "detail": RANGE}
    assert refused(backend.get(path(room, f"?since={since}"))) == {**invalid(error), "detail": RANGE}


def test_log_comes_in_pages(room: Room, backend: Api) -> None:
    write(room, 401)
    first = backend.get(path(room)).json()
    assert (first["next"], versions(first)) == (address(room, 200), list(range(1, 201)))
    second = backend.get(path(room, "?since=200")).json()
    assert (second["next"], versions(second)) == (address(room, 400), list(range(201, 401)))
    third = backend.get(path(room, "?since=400")).json()
    assert (third["next"], versions(third)) == (None, [401])


def test_full_last_page_has_no_next(room: Room, backend: Api) -> None:
    write(room, 200)
    answer = backend.get(path(room)).json()
    assert (answer["next"], versions(answer)) == (None, list(range(1, 201)))


def test_other_rooms_are_left_out(room: Room, backend: Api) -> None:
    write(Room.objects.create(), 3)
    assert backend.get(path(room)).json()["results"] == []


def test_log_is_read_at_once(backend: Api) -> None:
    def cost(count: int) -> int:
        room = Room.objects.create()
        write(room, count)
        return len(asked(backend.get, path(room)))

    assert cost(1) == cost(30) <= 15


def test_ended_room_keeps_its_log(room: Room, as_user: AsUser, backend: Api) -> None:
    backend.post(f"rooms/{room.id}/end/")
    (event,) = as_user("alice").get(path(room)).json()["results"]
    assert (event["action"], event["room"]) == ("end", {})


def test_unknown_room_is_refused(backend: Api) -> None:
    response = backend.get("rooms/nothing/moderation/events/")
    assert refused(response) == problem(404, "room_not_found", NO_ROOM)
