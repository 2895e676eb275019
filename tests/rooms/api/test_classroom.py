"""`rooms/{id}/tokens/`: the credentials of Flexible Classroom."""

from collections.abc import Callable
from hashlib import md5
from typing import Any

import pytest
from pytest_django import Settings

from rooms.agora import Apaas, Chat, Rtm, access_token2
from rooms.inspection import inspect
from rooms.models import Member, Room
from rooms.roles import Role
from tests.api import Api
from tests.rooms.api.credentials import OTHER_CERTIFICATE, expected, seconds

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]
Answer = dict[str, Any]

AUDIENCE, TEACHER, STUDENT, ASSISTANT = range(4)
CAST = {"alice": TEACHER, "bob": STUDENT, "carol": AUDIENCE}


@pytest.fixture(autouse=True)
def _switched_on(settings: Settings) -> None:
    settings.AGORA_CLASSROOM = True


def enter(caller: Api, room: Room, **body: Any) -> Answer:
    response = caller.post(f"rooms/{room.id}/tokens/", body)
    assert response.status_code == 200, response.content
    answer: Answer = response.json()
    return answer


def classroom(answer: Answer, role: int, region: str = "NA") -> dict[str, Any]:
    """The expected answer, with channel, alias and token of the given one."""
    return {
        "room_uuid": answer["agora"]["channel"],
        "user_uuid": answer["user"]["alias"],
        "role_type": role,
        "region": region,
        "token": answer["classroom"]["token"],
    }


def check_token(settings: Settings, answer: Answer, role: int) -> None:
    """Assert that the token is for the classroom, its chat and Signaling only, with the answer's lifetime."""
    room, user, lifetime = answer["agora"]["channel"], answer["user"]["alias"], answer["expires_in"]
    read = access_token2.parse(answer["classroom"]["token"])
    assert read.app_id == settings.AGORA_APP_ID
    assert (read.issued_at, read.expires_in) == (seconds(answer["issued_at"]), lifetime)
    chat_user = md5(user.encode(), usedforsecurity=False).hexdigest()
    assert read.services == (Rtm(user), Chat(chat_user), Apaas(room, user, role))
    assert read.expiries == ({1: lifetime},) * 3
    assert read.signed_by(settings.AGORA_APP_CERTIFICATE)
    assert not read.signed_by(OTHER_CERTIFICATE)


def test_classroom_is_null_unless_switched_on(settings: Settings, as_user: AsUser, room: Room) -> None:
    settings.AGORA_CLASSROOM = False
    answer = enter(as_user("bob"), room)
    assert answer == expected(answer, room, "bob", "publisher")
    assert answer["classroom"] is None


@pytest.mark.parametrize("uid_type", ["account", "uid"])
@pytest.mark.parametrize("user_id", CAST)
def test_classroom_has_all_launch_values_of_its_sdk(
    settings: Settings, as_user: AsUser, room: Room, user_id: str, uid_type: str
) -> None:
    Room.objects.update_with_version(uid_type=uid_type)
    answer = enter(as_user(user_id), room)
    role = CAST[user_id]
    assert answer["classroom"] == classroom(answer, role)
    check_token(settings, answer, role)
    # The rest of the answer is the same without the classroom.
    assert {**answer, "classroom": None} == expected(answer, room, user_id, answer["user"]["role"])


@pytest.mark.parametrize("region", ["CN", "AP", "EU", "NA"])
def test_region_is_that_of_the_room(as_user: AsUser, room: Room, region: str) -> None:
    Room.objects.update_with_version(region=region)
    answer = enter(as_user("bob"), room)
    assert answer["classroom"] == classroom(answer, STUDENT, region)


# --- Roles -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "admission_request", "role"),
    [
        (Role.HOST, None, ASSISTANT),
        (Role.PUBLISHER, None, ASSISTANT),
        (Role.SUBSCRIBER, None, AUDIENCE),
        (Role.HOST, "publisher", ASSISTANT),
        (Role.HOST, "subscriber", AUDIENCE),
        (Role.PUBLISHER, "subscriber", AUDIENCE),
    ],
)
def test_assistant_needs_a_publishing_role(
    settings: Settings, as_user: AsUser, room: Room, member: Role, admission_request: str | None, role: int
) -> None:
    Member.objects.appoint(room, "erin", member, assistant=True)
    answer = enter(as_user("erin"), room, **({"role": admission_request} if admission_request else {}))
    assert answer["classroom"] == classroom(answer, role)
    check_token(settings, answer, role)


@pytest.mark.parametrize(
    ("user_id", "admission_request", "role"),
    [("alice", "publisher", STUDENT), ("alice", "subscriber", AUDIENCE), ("bob", "subscriber", AUDIENCE)],
)
def test_role_is_the_one_that_was_asked_for(
    as_user: AsUser, room: Room, user_id: str, admission_request: str, role: int
) -> None:
    answer = enter(as_user(user_id), room, role=admission_request)
    assert answer["classroom"] == classroom(answer, role)


def test_renewal_uses_the_current_role(settings: Settings, backend: Api, as_user: AsUser, room: Room) -> None:
    ticket = Api(f"Ticket {enter(as_user('bob'), room)['live']['ticket']}")
    for body, role in (
        ({"role": "publisher", "assistant": True}, ASSISTANT),
        ({"role": "publisher"}, STUDENT),
        ({"role": "host"}, TEACHER),
    ):
        assert backend("PUT", f"rooms/{room.id}/members/bob/", body).status_code == 200
        answer = enter(ticket, room)
        assert answer["classroom"] == classroom(answer, role)
        check_token(settings, answer, role)


def test_backend_gets_the_classroom_for_any_user(settings: Settings, backend: Api, room: Room) -> None:
    Member.objects.appoint(room, "erin", Role.SUBSCRIBER, assistant=True)
    for user_id, admission_request, role in (
        ("alice", {}, TEACHER),
        ("dave", {"role": "host"}, TEACHER),
        ("dave", {"role": "subscriber"}, AUDIENCE),
        ("erin", {"role": "publisher"}, ASSISTANT),
        ("erin", {}, AUDIENCE),
    ):
        answer = enter(backend, room, user_id=user_id, **admission_request)
        assert answer["classroom"] == classroom(answer, role)
        check_token(settings, answer, role)


@pytest.mark.parametrize(("role", "expected_role"), [("publisher", STUDENT), ("subscriber", AUDIENCE)])
def test_guest_is_a_student_or_listens(
    settings: Settings, backend: Api, anonymous: Api, room: Room, role: str, expected_role: int
) -> None:
    code = backend.post(f"rooms/{room.id}/invites/", {"role": role}).json()["code"]
    answer = anonymous.post("invites/redeem/", {"code": code}).json()
    assert answer["classroom"] == classroom(answer, expected_role)
    check_token(settings, answer, expected_role)


# --- The token -------------------------------------------------------------------------------------------


def test_classroom_token_is_a_007_whatever_the_others_are(
    settings: Settings, as_user: AsUser, room: Room
) -> None:
    settings.AGORA_TOKEN_VERSION = "006"
    answer = enter(as_user("bob"), room)
    assert answer["agora"]["rtc_token"].startswith("006")
    check_token(settings, answer, STUDENT)


def test_every_request_signs_another_token(settings: Settings, as_user: AsUser, room: Room) -> None:
    first, second = (enter(as_user("bob"), room) for _ in range(2))
    assert first["classroom"]["token"] != second["classroom"]["token"]
    for answer in (first, second):
        check_token(settings, answer, STUDENT)


def test_token_lives_as_long_as_the_answer_says(settings: Settings, as_user: AsUser, room: Room) -> None:
    Room.objects.update_with_version(token_ttl=600)
    answer = enter(as_user("bob"), room)
    assert answer["expires_in"] == 600
    check_token(settings, answer, STUDENT)


def test_rotate_channel_moves_the_classroom(
    settings: Settings, backend: Api, as_user: AsUser, room: Room
) -> None:
    before = enter(as_user("bob"), room)["classroom"]
    backend.post(f"rooms/{room.id}/rotate-channel/")
    answer = enter(as_user("bob"), room)
    check_token(settings, answer, STUDENT)
    assert answer["classroom"]["room_uuid"] != before["room_uuid"]
    assert answer["classroom"]["user_uuid"] != before["user_uuid"]


def test_inspection_reports_the_services_of_the_token(
    settings: Settings, as_user: AsUser, room: Room
) -> None:
    Room.objects.update_with_version(token_ttl=600)
    answer = enter(as_user("alice"), room)
    given, alias = answer["classroom"], answer["user"]["alias"]
    now, privileges = seconds(answer["issued_at"]), "1 for 600 s"
    told = {
        "format": "007",
        "app_id": settings.AGORA_APP_ID,
        "issued_at": answer["issued_at"],
        "expires_at": answer["expires_at"],
        "signed_with": "AGORA_APP_CERTIFICATE",
        "services": {
            "rtm": {"user_id": alias, "privileges": privileges},
            "chat": {
                "user_id": md5(alias.encode(), usedforsecurity=False).hexdigest(),
                "privileges": privileges,
            },
            "apaas": {
                "room_uuid": given["room_uuid"],
                "user_uuid": alias,
                "role": TEACHER,
                "privileges": privileges,
            },
        },
        "problems": [],
    }
    assert inspect(given["token"], now=now) == told
    assert inspect(given["token"], now=now, channel=given["room_uuid"], uid=alias) == told
    problems = [f"Its uid is {alias}, not k3f.", f"Its channel is {given['room_uuid']}, not algebra-1."]
    assert inspect(given["token"], now=now, channel="algebra-1", uid="k3f") == {**told, "problems": problems}
