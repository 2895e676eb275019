from base64 import b64decode, b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.agora import Malformed
from rooms.agora.access_token import parse, sign
from rooms.agora.wire import Reader
from tests.rooms.agora.refusals import malformed
from tests.rooms.agora.samples import APP_006, APP_ID, CERTIFICATE, MOMENT, RTC

TOKEN = sign(APP_006, RTC, **MOMENT)
BODY = b64decode(TOKEN[35:])
AFTER_SIGNATURE = 34
MESSAGE = AFTER_SIGNATURE + 2 * 4 + 2


def token_of(body: bytes) -> str:
    return f"006{APP_ID}{b64encode(body).decode()}"


def verdict(token: str) -> str:
    """The result of verifying with the channel and the uid."""
    try:
        read = parse(token)
    except Malformed:
        return "malformed"
    if not read.signed_by(CERTIFICATE, "algebra-1", "k3f"):
        return "not signed"
    return "good" if read.names_channel("algebra-1") and read.names_uid("k3f") else "of others"


def test_honest_token_is_good() -> None:
    assert token_of(BODY) == TOKEN
    assert verdict(TOKEN) == "good"
    assert Reader(BODY[MESSAGE:]).rest() == parse(TOKEN).message


@pytest.mark.parametrize("by", [0x01, 0x02, 0x20, 0x80, 0xFF])
def test_changed_byte_makes_the_token_useless(by: int) -> None:
    verdicts = [
        verdict(token_of(BODY[:position] + bytes([BODY[position] ^ by]) + BODY[position + 1 :]))
        for position in range(len(BODY))
    ]

    assert "good" not in verdicts
    assert set(verdicts[2:AFTER_SIGNATURE]) == {"not signed"}
    assert set(verdicts[AFTER_SIGNATURE : AFTER_SIGNATURE + 8]) == {"of others"}
    assert set(verdicts[MESSAGE:]) <= {"not signed", "malformed"}


def test_changed_app_id_invalidates_the_signature() -> None:
    assert verdict(TOKEN.replace(APP_ID, "0" * 32)) == "not signed"
    assert verdict(TOKEN.replace(APP_ID, APP_ID.upper())) == "not signed"


def test_token_that_is_cut_anywhere_is_malformed() -> None:
    assert {verdict(TOKEN[:length]) for length in range(len(TOKEN))} == {"malformed"}
    assert {verdict(token_of(BODY[:length])) for length in range(len(BODY))} == {"malformed"}


@pytest.mark.parametrize("token", ["", "0", "007", "007" + TOKEN[3:], TOKEN[3:], " " + TOKEN])
def test_text_without_the_version_in_front_is_malformed(token: str) -> None:
    assert malformed(parse, token) == "it does not start with 006"


@pytest.mark.parametrize("more", ["!", "=A", "\n", "é", "\ud800", "-_"], ids=ascii)
def test_body_that_is_no_base64_is_malformed(more: str) -> None:
    assert malformed(parse, TOKEN + more) == "its body is not base64"


@pytest.mark.parametrize("character", ["\ud800", "é", "\0", "g", " "], ids=ascii)
def test_app_id_that_is_not_hexadecimal_is_malformed_or_not_signed(character: str) -> None:
    assert verdict(TOKEN.replace(APP_ID, character + APP_ID[1:])) in {"malformed", "not signed"}


@settings(deadline=None, max_examples=200)
@given(st.text(), st.binary(max_size=300))
def test_arbitrary_input_is_never_good(text: str, data: bytes) -> None:
    assert verdict(text) == "malformed"
    assert verdict(f"006{APP_ID}{text}") == "malformed"
    assert verdict(token_of(data)) in {"not signed", "malformed"}
    assert verdict(token_of(BODY[:AFTER_SIGNATURE] + data)) in {"not signed", "malformed"}


@settings(deadline=None, max_examples=200)
@given(st.text(st.characters(exclude_categories=()), min_size=32, max_size=32))
def test_arbitrary_app_id_is_never_good(app_id: str) -> None:
    assert verdict("006" + app_id + TOKEN[35:]) in {"not signed", "malformed"}


@settings(deadline=None, max_examples=200)
@given(st.integers(0, len(BODY) - 1), st.binary(min_size=1, max_size=40))
def test_bytes_written_over_any_part_are_never_good(position: int, data: bytes) -> None:
    crafted = BODY[:position] + data + BODY[position + len(data) :]

    assert (verdict(token_of(crafted)) == "good") is (crafted[: len(BODY)] == BODY)
