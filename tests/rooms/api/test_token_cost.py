"""`rooms/{id}/tokens/`: the numbers of `uid` rooms, and the queries of a request."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from rooms.models import Member, Room, Uid
from rooms.roles import Role
from tests.api import Api

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]
Uids = tuple[int | str, int | str]


@pytest.fixture
def numbered(room: Room) -> Room:
    Room.objects.update_with_version(uid_type="uid")
    return room


@contextmanager
def reads_only(count: int) -> Iterator[None]:
    with CaptureQueriesContext(connection) as captured:
        yield
    texts = [query["sql"] for query in captured]
    assert len(texts) == count, texts
    assert all(text.lstrip().upper().startswith(("SELECT", "EXECUTE")) for text in texts), texts


def enter(caller: Api, room: Room, **body: Any) -> Any:
    response = caller.post(f"rooms/{room.id}/tokens/", body)
    assert response.status_code == 200, response.content
    return response.json()["agora"]


def uids(caller: Api, room: Room) -> Uids:
    agora = enter(caller, room, screen=True)
    return agora["uid"], agora["screen"]["uid"]


def test_request_reads_once_when_the_policy_is_warm(as_user: AsUser, room: Room) -> None:
    bob = as_user("bob")
    enter(bob, room)
    with reads_only(1):
        enter(bob, room, screen=True)


def test_request_of_a_new_person_reads_once_as_well(as_user: AsUser, room: Room) -> None:
    enter(as_user("bob"), room)
    for person in (as_user("alice"), as_user("dave", rooms={room.id: "publisher"})):
        with reads_only(1):
            enter(person, room)


def test_request_for_every_provider_reads_once(settings: Settings, as_user: AsUser, room: Room) -> None:
    settings.PHOTON_APP_ID, settings.AGORA_CLASSROOM = "a-photon-app", True
    Room.objects.update_with_version(encryption="aes-256-gcm2", region="EU", cross_region=True)
    Member.objects.appoint(room, "bob", Role.PUBLISHER, assistant=True)
    bob = as_user("bob")
    enter(bob, room)
    with reads_only(1):
        enter(bob, room, screen=True)


def test_request_by_ticket_reads_once(as_user: AsUser, room: Room) -> None:
    first = as_user("bob").post(f"rooms/{room.id}/tokens/").json()
    with reads_only(1):
        enter(Api(f"Ticket {first['live']['ticket']}"), room)


def test_request_by_the_backend_reads_its_key_as_well(backend: Api, room: Room) -> None:
    enter(backend, room, user_id="bob")
    with reads_only(2):
        enter(backend, room, user_id="bob")


def test_request_after_a_change_reads_the_room_again_once(as_user: AsUser, backend: Api, room: Room) -> None:
    bob = as_user("bob")
    enter(bob, room)
    backend("PATCH", f"rooms/{room.id}/", {"name": "Geometry"})
    with reads_only(2):
        enter(bob, room)
    with reads_only(1):
        enter(bob, room)


def test_cost_does_not_grow_with_members(as_user: AsUser, room: Room) -> None:
    bob = as_user("bob")
    enter(bob, room)
    for number in range(30):
        Member.objects.appoint(room, f"u-{number}", Role.SUBSCRIBER)
    with reads_only(2):
        enter(bob, room)
    with reads_only(1):
        enter(bob, room)


def test_request_in_a_uid_room_reads_the_number_as_well(as_user: AsUser, numbered: Room) -> None:
    bob = as_user("bob")
    first = uids(bob, numbered)
    with reads_only(2):
        assert uids(bob, numbered) == first


def test_number_is_stored_the_first_time_only(as_user: AsUser, numbered: Room) -> None:
    bob = as_user("bob")
    camera = enter(bob, numbered)["uid"]
    assert list(Uid.objects.values_list("user_id", "screen", "number")) == [("bob", False, camera)]
    again, screen = uids(bob, numbered)
    assert again == camera
    assert set(Uid.objects.values_list("user_id", "screen", "number")) == {
        ("bob", False, camera),
        ("bob", True, screen),
    }


def test_account_room_stores_nothing(as_user: AsUser, room: Room) -> None:
    uids(as_user("bob"), room)
    assert not Uid.objects.exists()


def test_numbers_differ_by_person_and_by_room(as_user: AsUser, numbered: Room) -> None:
    other = Room.objects.create(uid_type="uid")
    everybody = [
        number
        for place in (numbered, other)
        for person in ("alice", "bob")
        for number in uids(as_user(person), place)
    ]
    assert len(set(everybody)) == 8
    assert all(isinstance(number, int) and 1 <= number < 2**32 for number in everybody)


def test_number_is_the_persons_whoever_asks(as_user: AsUser, backend: Api, numbered: Room) -> None:
    by_user = enter(as_user("bob"), numbered)["uid"]
    assert enter(backend, numbered, user_id="bob")["uid"] == by_user


@pytest.mark.parametrize("change", ["rotate", "encrypt"])
def test_numbers_are_new_in_a_new_channel(as_user: AsUser, backend: Api, numbered: Room, change: str) -> None:
    before = uids(as_user("bob"), numbered)
    if change == "rotate":
        backend.post(f"rooms/{numbered.id}/rotate-channel/")
    else:
        backend("PATCH", f"rooms/{numbered.id}/", {"encryption": "aes-256-gcm2"})
    after = uids(as_user("bob"), numbered)
    assert not {*before} & {*after}
    assert Uid.objects.count() == 2
