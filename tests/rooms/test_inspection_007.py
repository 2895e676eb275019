"""Inspecting 007 tokens, our own and foreign ones."""

from typing import Any

import pytest
from pytest_django import Settings

from rooms.agora import Apaas, Chat, Rtm, access_token2
from rooms.inspection import inspect
from tests.rooms.agora.samples import APP, APP_ID, CERTIFICATE, OLD_CERTIFICATE, SERVICES, body, token_of
from tests.rooms.foreign_tokens import HOUR, NOW, rtc, rtm, token_007
from tests.rooms.inspecting import wildcard

OTHER_SIGNER = "It was signed with another certificate, or changed afterwards."
GOOD: dict[str, Any] = {
    "format": "007",
    "app_id": APP_ID,
    "issued_at": "2027-01-15T08:00:00Z",
    "expires_at": "2027-01-15T09:00:00Z",
    "signed_with": "AGORA_APP_CERTIFICATE",
    "services": {
        "rtc": {"channel": "algebra-1", "uid": "k3f", "privileges": "1 for 3600 s"},
        "rtm": {"user_id": "k3f", "privileges": "1 for 3600 s"},
    },
    "problems": [],
}


def problems(token: str, now: int = NOW, **expected: str) -> Any:
    report = inspect(token, now=now, **expected)
    assert report is not None
    assert CERTIFICATE not in str(report)
    return report["problems"]


@pytest.mark.parametrize("names", [{}, {"uid": "k3f"}, {"channel": "algebra-1"}], ids=repr)
def test_valid_token_is_reported_in_full(names: dict[str, str]) -> None:
    assert inspect(token_007(), now=NOW, **names) == GOOD


def test_every_service_is_reported() -> None:
    token = access_token2.sign(APP, SERVICES, issued_at=NOW, expires_in=HOUR, salt=1)
    assert inspect(token, now=NOW) == {
        **GOOD,
        "services": {
            "rtc": {
                "channel": "algebra-1",
                "uid": "k3f",
                "privileges": "1 for 3600 s, 2 for 3600 s, 3 for 3600 s, 4 for 3600 s",
            },
            "rtm": {"user_id": "k3f", "privileges": "1 for 3600 s"},
            "chat": {
                "user_id": "1f3870be274f6c49b3e31a0c6728957f",
                "privileges": "1 for 3600 s, 2 for 3600 s",
            },
            "apaas": {
                "room_uuid": "algebra-1",
                "user_uuid": "k3f",
                "role": 2,
                "privileges": "1 for 3600 s, 2 for 3600 s, 3 for 3600 s",
            },
        },
    }


def test_other_app_id_is_a_problem() -> None:
    token = token_007(app_id="0" * 32)
    assert inspect(token, now=NOW) == {
        **GOOD,
        "app_id": "0" * 32,
        "problems": [f"It is for another app id than ours, {APP_ID}."],
    }


def test_app_id_in_capitals_is_accepted() -> None:
    assert problems(token_007(app_id=APP_ID.upper())) == []


def test_other_certificate_is_a_problem() -> None:
    token = token_007(certificate=OLD_CERTIFICATE)
    assert inspect(token, now=NOW) == {**GOOD, "signed_with": None, "problems": [OTHER_SIGNER]}


def test_retiring_certificate_is_named_without_a_problem(settings: Settings) -> None:
    settings.AGORA_APP_CERTIFICATE_RETIRING = ["0" * 32, OLD_CERTIFICATE]
    token = token_007(certificate=OLD_CERTIFICATE)
    assert inspect(token, now=NOW) == {**GOOD, "signed_with": "AGORA_APP_CERTIFICATE_RETIRING"}


def test_change_after_signing_is_a_problem() -> None:
    changed = token_of(body(token_007()).replace(b"algebra-1", b"algebra-2"))
    assert problems(changed, channel="algebra-2") == [OTHER_SIGNER]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (NOW - 90, ["It was issued 90 s in the future: some clock is off."]),
        (NOW, []),
        (NOW + HOUR - 1, []),
        (NOW + HOUR, ["It expired 0 s ago."]),
        (NOW + HOUR + 60, ["It expired 60 s ago."]),
    ],
)
def test_time_outside_its_lifetime_is_a_problem(now: int, said: list[str]) -> None:
    assert problems(token_007(), now) == said


@pytest.mark.parametrize("expires_in", [0, 86401, 2_592_000])
def test_lifetime_that_agora_caps_is_a_problem(expires_in: int) -> None:
    said = f"It says it lives for {expires_in} s, which Agora counts as 24 h."
    token = token_007(expires_in=expires_in)
    assert inspect(token, now=NOW + 86399) == {
        **GOOD,
        "expires_at": "2027-01-16T08:00:00Z",
        "problems": [
            said,
            "Its rtc privilege 1 ended 82799 s ago, before the token.",
            "Its rtm privilege 1 ended 82799 s ago, before the token.",
        ],
    }
    assert problems(token, NOW + 86400) == ["It expired 0 s ago.", said]


def test_names_other_than_expected_are_problems() -> None:
    assert problems(token_007(), channel="algebra-2", uid="k3g") == [
        "Its uid is k3f, not k3g.",
        "Its channel is algebra-1, not algebra-2.",
    ]


def test_number_is_expected_by_its_digits() -> None:
    token = token_007(rtc(uid=42), rtm())
    assert problems(token, uid="42") == []
    assert problems(token, uid="43") == ["Its uid is 42, not 43."]


def test_signaling_alone_is_expected_by_its_user_id() -> None:
    token = token_007(rtm("k3f"))
    assert problems(token, uid="k3f", channel="algebra-1") == []
    assert problems(token, uid="k3g") == ["Its uid is k3f, not k3g."]


def test_classroom_is_expected_by_its_room_and_its_user() -> None:
    services = Rtm("signaling-name"), Chat("chat-name"), Apaas("algebra-1", "k3f", 0)
    token = access_token2.sign(APP, services, issued_at=NOW, expires_in=HOUR, salt=1)
    assert problems(token, uid="k3f", channel="algebra-1") == []
    assert problems(token, uid="signaling-name", channel="algebra-2") == [
        "Its uid is k3f, not signaling-name.",
        "Its channel is algebra-1, not algebra-2.",
    ]


@pytest.mark.parametrize(
    ("channel", "uid", "said"),
    [
        ("*", "k3f", [wildcard("rtc channel")]),
        ("", "k3f", [wildcard("rtc channel")]),
        ("algebra-*", "k3f", [wildcard("rtc channel")]),
        ("algebra-1", 0, [wildcard("rtc uid")]),
        ("algebra-1", "0", [wildcard("rtc uid")]),
        ("algebra-1", "*", [wildcard("rtc uid")]),
        ("algebra-1", "1*a*2", [wildcard("rtc uid")]),
        ("*", 0, [wildcard("rtc channel"), wildcard("rtc uid")]),
        ("0", "10", []),
    ],
)
def test_wildcard_is_a_problem(channel: str, uid: int | str, said: list[str]) -> None:
    assert problems(token_007(rtc(channel, uid), rtm())) == said


@pytest.mark.parametrize("user_id", ["", "*", "k3*"])
def test_wildcard_of_signaling_is_a_problem(user_id: str) -> None:
    assert problems(token_007(rtc(), rtm(user_id))) == [wildcard("rtm user_id")]


def test_wildcard_is_not_the_name_that_was_expected() -> None:
    assert problems(token_007(rtc("", 0)), channel="algebra-1", uid="k3f") == [
        wildcard("rtc channel"),
        wildcard("rtc uid"),
        "Its uid is empty, not k3f.",
        "Its channel is empty, not algebra-1.",
    ]


def test_privilege_that_outlives_the_token_or_never_ends_is_a_problem() -> None:
    token = token_007(rtc(ends={1: HOUR + 1, 2: HOUR, 3: 0, 4: 60}), rtm(ends={1: 0}))
    assert problems(token) == [
        "Its rtc privilege 1 outlives the token.",
        "Its rtc privilege 3 never ends.",
        "Its rtm privilege 1 never ends.",
    ]


def test_privilege_that_ended_before_the_token_is_a_problem() -> None:
    token = token_007(rtc(ends={1: HOUR, 2: 60}))
    assert problems(token, NOW + 59) == []
    assert problems(token, NOW + 70) == ["Its rtc privilege 2 ended 10 s ago, before the token."]
    assert problems(token, NOW + HOUR) == ["It expired 0 s ago."]


def test_every_problem_is_reported() -> None:
    token = token_007(rtc("*", "k3f", {1: 0}), app_id="0" * 32, certificate="0" * 32, issued_at=NOW + 5)
    assert problems(token, uid="bob") == [
        f"It is for another app id than ours, {APP_ID}.",
        OTHER_SIGNER,
        "It was issued 5 s in the future: some clock is off.",
        wildcard("rtc channel"),
        "Its uid is k3f, not bob.",
        "Its rtc privilege 1 never ends.",
    ]
