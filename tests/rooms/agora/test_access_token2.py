import zlib
from base64 import b64decode
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.agora import Apaas, App, Chat, Rtc, Rtm, Service
from rooms.agora.access_token2 import AccessToken2, parse, sign
from tests.rooms.agora.samples import (
    APP,
    APP_ID,
    CERTIFICATE,
    LONGEST,
    MOMENT,
    OLD_CERTIFICATE,
    RTM,
    SERVICES,
    body,
)

# agoraiotools encodes the same values to the same bytes: see test_peers.py.
KNOWN_TOKEN = (
    "007eAEBewCE/yAAGWobn2i6GK9SX1DdxeRShzmD+4nHjkTRbzIeSlywVxMgADk3MGNhMzVkZTYwYzQ0NjQ1YmJhZTh"
    "hMjE1MDYxYjMzAPFTZRAOAABOYbwAAgABAAEAAQAQDgAACQBhbGdlYnJhLTEDAGszZgIAAQABABAOAAADAGszZpgoI"
    "Ck="
)
KNOWN_SIGNATURE = "196a1b9f68ba18af525f50ddc5e452873983fb89c78e44d16f321e4a5cb05713"
KNOWN_SIGNING_INFO = b"".join(
    (
        b"\x20\x00" + APP_ID.encode(),
        b"\x00\xf1\x53\x65" + b"\x10\x0e\x00\x00" + b"\x4e\x61\xbc\x00",
        b"\x02\x00",
        b"\x01\x00" + b"\x01\x00" + b"\x01\x00\x10\x0e\x00\x00" + b"\x09\x00algebra-1" + b"\x03\x00k3f",
        b"\x02\x00" + b"\x01\x00" + b"\x01\x00\x10\x0e\x00\x00" + b"\x03\x00k3f",
    )
)

CHARACTERS = st.sampled_from("abcXYZ0189 !#$%&()+-:;<=.>?@[]^_{}|~,")
NAME = st.text(CHARACTERS, min_size=1, max_size=63)
ACCOUNT = st.text(CHARACTERS, min_size=1, max_size=255).filter(lambda account: account != "0")


def some(*known: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.sets(st.sampled_from(known), min_size=1).map(lambda chosen: tuple(sorted(chosen)))


ANY_SERVICES = st.tuples(
    st.builds(Rtc, NAME, ACCOUNT, some(1, 2, 3, 4)),
    st.builds(Rtm, NAME),
    st.builds(Chat, NAME, some(1, 2)),
    st.builds(Apaas, NAME, NAME, st.integers(0, 3), some(1, 2, 3)),
)


def test_token_of_known_values_is_the_known_token() -> None:
    token = sign(APP, [Rtc.subscriber("algebra-1", "k3f"), RTM], **MOMENT)

    assert token == KNOWN_TOKEN
    assert body(token) == b"\x20\x00" + bytes.fromhex(KNOWN_SIGNATURE) + KNOWN_SIGNING_INFO


def test_known_token_is_read_back_as_the_known_values() -> None:
    assert parse(KNOWN_TOKEN) == AccessToken2(
        app_id=APP_ID,
        issued_at=1_700_000_000,
        expires_in=3600,
        salt=12_345_678,
        services=(Rtc("algebra-1", "k3f", (1,)), Rtm("k3f", (1,))),
        expiries=({1: 3600}, {1: 3600}),
        signature=bytes.fromhex(KNOWN_SIGNATURE),
        signing_info=KNOWN_SIGNING_INFO,
    )
    assert parse(KNOWN_TOKEN).expires_at == 1_700_003_600


def test_body_is_a_zlib_stream_of_one_stored_block() -> None:
    stream = b64decode(sign(APP, SERVICES, **MOMENT)[3:], validate=True)
    content = zlib.decompress(stream)

    assert stream == b"".join(
        (
            b"\x78\x01\x01",
            len(content).to_bytes(2, "little"),
            (0xFFFF - len(content)).to_bytes(2, "little"),
            content,
            zlib.adler32(content).to_bytes(4, "big"),
        )
    )


def test_token_of_every_service_is_read_back() -> None:
    token = parse(sign(APP, SERVICES, **MOMENT))

    assert token.services == SERVICES
    assert token.expiries == (
        dict.fromkeys((1, 2, 3, 4), 3600),
        {1: 3600},
        dict.fromkeys((1, 2), 3600),
        dict.fromkeys((1, 2, 3), 3600),
    )
    assert token.signed_by(CERTIFICATE)


@settings(deadline=None, max_examples=50)
@given(
    ANY_SERVICES,
    st.integers(1, 2**32 - 1 - 86400),
    st.integers(1, 86400),
    st.integers(1, 99_999_999),
)
def test_any_token_is_read_back(
    services: tuple[Service, ...], issued_at: int, expires_in: int, salt: int
) -> None:
    token = parse(sign(APP, services, issued_at=issued_at, expires_in=expires_in, salt=salt))

    assert token == AccessToken2(
        APP_ID,
        issued_at,
        expires_in,
        salt,
        services,
        tuple(dict.fromkeys(service.privileges, expires_in) for service in services),
        token.signature,
        token.signing_info,
    )
    assert token.signed_by(CERTIFICATE)


def test_longest_names_and_largest_numbers_are_read_back() -> None:
    token = parse(sign(APP, LONGEST, issued_at=2**32 - 1 - 86400, expires_in=86400, salt=99_999_999))

    assert (token.services, token.signed_by(CERTIFICATE)) == (LONGEST, True)
    assert (token.issued_at, token.expires_at, token.salt) == (2**32 - 1 - 86400, 2**32 - 1, 99_999_999)


def test_subscriber_may_join_and_nothing_else() -> None:
    token = parse(sign(APP, [Rtc.subscriber("algebra-1", "k3f")], **MOMENT))

    assert token.services == (Rtc("algebra-1", "k3f", (1,)),)
    assert token.expiries == ({1: MOMENT["expires_in"]},)


def test_publisher_may_join_and_publish_audio_video_and_data() -> None:
    token = parse(sign(APP, [Rtc.publisher("algebra-1", "k3f")], **MOMENT))

    assert token.services == (Rtc("algebra-1", "k3f", (1, 2, 3, 4)),)
    assert token.expiries == (dict.fromkeys((1, 2, 3, 4), MOMENT["expires_in"]),)


@pytest.mark.parametrize("uid", [1, 42, 2**32 - 1])
def test_number_makes_the_token_of_the_account_with_its_digits(uid: int) -> None:
    token = sign(APP, [Rtc.publisher("algebra-1", uid)], **MOMENT)

    assert token == sign(APP, [Rtc.publisher("algebra-1", str(uid))], **MOMENT)
    assert parse(token).services == (Rtc.publisher("algebra-1", str(uid)),)


def test_services_are_packed_by_type_however_they_are_given() -> None:
    assert sign(APP, reversed(SERVICES), **MOMENT) == sign(APP, SERVICES, **MOMENT)


def test_another_salt_makes_another_token() -> None:
    tokens = [parse(sign(APP, SERVICES, **{**MOMENT, "salt": salt})) for salt in (1, 2)]

    assert tokens[0].signature != tokens[1].signature
    assert replace(tokens[0], salt=0, signature=b"", signing_info=b"") == replace(
        tokens[1], salt=0, signature=b"", signing_info=b""
    )


def test_newest_certificate_signs() -> None:
    token = sign(App(APP_ID, (CERTIFICATE, OLD_CERTIFICATE)), SERVICES, **MOMENT)

    assert token == sign(App(APP_ID, (CERTIFICATE,)), SERVICES, **MOMENT)
    assert [parse(token).signed_by(certificate) for certificate in APP.certificates] == [True, False]


def test_certificate_that_retires_still_verifies_what_it_signed() -> None:
    token = parse(sign(App(APP_ID, (OLD_CERTIFICATE,)), SERVICES, **MOMENT))

    assert [token.signed_by(certificate) for certificate in APP.certificates] == [False, True]
