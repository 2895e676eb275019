import tracemalloc
import zlib
from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.agora import Malformed
from rooms.agora.access_token2 import parse, sign
from tests.rooms.agora.refusals import malformed
from tests.rooms.agora.samples import APP, CERTIFICATE, MOMENT, OLD_CERTIFICATE, SERVICES, body, token_of

TOKEN = sign(APP, SERVICES, **MOMENT)
BODY = body(TOKEN)
SERVICES_START = 34 + 34 + 3 * 4 + 2  # Signature, app id, three numbers, how many services.
SIGNED = slice(34, None)  # What follows the signature and its length.


def verdict(token: str) -> str:
    try:
        return "signed" if parse(token).signed_by(CERTIFICATE) else "not signed"
    except Malformed:
        return "malformed"


def changed(data: bytes, position: int, by: int) -> bytes:
    return data[:position] + bytes([data[position] ^ by]) + data[position + 1 :]


def test_token_packed_anew_is_still_signed() -> None:
    assert verdict(token_of(BODY)) == "signed"
    assert parse(token_of(BODY)) == parse(TOKEN)


@pytest.mark.parametrize("by", [0x01, 0x02, 0x20, 0x80, 0xFF])
def test_changed_byte_invalidates_the_signature(by: int) -> None:
    verdicts = [verdict(token_of(changed(BODY, position, by))) for position in range(len(BODY))]

    assert set(verdicts) == {"not signed", "malformed"}
    # The bytes of the signature, names and times can change without breaking the format.
    assert set(verdicts[2:34]) == {"not signed"}


def test_body_that_is_cut_anywhere_is_malformed() -> None:
    assert {verdict(token_of(BODY[:length])) for length in range(len(BODY))} == {"malformed"}


@pytest.mark.parametrize("more", [b"\0", b"\x01\x00", BODY[SIGNED], BODY])
def test_body_with_trailing_data_is_not_signed(more: bytes) -> None:
    assert verdict(token_of(BODY + more)) == "not signed"


def test_token_with_a_changed_character_never_has_other_content() -> None:
    honest = parse(TOKEN)
    for position in range(len(TOKEN)):
        for character in "A", "B", "8", "/", "=", "\n", "é":
            forged = TOKEN[:position] + character + TOKEN[position + 1 :]
            if verdict(forged) == "signed":
                assert parse(forged) == honest


def test_token_that_is_cut_anywhere_is_malformed() -> None:
    assert {verdict(TOKEN[:length]) for length in range(len(TOKEN))} == {"malformed"}


@pytest.mark.parametrize("signature", [b"", b"\0" * 31, b"\0" * 32, b"\0" * 33])
def test_signature_of_any_length_can_be_wrong(signature: bytes) -> None:
    assert verdict(token_of(len(signature).to_bytes(2, "little") + signature + BODY[SIGNED])) == "not signed"


@pytest.mark.parametrize(
    "certificate", [OLD_CERTIFICATE, CERTIFICATE.upper(), CERTIFICATE[:-1], "", "é", "x" * 99]
)
def test_other_certificates_did_not_sign(certificate: str) -> None:
    assert parse(TOKEN).signed_by(certificate) is False


@pytest.mark.parametrize(
    "token", ["", "0", "00", "006", "006" + TOKEN[3:], TOKEN[3:], " " + TOKEN, "\uff10\uff10\uff17"]
)
def test_text_without_the_version_in_front_is_malformed(token: str) -> None:
    assert malformed(parse, token) == "it does not start with 007"


@pytest.mark.parametrize(
    "token",
    [
        "007!",
        "007A",
        "007é",
        "007\ud800",
        TOKEN + "=",
        TOKEN + "\n",
        TOKEN.replace("/", "_").replace("A", "-"),
    ],
    ids=ascii,
)
def test_body_that_is_no_base64_is_malformed(token: str) -> None:
    assert malformed(parse, token) == "its body is not zlib in base64"


def test_body_that_is_no_zlib_stream_is_malformed() -> None:
    assert malformed(parse, "007" + b64encode(BODY).decode()) == "its body is not zlib in base64"
    assert (
        malformed(parse, "007" + b64encode(zlib.compress(BODY, wbits=-15)).decode())
        == "its body is not zlib in base64"
    )


@pytest.mark.parametrize("more", [8193, 10_000, 100_000])
def test_body_that_unpacks_to_too_much_is_malformed(more: int) -> None:
    assert malformed(parse, token_of(bytes(more))) == "its body is cut short or too long"
    assert malformed(parse, token_of(BODY + bytes(more))) == "its body is cut short or too long"


def test_body_that_would_fill_the_memory_is_refused_early() -> None:
    bomb = token_of(bytes(30_000_000))
    tracemalloc.start()
    try:
        refused = malformed(parse, bomb)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert refused == "its body is cut short or too long"
    assert peak < 1_000_000


@pytest.mark.parametrize("number", [0, 3, 4, 6, 8, 255, 65535])
def test_service_of_an_unknown_type_is_malformed(number: int) -> None:
    crafted = BODY[:SERVICES_START] + number.to_bytes(2, "little") + BODY[SERVICES_START + 2 :]

    assert malformed(parse, token_of(crafted)) == f"it opens a service of unknown type {number}"


def test_token_that_opens_no_service_is_malformed() -> None:
    assert malformed(parse, token_of(BODY[: SERVICES_START - 2] + b"\0\0")) == "it opens no service"


@settings(deadline=None, max_examples=200)
@given(st.text())
def test_any_text_is_refused_as_malformed(text: str) -> None:
    assert verdict(text) == "malformed"
    assert verdict("007" + text) == "malformed"


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=400))
def test_any_bytes_inside_are_never_signed(data: bytes) -> None:
    assert verdict("007" + b64encode(data).decode()) == "malformed"
    assert verdict(token_of(data)) in {"not signed", "malformed"}
    assert verdict(token_of(BODY[:34] + data)) in {"not signed", "malformed"}


@settings(deadline=None, max_examples=200)
@given(st.integers(0, len(BODY) - 1), st.binary(min_size=1, max_size=40))
def test_bytes_written_over_any_part_are_never_signed(position: int, data: bytes) -> None:
    crafted = BODY[:position] + data + BODY[position + len(data) :]

    assert (verdict(token_of(crafted)) == "signed") is (crafted == BODY)
