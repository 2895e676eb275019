from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from rooms.models import Invite, Room
from tests.api import Api, iso
from tests.rooms.management.cases import ENDED
from tests.rooms.management.commands import NO_ROOM, failure_of, output_of, report_of, table

AT_LEAST_ONE = "Ensure this value is greater than or equal to 1."


def redeem(code: str) -> Any:
    return Api().post("invites/redeem/", {"code": code})


def test_invite_without_options_is_for_any_number_of_subscribers(room: Room) -> None:
    report = report_of("create_invite", room.id)
    invite = Invite.objects.get()
    assert report == {
        "id": invite.id,
        "code": report["code"],
        "role": "subscriber",
        "expires_at": None,
        "max_uses": None,
    }
    assert (invite.room_id, invite.label) == (room.id, "")


def test_invite_has_the_value_of_every_option(room: Room) -> None:
    options = ("--role", "publisher", "--label", "Parents", "--expires-in", "3600", "--max-uses", "2")
    report = report_of("create_invite", room.id, *options)
    invite = Invite.objects.get()
    assert report == {
        "id": invite.id,
        "code": report["code"],
        "role": "publisher",
        "expires_at": iso(invite.expires_at),
        "max_uses": 2,
    }
    assert invite.label == "Parents"
    assert invite.expires_at is not None
    assert timedelta() <= timezone.now() + timedelta(hours=1) - invite.expires_at < timedelta(seconds=5)


def test_invite_is_shown_in_a_table(room: Room) -> None:
    text = output_of("create_invite", room.id, "--max-uses", "3")
    code = text.split()[3]
    assert text == table(
        {
            "id": Invite.objects.get().id,
            "code": code,
            "role": "subscriber",
            "expires_at": "-",
            "max_uses": 3,
        }
    )
    assert redeem(code).status_code == 200


@pytest.mark.parametrize("role", ["host", "publisher", "subscriber"])
def test_code_admits_a_guest_with_its_role(room: Room, role: str) -> None:
    response = redeem(report_of("create_invite", room.id, "--role", role)["code"])
    answer = response.json()
    assert response.status_code == 200
    assert (answer["room"]["id"], answer["user"]["role"]) == (room.id, role)


def test_code_admits_as_many_guests_as_allowed(room: Room) -> None:
    code = report_of("create_invite", room.id, "--max-uses", "1")["code"]
    assert [redeem(code).status_code for _ in range(2)] == [200, 410]


def test_code_itself_is_not_stored(room: Room) -> None:
    code = report_of("create_invite", room.id)["code"]
    assert not [value for value in Invite.objects.values_list().get() if code in str(value)]


@pytest.mark.parametrize(
    ("option", "value", "complaint"),
    [
        ("--expires-in", "0", f"expires_in: {AT_LEAST_ONE}"),
        ("--expires-in", "-60", f"expires_in: {AT_LEAST_ONE}"),
        ("--expires-in", "9" * 12, "expires_in: Ensure this value is less than or equal to 31622400."),
        ("--max-uses", "0", f"max_uses: {AT_LEAST_ONE}"),
        ("--max-uses", "-1", f"max_uses: {AT_LEAST_ONE}"),
        ("--max-uses", "9" * 12, "max_uses: Ensure this value is less than or equal to 1000000."),
        ("--label", "x" * 101, "label: Ensure this field has no more than 100 characters."),
    ],
)
def test_unusable_value_is_refused_by_its_field(room: Room, option: str, value: str, complaint: str) -> None:
    assert failure_of("create_invite", room.id, option, value) == complaint
    assert not Invite.objects.exists()


def test_unknown_role_is_refused(room: Room) -> None:
    assert failure_of("create_invite", room.id, "--role", "king").startswith(
        "Error: argument --role: invalid choice: 'king'"
    )


def test_unknown_room_is_refused(db: None) -> None:
    assert failure_of("create_invite", "nothing") == NO_ROOM


def test_room_that_has_ended_is_refused(room: Room) -> None:
    room.end(timezone.now())
    assert failure_of("create_invite", room.id) == ENDED
    assert not Invite.objects.exists()
