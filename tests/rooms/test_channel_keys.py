import hmac
import re
from base64 import b32encode, b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.agora import limits
from rooms.channel_keys import (
    NONCE_LENGTH,
    MediaKey,
    alias,
    media_key,
    new_secret,
    screen_alias,
    seal,
    unseal,
)
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
def test_alias_of_any_user_is_accepted_by_agora(secret: bytes, user_id: str) -> None:
    for name in alias(secret, user_id), screen_alias(secret, user_id):
        limits.check_uid(name)
        limits.check_user_id("rtm_user_id", name)

        assert re.fullmatch(r"[a-z2-7]{20}", name)


def hkdf(secret: bytes, purpose: bytes, length: int) -> bytes:
    """RFC 5869 step by step, with SHA-256, no salt, and at most one block."""
    assert length <= 32
    extracted = hmac.new(b"\0" * 32, secret, sha256).digest()
    return hmac.new(extracted, purpose + b"\x01", sha256).digest()[:length]


def test_hkdf_of_these_tests_is_that_of_the_standard() -> None:
    # RFC 5869, appendix A.3: no salt, no info.
    told = hkdf(b"\x0b" * 22, b"", 32)
    assert told.hex() == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"


def test_media_key_is_the_same_for_everybody_in_the_channel() -> None:
    assert media_key(SECRET) == media_key(SECRET)
    assert media_key(SECRET) == MediaKey(
        "ZdMq1SldmEM-jL-0wtPIY2CW9jTqMbIj", "xpFGNK28SGmLSiQXgx1PF1/fHBylPWfEvAOnH0oQZaA="
    )


def test_media_key_of_another_channel_has_nothing_in_common() -> None:
    first, second = media_key(SECRET), media_key(NEXT_SECRET)

    assert (first.key == second.key, first.salt == second.salt) == (False, False)


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32))
def test_media_key_of_any_channel_is_derived_by_hkdf(secret: bytes) -> None:
    key, salt = hkdf(secret, b"tokensvc media key", 24), hkdf(secret, b"tokensvc media salt", 32)

    assert media_key(secret) == MediaKey(urlsafe_b64encode(key).decode(), b64encode(salt).decode())


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32))
def test_media_key_of_any_channel_has_the_format_of_agoras_sdk(secret: bytes) -> None:
    key = media_key(secret)

    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", key.key)
    assert len(b64decode(key.salt, validate=True)) == 32


def test_media_key_is_not_shown() -> None:
    assert repr(media_key(SECRET)) == "MediaKey()"


def test_new_secrets_are_32_bytes_and_never_the_same() -> None:
    made = [new_secret() for _ in range(1000)]

    assert {len(secret) for secret in made} == {32}
    assert len(set(made)) == 1000


def test_screen_is_derived_from_what_is_no_user_id() -> None:
    assert user_id_pattern.match("\0screen") is None
    assert screen_alias(SECRET, "u-42") == base32_of(hmac.digest(SECRET, b"\0screen", "sha256"), b"u-42")[:20]


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32), USER_IDS, st.binary(min_size=NONCE_LENGTH, max_size=NONCE_LENGTH))
def test_sealed_user_id_is_read_with_the_same_secret_only(secret: bytes, user_id: str, nonce: bytes) -> None:
    sealed = seal(secret, user_id, nonce)
    assert unseal(secret, sealed) == user_id
    with pytest.raises(ValueError, match=r"^it was sealed with another secret$"):
        unseal(bytes(32) if any(secret) else bytes([1] * 32), sealed)


@pytest.mark.parametrize("place", [0, NONCE_LENGTH, -1])
def test_sealed_user_id_that_was_changed_is_not_read(place: int) -> None:
    data = bytearray(urlsafe_b64decode(seal(SECRET, "ada", bytes(NONCE_LENGTH))))
    data[place] ^= 1
    with pytest.raises(ValueError, match=r"^it was sealed with another secret$"):
        unseal(SECRET, urlsafe_b64encode(data).decode())
