import sys
from io import StringIO
from typing import Any

import pytest
from pytest_django import Settings

from rooms.models import Room
from tests.cast import identity_token
from tests.rooms.management.commands import failure_of, output_of, report_of, table

NEITHER = "This is neither an Agora token (006, 007) nor a ticket."
OLD_CERTIFICATE = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def issued(room: Room) -> Any:
    """The credentials of carol, a subscriber, for an hour."""
    room.change({"token_ttl": 3600})
    return report_of("issue_token", room.id, "carol", "--name", "Carol")


def names(issued: Any) -> tuple[str, ...]:
    return "--channel", issued["agora"]["channel"], "--uid", str(issued["agora"]["uid"])


def test_good_token_has_no_problems(settings: Settings, issued: Any) -> None:
    agora = issued["agora"]
    assert report_of("inspect_token", agora["rtc_token"], *names(issued)) == {
        "format": "007",
        "app_id": settings.AGORA_APP_ID,
        "issued_at": issued["issued_at"],
        "expires_at": issued["expires_at"],
        "signed_with": "AGORA_APP_CERTIFICATE",
        "services": {
            "rtc": {"channel": agora["channel"], "uid": agora["uid"], "privileges": "1 for 3600 s"},
            "rtm": {"user_id": agora["rtm_user_id"], "privileges": "1 for 3600 s"},
        },
        "problems": [],
    }


def test_good_token_of_a_uid_room_has_no_problems(room: Room) -> None:
    room.change({"uid_type": "uid"})
    issued = report_of("issue_token", room.id, "bob", "--screen")
    assert report_of("inspect_token", issued["agora"]["rtc_token"], *names(issued))["problems"] == []
    screen = issued["agora"]["screen"]
    uid = str(screen["uid"])
    assert report_of("inspect_token", screen["rtc_token"], "--uid", uid)["problems"] == []


def test_good_tokens_of_the_older_format_have_no_problems(settings: Settings, room: Room) -> None:
    settings.AGORA_TOKEN_VERSION = "006"
    issued = report_of("issue_token", room.id, "carol")
    agora, ends = issued["agora"], issued["expires_at"]
    report = {
        "format": "006",
        "app_id": settings.AGORA_APP_ID,
        "expires_at": ends,
        "signed_with": "AGORA_APP_CERTIFICATE",
    }
    assert report_of("inspect_token", agora["rtc_token"], *names(issued)) == {
        **report,
        "service": "rtc",
        "privileges": f"1 until {ends}",
        "problems": [],
    }
    assert report_of("inspect_token", agora["rtm_token"], "--uid", agora["rtm_user_id"]) == {
        **report,
        "service": "rtm",
        "privileges": f"1000 until {ends}",
        "problems": [],
    }


def test_good_ticket_has_no_problems(issued: Any) -> None:
    assert report_of("inspect_token", issued["live"]["ticket"], "--uid", "carol") == {
        "format": "ticket",
        "claims": {
            "aud": "tokensvc:room",
            "sub": "carol",
            "name": "Carol",
            "room": issued["room"]["id"],
            "role": "subscriber",
            "iat": issued["issued_at"],
            "exp": issued["expires_at"],
        },
        "problems": [],
    }


def test_token_is_shown_in_a_table(settings: Settings, issued: Any) -> None:
    agora = issued["agora"]
    rows = {
        "format": "007",
        "app_id": settings.AGORA_APP_ID,
        "issued_at": issued["issued_at"],
        "expires_at": issued["expires_at"],
        "signed_with": "AGORA_APP_CERTIFICATE",
        "services.rtc.channel": agora["channel"],
        "services.rtc.uid": agora["uid"],
        "services.rtc.privileges": "1 for 3600 s",
        "services.rtm.user_id": agora["rtm_user_id"],
        "services.rtm.privileges": "1 for 3600 s",
        "problems": "-",
    }
    assert output_of("inspect_token", agora["rtc_token"]) == table(rows)


def test_each_problem_is_a_row_of_the_table(issued: Any) -> None:
    agora = issued["agora"]
    text = output_of("inspect_token", agora["rtc_token"], "--channel", "algebra-1", "--uid", "k3f")
    assert [line.split(None, 1) for line in text.splitlines()[-2:]] == [
        ["problems", f"Its uid is {agora['uid']}, not k3f."],
        ["problems", f"Its channel is {agora['channel']}, not algebra-1."],
    ]


@pytest.mark.parametrize("ending", ["", "\n", " \r\n"])
def test_dash_reads_the_token_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, issued: Any, ending: str
) -> None:
    token = issued["agora"]["rtc_token"]
    monkeypatch.setattr(sys, "stdin", StringIO(token + ending))
    assert report_of("inspect_token", "-") == report_of("inspect_token", token)


def test_certificate_rotation_is_reported_by_setting(settings: Settings, issued: Any) -> None:
    token, current = issued["agora"]["rtc_token"], settings.AGORA_APP_CERTIFICATE
    settings.AGORA_APP_CERTIFICATE, settings.AGORA_APP_CERTIFICATE_RETIRING = OLD_CERTIFICATE, [current]
    retiring = report_of("inspect_token", token)
    assert (retiring["signed_with"], retiring["problems"]) == ("AGORA_APP_CERTIFICATE_RETIRING", [])
    settings.AGORA_APP_CERTIFICATE_RETIRING = []
    retired = report_of("inspect_token", token)
    assert (retired["signed_with"], retired["problems"]) == (
        None,
        ["It was signed with another certificate, or changed afterwards."],
    )


def test_token_of_the_identity_provider_is_no_ticket() -> None:
    report = report_of("inspect_token", identity_token("carol"))
    assert (report["format"], report["problems"]) == ("jwt", ["The ticket is not one of ours."])


def test_token_that_is_cut_short_is_reported(issued: Any) -> None:
    report = report_of("inspect_token", issued["agora"]["rtc_token"][:-4])
    assert report == {
        "format": "007",
        "problems": ["The token cannot be read: its body is cut short or too long."],
    }


@pytest.mark.parametrize("token", ["", "hello", "008abc", "a.b.c", "\udcff"])
def test_text_that_is_no_token_is_an_error(token: str) -> None:
    assert failure_of("inspect_token", token) == NEITHER


def test_nothing_on_standard_input_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("\n"))
    assert failure_of("inspect_token", "-") == NEITHER
