from collections.abc import Callable
from string import ascii_letters, digits

import pytest

from rooms.agora import MAX_LIFETIME, MAX_SALT, MAX_UID, UnusableValue, limits
from tests.rooms.agora.refusals import unusable

ALLOWED = set(ascii_letters + digits + " !#$%&()+-:;<=.>?@[]^_{}|~,")

Check = Callable[[str], None]


def check_rtm(value: str) -> None:
    limits.check_user_id("rtm_user_id", value)


CHECKS = [
    pytest.param(limits.check_channel, "channel", 63, id="channel"),
    pytest.param(limits.check_uid, "uid", 255, id="account"),
    pytest.param(check_rtm, "rtm_user_id", 64, id="rtm"),
]


def accepts(check: Check, value: str) -> bool:
    try:
        check(value)
    except UnusableValue:
        return False
    return True


@pytest.mark.parametrize(("check", "field", "longest"), CHECKS)
def test_name_holds_the_89_allowed_characters_and_no_others(check: Check, field: str, longest: int) -> None:
    characters = map(chr, range(0x10000))

    assert {character for character in characters if accepts(check, f"a{character}b")} == ALLOWED
    assert len(ALLOWED) == 89


@pytest.mark.parametrize(("check", "field", "longest"), CHECKS)
def test_name_has_at_least_one_and_at_most_so_many_characters(check: Check, field: str, longest: int) -> None:
    check("a")
    check("a" * longest)

    refused = (field, f"{field} must have 1 to {longest} characters")
    assert unusable(check, "") == refused
    assert unusable(check, "a" * (longest + 1)) == refused
    assert unusable(check, "é" * (longest + 1)) == refused


@pytest.mark.parametrize("value", ["*", "a*", "*a", "1*a*2", "**", "*" * 300, "*é"])
@pytest.mark.parametrize(("check", "field", "longest"), CHECKS)
def test_name_with_a_wildcard_is_refused_as_one(check: Check, field: str, longest: int, value: str) -> None:
    assert unusable(check, value) == (field, f"{field} must not contain *: it is a wildcard")


@pytest.mark.parametrize(
    "value",
    [
        "é",
        "a\n",
        "\n",
        "a\x00",
        "a/b",
        "a\\b",
        "a'b",
        'a"b',
        "a`b",
        "\u0663",
        "\uff10",
        "\u212a",
        "🎓",
        "\ud800",
    ],
    ids=ascii,
)
@pytest.mark.parametrize(("check", "field", "longest"), CHECKS)
def test_name_with_any_other_character_is_refused(check: Check, field: str, longest: int, value: str) -> None:
    assert unusable(check, value) == (field, f"{field} has a character Agora does not allow")


@pytest.mark.parametrize("uid", [1, 2, 2**31, 2**32 - 1, "1", "00", "4294967296", "k3f"])
def test_uid_is_a_number_of_32_bits_or_an_account(uid: int | str) -> None:
    limits.check_uid(uid)


@pytest.mark.parametrize("uid", [0, -1, 2**32, 2**64, True, False])
def test_uid_that_is_no_number_of_32_bits_is_refused(uid: int) -> None:
    assert unusable(limits.check_uid, uid) == ("uid", "uid must be from 1 to 4294967295")


def test_uid_0_is_refused_as_an_account_too() -> None:
    assert unusable(limits.check_uid, "0") == ("uid", "uid must not be 0: it stands for any user")


@pytest.mark.parametrize("salt", [1, 2, 99_999_999])
def test_salt_is_from_1_to_99999999(salt: int) -> None:
    limits.check_salt(salt)


@pytest.mark.parametrize("salt", [0, -1, 100_000_000, 2**32])
def test_salt_out_of_bounds_is_refused(salt: int) -> None:
    assert unusable(limits.check_salt, salt) == ("salt", "salt must be from 1 to 99999999")


@pytest.mark.parametrize("issued_at", [1, 1_700_000_000, 2**32 - 1 - 86400])
@pytest.mark.parametrize("expires_in", [1, 120, 86400])
def test_times_fit_32_bits_and_last_at_most_a_day(issued_at: int, expires_in: int) -> None:
    limits.check_times(issued_at, expires_in)


@pytest.mark.parametrize("expires_in", [0, -1, 86401, 2**32])
def test_lifetime_out_of_bounds_is_refused(expires_in: int) -> None:
    assert unusable(limits.check_times, 1_700_000_000, expires_in) == (
        "expires_in",
        "expires_in must be from 1 to 86400 seconds",
    )


@pytest.mark.parametrize("issued_at", [0, -1, 2**32 - 86400, 2**32, 1_700_000_000_000])
def test_issue_time_out_of_bounds_is_refused(issued_at: int) -> None:
    assert unusable(limits.check_times, issued_at, 3600) == (
        "issued_at",
        "issued_at must be a Unix time that fits 32 bits",
    )


@pytest.mark.parametrize("given", [(1,), (1, 2, 3, 4), (2, 4), (4,)])
def test_privileges_are_some_of_those_known(given: tuple[int, ...]) -> None:
    limits.check_privileges(given, (1, 2, 3, 4))


@pytest.mark.parametrize("given", [(), (0,), (5,), (1, 5), (2, 1), (1, 1), (1, 2, 2), (-1,), (65537,)])
def test_privileges_unknown_doubled_or_out_of_order_are_refused(given: tuple[int, ...]) -> None:
    assert unusable(limits.check_privileges, given, (1, 2, 3, 4)) == (
        "privileges",
        "privileges must be some of (1, 2, 3, 4), in this order",
    )


def test_limits_are_agoras() -> None:
    assert (MAX_LIFETIME, MAX_SALT, MAX_UID) == (86_400, 99_999_999, 4_294_967_295)
