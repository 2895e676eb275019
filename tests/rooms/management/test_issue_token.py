from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from rooms import tickets
from rooms.callers import TicketHolder
from rooms.models import Member, Room
from rooms.roles import Role
from tests.api import Api
from tests.rooms.api.credentials import check_006, check_007, expected
from tests.rooms.management.cases import BANNED, CASES, NOT_A_MEMBER, Case, outcome_of
from tests.rooms.management.commands import NO_ROOM, failure_of, output_of, report_of

ALL, JOIN = (1, 2, 3, 4), (1,)


@pytest.fixture(autouse=True)
def _live_url(settings: Settings) -> None:
    """The live socket's origin in the API's answers to tests."""
    settings.LIVE_URL = "ws://testserver"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_role_is_what_the_api_answers_the_backend(backend: Api, room: Room, case: Case) -> None:
    case.arrange(room)
    response = backend.post(f"rooms/{room.id}/tokens/", {"user_id": case.user})
    assert outcome_of(response) == case.outcome
    if response.status_code != 200:
        assert failure_of("issue_token", room.id, case.user) == case.outcome
        return
    theirs, ours = response.json(), report_of("issue_token", room.id, case.user)
    assert theirs == expected(theirs, room, case.user, case.outcome)
    assert ours == expected(ours, room, case.user, case.outcome)


@pytest.mark.parametrize("uid_type", ["account", "uid"])
@pytest.mark.parametrize(
    ("user", "role", "privileges"),
    [("alice", "host", ALL), ("bob", "publisher", ALL), ("carol", "subscriber", JOIN)],
)
def test_token_opens_what_the_report_says(
    room: Room, uid_type: str, user: str, role: str, privileges: tuple[int, ...]
) -> None:
    room.change({"uid_type": uid_type})
    report = report_of("issue_token", room.id, user)
    assert report == expected(report, room, user, role)
    check_007(report, privileges)


def test_token_is_of_the_version_in_force(settings: Settings, room: Room) -> None:
    settings.AGORA_TOKEN_VERSION = "006"
    report = report_of("issue_token", room.id, "carol", "--screen")
    assert report == expected(report, room, "carol", "subscriber", screen=True)
    check_006(report, JOIN)


def test_every_option_is_applied(room: Room) -> None:
    room.change({"token_ttl": 600, "encryption": "aes-128-gcm2", "region": "EU"})
    options = ("--role", "host", "--name", "Dave", "--screen")
    report = report_of("issue_token", room.id, "dave", *options)
    assert report == expected(report, room, "dave", "host", name="Dave", screen=True, lifetime=600)
    check_007(report, ALL)


def test_assistant_is_one_in_the_classroom(settings: Settings, room: Room) -> None:
    settings.AGORA_CLASSROOM = True
    Member.objects.appoint(room, "bob", Role.PUBLISHER, assistant=True)
    for user, options, role_type in (("bob", (), 3), ("bob", ("--role", "subscriber"), 0), ("alice", (), 1)):
        assert report_of("issue_token", room.id, user, *options)["classroom"]["role_type"] == role_type


def test_role_may_be_less_or_more_than_the_room_grants(room: Room) -> None:
    for role in ("host", "publisher", "subscriber"):
        assert report_of("issue_token", room.id, "bob", "--role", role)["user"]["role"] == role


def test_ticket_is_of_that_user_and_opens_the_api(room: Room) -> None:
    report = report_of("issue_token", room.id, "bob", "--name", "Bob")
    ticket = report["live"]["ticket"]
    assert tickets.read(ticket) == TicketHolder("bob", room.id, Role.PUBLISHER, "Bob")
    again = Api(f"Ticket {ticket}").post(f"rooms/{room.id}/tokens/").json()
    assert again == expected(again, room, "bob", "publisher", name="Bob")


def test_credentials_are_shown_in_a_table(room: Room) -> None:
    lines = output_of("issue_token", room.id, "bob", "--name", "Bob").splitlines()
    rows = {name: value.strip() for name, _, value in (line.partition(" ") for line in lines)}
    answer = expected(unflattened(rows), room, "bob", "publisher", name="Bob")
    assert rows == {name: "-" if value is None else str(value) for name, value in flattened(answer)}


def flattened(answer: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in answer.items():
        if isinstance(value, dict):
            yield from flattened(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value[0] if isinstance(value, list) else value


def unflattened(rows: dict[str, str]) -> dict[str, Any]:
    """The parts of the answer that cannot be predicted."""
    return {
        "issued_at": rows["issued_at"],
        "agora": {name: rows[f"agora.{name}"] for name in ("rtc_token", "rtm_token")},
        "live": {"ticket": rows["live.ticket"]},
    }


@pytest.mark.parametrize("role", [None, "subscriber", "host"])
def test_banned_user_is_refused_whatever_role_is_asked_for(room: Room, role: str | None) -> None:
    assert failure_of("issue_token", room.id, "mallory", *(["--role", role] if role else [])) == BANNED


def test_stranger_is_refused_unless_a_role_is_given(room: Room) -> None:
    assert failure_of("issue_token", room.id, "dave") == NOT_A_MEMBER
    assert report_of("issue_token", room.id, "dave", "--role", "publisher")["user"]["role"] == "publisher"


def test_unknown_room_is_refused(db: None) -> None:
    assert failure_of("issue_token", "nothing", "bob", "--role", "host") == NO_ROOM


@pytest.mark.parametrize(
    ("user", "name", "field"),
    [("", "", "user_id"), ("x" * 256, "", "user_id"), ("a\nb", "", "user_id"), ("bob", "x" * 101, "name")],
    ids=["no-user", "long-user", "control-character", "long-name"],
)
def test_value_that_the_api_refuses_is_refused_with_its_detail(
    backend: Api, room: Room, user: str, name: str, field: str
) -> None:
    response = backend.post(f"rooms/{room.id}/tokens/", {"user_id": user, "name": name})
    details = [error["detail"] for error in response.json()["errors"]]
    assert failure_of("issue_token", room.id, user, "--name", name) == f"{field}: {' '.join(details)}"


def test_unknown_role_is_refused(room: Room) -> None:
    assert failure_of("issue_token", room.id, "bob", "--role", "banned").startswith(
        "Error: argument --role: invalid choice: 'banned'"
    )
