"""`rooms/{id}/invites/` and `rooms/{id}/invites/{invite_id}/`."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.utils import timezone

from rooms.models import Invite, Room
from tests.api import FOR_HOST, NO_ROOM, WRONG_TYPE, Api, invalid, iso, problem, refused, unknown, wrong

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]


def invite(caller: Api, room: Room, body: Any = None) -> Any:
    return caller.post(f"rooms/{room.id}/invites/", body)


def test_create_answers_the_code_once(backend: Api, room: Room) -> None:
    response = invite(backend, room)
    made = Invite.objects.get()
    code = response.json()["code"]
    assert response.status_code == 201
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json() == {
        "id": made.id,
        "code": code,
        "url": f"http://testserver/join/#{code}",
        "role": "subscriber",
        "label": "",
        "expires_at": None,
        "max_uses": None,
        "uses": 0,
        "created_at": iso(made.created_at),
    }


def test_create_keeps_what_is_given(backend: Api, room: Room) -> None:
    body = {"role": "host", "label": "Parents", "expires_in": 3600, "max_uses": 2}
    document = invite(backend, room, body).json()
    made = Invite.objects.get()
    assert (document["role"], document["label"], document["max_uses"]) == ("host", "Parents", 2)
    assert document["expires_at"] == iso(made.expires_at)
    assert datetime.fromisoformat(document["expires_at"]) - timezone.now() <= timedelta(hours=1)
    assert datetime.fromisoformat(document["expires_at"]) - timezone.now() > timedelta(minutes=59)


def test_create_without_limits_says_null(backend: Api, room: Room) -> None:
    document = invite(backend, room, {"expires_in": None, "max_uses": None}).json()
    assert (document["expires_at"], document["max_uses"]) == (None, None)


def test_code_is_stored_as_a_hash(backend: Api, room: Room) -> None:
    code = invite(backend, room).json()["code"]
    (stored,) = Invite.objects.values()
    assert stored["code_hash"] == sha256(code.encode()).hexdigest()
    assert code not in str(stored)


@pytest.mark.parametrize("role", ["publisher", "subscriber"])
def test_host_may_invite_up_to_publisher(as_user: AsUser, room: Room, role: str) -> None:
    response = invite(as_user("alice"), room, {"role": role})
    assert (response.status_code, response.json()["role"]) == (201, role)


def test_host_may_not_invite_hosts(as_user: AsUser, room: Room) -> None:
    response = invite(as_user("alice"), room, {"role": "host"})
    detail = "A host's invite may grant publisher or subscriber."
    assert refused(response) == problem(403, "role_not_granted", detail)
    assert not Invite.objects.exists()


def test_demoted_host_may_invite_nobody(as_user: AsUser, room: Room) -> None:
    alice = as_user("alice", rooms={room.id: "host"})
    room.members.filter(user_id="alice").update(role="publisher")
    assert refused(invite(alice, room)) == problem(403, "host_only", FOR_HOST)


@pytest.mark.parametrize("field", ["ends_at", "ended_at"])
def test_create_refuses_a_room_that_is_over(backend: Api, room: Room, field: str) -> None:
    Room.objects.update_with_version(**{field: timezone.now()})
    assert refused(invite(backend, room)) == problem(410, "room_ended", "This room has ended.")


@pytest.mark.parametrize(
    ("field", "value", "code", "detail"),
    [
        ("role", "banned", "invalid_choice", '"banned" is not a valid choice.'),
        ("role", None, "null", "This field may not be null."),
        ("label", "x" * 101, "max_length", "Ensure this field has no more than 100 characters."),
        ("label", "a\0b", "null_characters_not_allowed", "Null characters are not allowed."),
        ("label", {}, *WRONG_TYPE),
        ("expires_in", 0, "min_value", "Ensure this value is greater than or equal to 1."),
        ("expires_in", 366 * 86400 + 1, "max_value", "Ensure this value is less than or equal to 31622400."),
        ("expires_in", "soon", *WRONG_TYPE),
        ("max_uses", 0, "min_value", "Ensure this value is greater than or equal to 1."),
        ("max_uses", 1_000_001, "max_value", "Ensure this value is less than or equal to 1000000."),
    ],
)
def test_create_refuses_a_bad_value_by_its_field(
    backend: Api, room: Room, *, field: str, value: Any, code: str, detail: str
) -> None:
    assert refused(invite(backend, room, {field: value})) == invalid(wrong(f"/{field}", code, detail))


@pytest.mark.parametrize("field", ["id", "code", "url", "expires_at", "uses", "created_at", "x"])
def test_create_refuses_fields_that_cannot_be_set(backend: Api, room: Room, field: str) -> None:
    assert refused(invite(backend, room, {field: None})) == unknown(field)


def test_list_answers_the_newest_first_without_codes(as_user: AsUser, backend: Api, room: Room) -> None:
    documents = [invite(backend, room, {"label": label}).json() for label in ("one", "two")]
    invite(backend, Room.objects.create(), {"label": "elsewhere"})
    shown = [
        {name: value for name, value in document.items() if name not in {"code", "url"}}
        for document in reversed(documents)
    ]
    for caller in (backend, as_user("alice")):
        response = caller.get(f"rooms/{room.id}/invites/")
        assert response.status_code == 200
        assert response.json() == {"next": None, "previous": None, "results": shown}


def test_withdraw_deletes_the_invite(as_user: AsUser, backend: Api, room: Room) -> None:
    for caller in (backend, as_user("alice")):
        document = invite(backend, room).json()
        response = caller("DELETE", f"rooms/{room.id}/invites/{document['id']}/")
        assert (response.status_code, response.content) == (204, b"")
    assert not Invite.objects.exists()


@pytest.mark.parametrize("elsewhere", [True, False])
def test_withdraw_of_another_rooms_or_no_invite_is_refused(backend: Api, room: Room, elsewhere: bool) -> None:
    other = invite(backend, Room.objects.create()).json()["id"]
    response = backend("DELETE", f"rooms/{room.id}/invites/{other if elsewhere else 'a%00b'}/")
    assert refused(response) == problem(404, "invite_not_found", "This room has no invite with this id.")
    assert Invite.objects.exists()


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", ""), ("DELETE", "some/")])
def test_unknown_room_is_refused(as_user: AsUser, backend: Api, method: str, path: str) -> None:
    for caller in (backend, as_user("alice")):
        response = caller(method, f"rooms/nothing/invites/{path}", {})
        assert refused(response) == problem(404, "room_not_found", NO_ROOM)
