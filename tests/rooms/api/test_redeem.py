"""`invites/redeem/`: guests."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from rooms.models import Invite, Member, Room
from tests.api import WRONG_TYPE, Api, invalid, problem, refused, unknown, wrong
from tests.rooms.api.credentials import check_007, expected

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]
Inviting = Callable[..., str]

NO_INVITE = problem(404, "invite_not_found", "There is no invite with this code.")
NONE_LEFT = problem(410, "invite_used_up", "This invite has no uses left.")


@pytest.fixture
def invite(backend: Api, room: Room) -> Inviting:
    def make(**body: Any) -> str:
        return str(backend.post(f"rooms/{room.id}/invites/", body).json()["code"])

    return make


def redeem(caller: Api, code: str, **body: Any) -> Any:
    return caller.post("invites/redeem/", {"code": code, **body})


@pytest.mark.parametrize(
    ("role", "privileges"), [("host", (1, 2, 3, 4)), ("publisher", (1, 2, 3, 4)), ("subscriber", (1,))]
)
def test_guest_gets_all_credentials(
    anonymous: Api, room: Room, invite: Inviting, role: str, privileges: tuple[int, ...]
) -> None:
    response = redeem(anonymous, invite(role=role), name="Aunt Ada")
    answer = response.json()
    guest = answer["user"]["id"]
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert re.fullmatch("guest:[0-9a-f]{32}", guest)
    assert answer == expected(answer, room, guest, role, name="Aunt Ada")
    check_007(answer, privileges)


def test_every_guest_is_a_new_user(anonymous: Api, invite: Inviting) -> None:
    code = invite()
    one, other = (redeem(anonymous, code).json() for _ in range(2))
    assert one["user"]["id"] != other["user"]["id"]
    assert one["agora"]["uid"] != other["agora"]["uid"]
    assert Invite.objects.get().uses == 2


def test_guest_in_a_uid_room_gets_a_number(anonymous: Api, room: Room, invite: Inviting) -> None:
    Room.objects.update_with_version(uid_type="uid")
    answer = redeem(anonymous, invite()).json()
    assert answer == expected(answer, room, answer["user"]["id"], "subscriber")


def test_guest_renews_with_the_ticket_at_no_use(anonymous: Api, room: Room, invite: Inviting) -> None:
    first = redeem(anonymous, invite(role="publisher", max_uses=1), name="Ada").json()
    ticket = Api(f"Ticket {first['live']['ticket']}")
    again = ticket.post(f"rooms/{room.id}/tokens/", {"screen": True}).json()
    guest = first["user"]["id"]
    assert again == expected(again, room, guest, "publisher", name="Ada", screen=True)
    assert Invite.objects.get().uses == 1


def test_guest_can_be_banned(anonymous: Api, room: Room, invite: Inviting) -> None:
    first = redeem(anonymous, invite()).json()
    Member.objects.ban(room, first["user"]["id"], None)
    response = Api(f"Ticket {first['live']['ticket']}").post(f"rooms/{room.id}/tokens/")
    assert refused(response) == problem(403, "banned", "You are banned from this room.")


def test_invite_admits_to_a_members_only_room(as_user: AsUser, room: Room, invite: Inviting) -> None:
    assert redeem(as_user("mallory"), invite()).json()["user"]["role"] == "subscriber"


@pytest.mark.parametrize("authorization", ["Bearer x", "Api-Key x", "Ticket x", "x"])
def test_authorization_does_not_matter(invite: Inviting, authorization: str) -> None:
    assert redeem(Api(authorization), invite()).status_code == 200


def test_invite_is_used_up(anonymous: Api, invite: Inviting) -> None:
    code = invite(max_uses=2)
    assert [redeem(anonymous, code).status_code for _ in range(2)] == [200, 200]
    assert refused(redeem(anonymous, code)) == NONE_LEFT
    assert Invite.objects.get().uses == 2


def test_invite_expires(anonymous: Api, invite: Inviting) -> None:
    code = invite(expires_in=60)
    Invite.objects.update(expires_at=timezone.now() + timedelta(seconds=1))
    assert redeem(anonymous, code).status_code == 200
    Invite.objects.update(expires_at=timezone.now())
    assert refused(redeem(anonymous, code)) == problem(410, "invite_used_up", "This invite has expired.")
    assert Invite.objects.get().uses == 1


def test_withdrawn_invite_is_unknown(anonymous: Api, backend: Api, room: Room, invite: Inviting) -> None:
    code = invite()
    backend("DELETE", f"rooms/{room.id}/invites/{Invite.objects.get().id}/")
    assert refused(redeem(anonymous, code)) == NO_INVITE


@pytest.mark.parametrize("of", ["id", "code_hash"])
def test_nothing_but_the_code_opens_the_room(anonymous: Api, invite: Inviting, of: str) -> None:
    invite()
    assert refused(redeem(anonymous, str(getattr(Invite.objects.get(), of)))) == NO_INVITE


@pytest.mark.parametrize("field", ["ended_at", "ends_at"])
def test_room_that_is_over_costs_no_use(anonymous: Api, invite: Inviting, field: str) -> None:
    code = invite(max_uses=1)
    Room.objects.update_with_version(**{field: timezone.now()})
    assert refused(redeem(anonymous, code)) == problem(410, "room_ended", "This room has ended.")
    assert Invite.objects.get().uses == 0


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (None, wrong("/code", "required", "This field is required.")),
        ({"name": "Ada"}, wrong("/code", "required", "This field is required.")),
        ({"code": ""}, wrong("/code", "blank", "This field may not be blank.")),
        ({"code": None}, wrong("/code", "null", "This field may not be null.")),
        ({"code": 5}, wrong("/code", *WRONG_TYPE)),
        (
            {"code": "x" * 101},
            wrong("/code", "max_length", "Ensure this field has no more than 100 characters."),
        ),
        ({"code": "a\0"}, wrong("/code", "null_characters_not_allowed", "Null characters are not allowed.")),
        (
            {"code": "\udfff"},
            wrong(
                "/code", "surrogate_characters_not_allowed", "Surrogate characters are not allowed: U+DFFF."
            ),
        ),
        (
            {"code": "x", "name": "x" * 101},
            wrong("/name", "max_length", "Ensure this field has no more than 100 characters."),
        ),
        ([], wrong("", "invalid", "Invalid data. Expected a dictionary, but got list.")),
    ],
)
def test_bad_input_is_refused(anonymous: Api, db: None, body: Any, error: dict[str, str]) -> None:
    assert refused(anonymous.post("invites/redeem/", body)) == invalid(error)


@pytest.mark.parametrize("field", ["role", "screen", "user_id", "client_region", "room"])
def test_guest_may_send_no_other_fields(anonymous: Api, invite: Inviting, field: str) -> None:
    assert refused(redeem(anonymous, invite(), **{field: "host"})) == unknown(field)
    assert Invite.objects.get().uses == 0


@pytest.mark.parametrize("body", [b"{", b"[" * 5000])
def test_body_that_is_not_json_is_refused(anonymous: Api, db: None, body: bytes) -> None:
    document = refused(anonymous.post("invites/redeem/", body))
    assert document == problem(
        400, "invalid", "The body is not JSON.", wrong("", "parse_error", "The body is not JSON.")
    )
