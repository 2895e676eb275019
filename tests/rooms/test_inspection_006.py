"""Inspecting 006 tokens, which hold only checksums of their names."""

from collections.abc import Mapping
from typing import Any

import pytest
from pytest_django import Settings

from rooms.inspection import inspect
from tests.rooms.agora.samples import APP_ID, CERTIFICATE, OLD_CERTIFICATE
from tests.rooms.foreign_tokens import DAY, HOUR, NOW, token_006
from tests.rooms.inspecting import wildcard

NAMES = {"channel": "algebra-1", "uid": "k3f"}
NEEDS_BOTH = "Its signature covers names it does not show: give --channel and --uid to verify it."
NEEDS_UID = "Its signature covers names it does not show: give --uid to verify it."
OTHER_SIGNER = "It was signed with another certificate, for another user or channel, or changed."
GOOD: dict[str, Any] = {
    "format": "006",
    "app_id": APP_ID,
    "expires_at": "2027-01-15T09:00:00Z",
    "signed_with": "AGORA_APP_CERTIFICATE",
    "service": "rtc",
    "privileges": "1 until 2027-01-15T09:00:00Z",
    "problems": [],
}
GOOD_RTM = {**GOOD, "service": "rtm", "privileges": "1000 until 2027-01-15T09:00:00Z"}


def rtm_006(user_id: str = "k3f", **changes: Any) -> str:
    return token_006(user_id, "", {1000: NOW + HOUR}, **changes)


def problems(token: str, names: Mapping[str, str] = NAMES, now: int = NOW) -> Any:
    report = inspect(token, now=now, **names)
    assert report is not None
    assert CERTIFICATE not in str(report)
    return report["problems"]


def test_valid_token_is_reported_in_full() -> None:
    assert inspect(token_006(), now=NOW, **NAMES) == GOOD


@pytest.mark.parametrize("names", [{}, {"uid": "k3f"}, {"channel": "algebra-1"}], ids=repr)
def test_token_is_not_verified_without_both_names(names: dict[str, str]) -> None:
    assert inspect(token_006(), now=NOW, **names) == {**GOOD, "signed_with": None, "problems": [NEEDS_BOTH]}


def test_number_is_expected_by_its_digits() -> None:
    assert problems(token_006(uid=42), {**NAMES, "uid": "42"}) == []


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({**NAMES, "uid": "k3g"}, ["Its rtc uid is not k3g.", OTHER_SIGNER]),
        ({**NAMES, "channel": "algebra-2"}, ["Its rtc channel is not algebra-2.", OTHER_SIGNER]),
        ({"uid": "k3g"}, ["Its rtc uid is not k3g.", NEEDS_BOTH]),
        ({"channel": "algebra-2"}, ["Its rtc channel is not algebra-2.", NEEDS_BOTH]),
        (
            {"channel": "a", "uid": "b"},
            ["Its rtc channel is not a.", "Its rtc uid is not b.", OTHER_SIGNER],
        ),
    ],
)
def test_names_other_than_expected_are_problems(names: dict[str, str], said: list[str]) -> None:
    assert problems(token_006(), names) == said


def test_valid_signaling_token_is_reported_in_full() -> None:
    assert inspect(rtm_006(), now=NOW, uid="k3f") == GOOD_RTM
    assert inspect(rtm_006(), now=NOW, **NAMES) == GOOD_RTM


def test_token_of_signaling_is_not_verified_without_its_user_id() -> None:
    for names in ({}, {"channel": "algebra-1"}):
        report = inspect(rtm_006(), now=NOW, **names)
        assert report == {**GOOD_RTM, "signed_with": None, "problems": [NEEDS_UID]}


def test_token_of_signaling_for_another_user_is_a_problem() -> None:
    assert problems(rtm_006(), {"uid": "k3g"}) == ["Its rtm user_id is not k3g.", OTHER_SIGNER]


def test_other_app_id_is_a_problem() -> None:
    assert inspect(token_006(app_id="0" * 32), now=NOW, **NAMES) == {
        **GOOD,
        "app_id": "0" * 32,
        "problems": [f"It is for another app id than ours, {APP_ID}."],
    }


def test_other_certificate_is_a_problem() -> None:
    for token, good in ((token_006, GOOD), (rtm_006, GOOD_RTM)):
        report = inspect(token(certificate=OLD_CERTIFICATE), now=NOW, **NAMES)
        assert report == {**good, "signed_with": None, "problems": [OTHER_SIGNER]}


def test_retiring_certificate_is_named_without_a_problem(settings: Settings) -> None:
    settings.AGORA_APP_CERTIFICATE_RETIRING = ["0" * 32, OLD_CERTIFICATE]
    report = inspect(token_006(certificate=OLD_CERTIFICATE), now=NOW, **NAMES)
    assert report == {**GOOD, "signed_with": "AGORA_APP_CERTIFICATE_RETIRING"}


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (NOW, []),
        (NOW + HOUR - 1, []),
        (NOW + HOUR, ["It expired 0 s ago."]),
        (NOW + HOUR + 60, ["It expired 60 s ago."]),
    ],
)
def test_time_after_its_end_is_a_problem(now: int, said: list[str]) -> None:
    assert problems(token_006(), now=now) == said


def test_end_more_than_a_day_away_is_a_clock_ahead() -> None:
    token = token_006(ends={1: NOW + 2 * DAY})
    assert problems(token) == []
    assert problems(token, now=NOW - 90) == ["It was issued 90 s in the future: some clock is off."]


def test_privilege_that_never_ends_is_a_problem() -> None:
    token = token_006(ends={1: 0, 2: NOW + HOUR})
    assert inspect(token, now=NOW, **NAMES) == {
        **GOOD,
        "privileges": "1 for good, 2 until 2027-01-15T09:00:00Z",
        "problems": ["Its privilege 1 never ends."],
    }


@pytest.mark.parametrize(
    ("channel", "uid", "said"),
    [
        ("*", "k3f", [wildcard("rtc channel")]),
        ("", "k3f", [wildcard("rtc channel")]),
        ("algebra-1", 0, [wildcard("rtc uid")]),
        ("algebra-1", "0", [wildcard("rtc uid")]),
        ("algebra-1", "*", [wildcard("rtc uid")]),
        ("", 0, [wildcard("rtc channel"), wildcard("rtc uid")]),
    ],
)
def test_wildcard_is_a_problem(channel: str, uid: int | str, said: list[str]) -> None:
    token = token_006(channel, uid)
    assert problems(token, {}) == [*said, NEEDS_BOTH]
    # With the names it was signed for, the signature can be verified.
    assert problems(token, {"channel": channel, "uid": str(uid or "")}) == said


@pytest.mark.parametrize("user_id", ["", "*"])
def test_wildcard_of_signaling_is_a_problem(user_id: str) -> None:
    assert problems(rtm_006(user_id), {"uid": user_id}) == [wildcard("rtm user_id")]
    assert problems(rtm_006(user_id), {"uid": "k3f"}) == [wildcard("rtm user_id"), OTHER_SIGNER]
