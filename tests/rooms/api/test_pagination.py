"""Lists have pages, and a page costs the same number of queries whatever its size."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rooms.models import Invite, Member, Room
from rooms.roles import Role
from tests.api import Api, problem, refused, wrong

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]

BAD_CURSOR = problem(
    400,
    "invalid",
    "This cursor is not one of ours.",
    wrong("/cursor", "invalid", "This cursor is not one of ours."),
)
KINDS = ["rooms", "members", "invites"]


def fill(kind: str, count: int) -> tuple[str, list[str]]:
    """Create objects of a kind; return the path of their list, and their names in its order."""
    if kind == "rooms":
        return "rooms/", [_room(number).id for number in range(count)]
    room = Room.objects.create()
    if kind == "members":
        names = [f"u-{number}" for number in range(count)]
        Member.objects.bulk_create(Member(room=room, user_id=name, role=Role.HOST) for name in names)
        return f"rooms/{room.id}/members/", names
    return f"rooms/{room.id}/invites/", [_invite(room, number).id for number in range(count)]


def _room(number: int) -> Room:
    return Room.objects.create(created_at=timezone.now() - timedelta(hours=number))


def _invite(room: Room, number: int) -> Invite:
    created_at = timezone.now() - timedelta(hours=number)
    return Invite.objects.create(room=room, code_hash=f"{room.id} {number}", created_at=created_at)


def names(page: dict[str, Any]) -> list[str]:
    return [item.get("id") or item["user_id"] for item in page["results"]]


def pages(backend: Api, path: str, way: str) -> Iterator[dict[str, Any]]:
    while True:
        response = backend.get(path)
        assert response.status_code == 200
        yield response.json()
        if response.json()[way] is None:
            return
        parts = urlsplit(response.json()[way])
        assert (parts.scheme, parts.netloc) == ("http", "testserver")
        path = f"{parts.path.removeprefix('/api/v1/')}?{parts.query}"


@pytest.mark.parametrize("kind", KINDS)
def test_pages_lead_through_the_whole_list_and_back(backend: Api, kind: str) -> None:
    path, everything = fill(kind, 5)
    forth = list(pages(backend, f"{path}?page_size=2", "next"))
    assert [names(page) for page in forth] == [everything[:2], everything[2:4], everything[4:]]
    assert forth[0]["previous"] is None
    parts = urlsplit(forth[1]["next"])
    last = f"{path}?{parts.query}"
    back = list(pages(backend, last, "previous"))
    assert [names(page) for page in back] == [everything[4:], everything[2:4], everything[:2]]


@pytest.mark.parametrize("kind", KINDS)
def test_empty_list_is_one_page(backend: Api, kind: str) -> None:
    path, _ = fill(kind, 0)
    assert backend.get(path).json() == {"next": None, "previous": None, "results": []}


def test_pages_hold_what_was_made_at_the_same_moment(backend: Api) -> None:
    now = timezone.now()
    ids = {Room.objects.create(created_at=now).id for _ in range(5)}
    found = [name for page in pages(backend, "rooms/?page_size=2", "next") for name in names(page)]
    assert len(found) == 5
    assert set(found) == ids


def test_pages_are_not_moved_by_what_is_added(backend: Api) -> None:
    _, everything = fill("rooms", 3)
    walk = pages(backend, "rooms/?page_size=2", "next")
    assert names(next(walk)) == everything[:2]
    Room.objects.create()
    assert names(next(walk)) == everything[2:]


def test_page_has_fifty_unless_asked_for_and_two_hundred_at_most(backend: Api) -> None:
    path, _ = fill("members", 203)
    sizes = {size: len(names(backend.get(f"{path}{size}").json())) for size in ("", "?page_size=200")}
    assert sizes == {"": 50, "?page_size=200": 200}


@pytest.mark.parametrize("size", ["0000000011999", "0", "-1", "201", "abc", "1.5", "", "%00"])
def test_page_size_out_of_range_is_refused(backend: Api, size: str) -> None:
    document = refused(backend.get(f"rooms/?page_size={size}"))
    assert (document["code"], document["errors"][0]["pointer"]) == ("invalid", "#/page_size")


@pytest.mark.parametrize(
    "cursor",
    [
        "zzz",
        "%ff",
        "é",
        quote(b64encode(b"o=x")),
        quote(b64encode(b"p=2026-99-01")),
        quote(b64encode(b"p=yesterday")),
        quote(b64encode(b"p=%00")),
        quote(b64encode(b"\xff\xfe")),
    ],
)
def test_bad_cursor_is_refused(backend: Api, cursor: str) -> None:
    fill("rooms", 1)
    assert refused(backend.get(f"rooms/?cursor={cursor}")) == BAD_CURSOR


@pytest.mark.parametrize("kind", KINDS)
def test_far_offset_is_no_error(backend: Api, kind: str) -> None:
    path, _ = fill(kind, 1)
    cursor = quote(b64encode(b"o=99999999999999"))
    assert backend.get(f"{path}?cursor={cursor}").json()["results"] == []


def test_cursor_of_a_member_with_a_strange_name_leads_on(backend: Api) -> None:
    room = Room.objects.create()
    strange = ["'\"%&=+", "a b", "é", "🦊"]
    for name in strange:
        Member.objects.appoint(room, name, Role.HOST)
    walk = pages(backend, f"rooms/{room.id}/members/?page_size=1", "next")
    assert [name for page in walk for name in names(page)] == strange


@pytest.mark.parametrize("kind", KINDS)
def test_queries_are_as_many_for_one_as_for_three(backend: Api, kind: str) -> None:
    counts = [_queries(backend, fill(kind, count)[0]) for count in (1, 3)]
    assert counts[0] == counts[1]
    assert counts[0] <= 3


def _queries(backend: Api, path: str) -> int:
    backend.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert backend.get(path).status_code == 200
    return len(captured)


def test_host_costs_one_query_less_than_the_backend(backend: Api, as_user: AsUser, room: Room) -> None:
    """The backend's API key is one more read; the host check has read the room already."""
    path = f"rooms/{room.id}/invites/"
    assert _queries(as_user("alice"), path) == _queries(backend, path) - 1
