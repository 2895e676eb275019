import hmac
import re
from base64 import b32encode, b64decode
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.agora import names
from rooms.channel import MediaKey, alias, media_key, new_name, new_secret, screen_alias
from rooms.models import user_id_pattern

SECRET, NEXT_SECRET = b"s" * 32, b"t" * 32
USER_IDS = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=255)


def base32_of(key: bytes, message: bytes) -> str:
    return b32encode(hmac.new(key, message, sha256).digest()).decode().lower()


def test_alias_is_twenty_base32_characters_that_stay_the_same() -> None:
    assert alias(SECRET, "u-42") == alias(SECRET, "u-42") == "kiolxmza2mxpyq6u5ygy"
    assert alias(SECRET, "u-42") == base32_of(SECRET, b"u-42")[:20]
    assert alias(SECRET, "zoë") == base32_of(SECRET, b"zo\xc3\xab")[:20]


def test_alias_of_the_screen_is_another_one_that_stays_the_same_too() -> None:
    assert screen_alias(SECRET, "u-42") == screen_alias(SECRET, "u-42") == "bjdwxq3bysdt5byifiiu"
    assert screen_alias(SECRET, "u-42") != alias(SECRET, "u-42")


def test_aliases_differ_between_users_channels_and_screens() -> None:
    aliases = [
        of(secret, user_id)
        for of in (alias, screen_alias)
        for secret in (SECRET, NEXT_SECRET)
        for user_id in ("u-42", "U-42", "u-43", "u-4", "2")
    ]

    assert len(set(aliases)) == len(aliases) == 20


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32), USER_IDS)
def test_alias_of_any_user_is_a_name_that_agora_takes(secret: bytes, user_id: str) -> None:
    for name in alias(secret, user_id), screen_alias(secret, user_id):
        names.check_uid(name)
        names.check_user_id("rtm_user_id", name)

        assert re.fullmatch(r"[a-z2-7]{20}", name)


def test_media_key_is_the_same_for_everybody_in_the_channel() -> None:
    assert media_key(SECRET) == media_key(SECRET)
    assert media_key(SECRET) == MediaKey(
        "m2hnnu7hrilbwgu2qxemu5h742rpmhwt", "MkYAeCkr/pQVGJvm1K9XAnQ3nWMIPeZ4CEk+I64P3TY="
    )


def test_media_key_of_another_channel_has_nothing_in_common() -> None:
    first, second = media_key(SECRET), media_key(NEXT_SECRET)

    assert (first.secret == second.secret, first.salt == second.salt) == (False, False)


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32))
def test_media_key_of_any_channel_has_the_form_that_agoras_sdk_takes(secret: bytes) -> None:
    key = media_key(secret)

    assert re.fullmatch(r"[a-z2-7]{32}", key.secret)
    assert len(b64decode(key.salt, validate=True)) == 32


def test_media_key_is_not_shown() -> None:
    assert repr(media_key(SECRET)) == "MediaKey()"


def test_new_names_are_22_letters_and_digits_and_never_the_same() -> None:
    made = [new_name() for _ in range(1000)]

    assert {bool(re.fullmatch(r"[a-zA-Z0-9]{22}", name)) for name in made} == {True}
    assert len(set(made)) == 1000


def test_new_secrets_are_32_bytes_and_never_the_same() -> None:
    made = [new_secret() for _ in range(1000)]

    assert {len(secret) for secret in made} == {32}
    assert len(set(made)) == 1000


@pytest.mark.parametrize("user_id", ["\0screen", "\0media key", "\0media salt"])
def test_media_key_and_screen_are_derived_from_what_is_no_user_id(user_id: str) -> None:
    assert user_id_pattern.match(user_id) is None
