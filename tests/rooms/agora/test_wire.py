import hmac
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.agora import Malformed
from rooms.agora.wire import Reader, hmac_sha256, pack_int16, pack_string

Read = Callable[[Reader], Any]

FIELDS = [
    pytest.param(Reader.uint16, b"\x02\x01", 0x0102, id="uint16"),
    pytest.param(Reader.int16, b"\xff\xff", -1, id="int16"),
    pytest.param(Reader.uint32, b"\x04\x03\x02\x01", 0x01020304, id="uint32"),
    pytest.param(Reader.string, b"\x03\x00a\xffb", b"a\xffb", id="string"),
    pytest.param(Reader.text, b"\x03\x00\xc3\xa9b", "éb", id="text"),
    pytest.param(
        Reader.privileges,
        b"\x02\x00" + b"\x01\x00\x10\x0e\x00\x00" + b"\x04\x00\xff\xff\xff\xff",
        {1: 3600, 4: 2**32 - 1},
        id="privileges",
    ),
]


@pytest.mark.parametrize(("read", "data", "value"), FIELDS)
def test_reader_reads_a_field_and_leaves_the_rest(read: Read, data: bytes, value: object) -> None:
    reader = Reader(data + b"rest")

    assert read(reader) == value
    assert reader.rest() == b"rest"


@pytest.mark.parametrize(("read", "data", "value"), FIELDS)
def test_reader_refuses_a_field_that_is_cut_anywhere(read: Read, data: bytes, value: object) -> None:
    refused = []
    for length in range(len(data)):
        with pytest.raises(Malformed) as error:
            read(Reader(data[:length]))
        refused.append(str(error.value))

    assert refused == ["it ends in the middle of a field"] * len(data)


def test_reader_refuses_text_that_is_not_utf8() -> None:
    with pytest.raises(Malformed, match=r"^a string in it is not UTF-8$"):
        Reader(b"\x01\x00\xff").text()


def test_reader_stops_at_the_end_of_a_long_list_of_privileges() -> None:
    with pytest.raises(Malformed, match=r"^it ends in the middle of a field$"):
        Reader(b"\xff\xff" + b"\x01\x00\x10\x0e\x00\x00").privileges()


def test_reader_reads_fields_in_turn() -> None:
    reader = Reader(pack_string("algebra-1") + pack_string("") + pack_int16(-1))

    assert (reader.text(), reader.string(), reader.int16(), reader.rest()) == ("algebra-1", b"", -1, b"")


@settings(deadline=None)
@given(st.text(max_size=300), st.integers(-(2**15), 2**15 - 1))
def test_packed_values_are_read_back(text: str, number: int) -> None:
    reader = Reader(pack_string(text) + pack_int16(number))

    assert (reader.text(), reader.int16(), reader.rest()) == (text, number, b"")


@settings(deadline=None)
@given(st.binary(max_size=64), st.binary(max_size=300))
def test_hmac_is_the_standard_librarys_for_keys_up_to_a_block(key: bytes, message: bytes) -> None:
    assert hmac_sha256(key, message) == hmac.digest(key, message, "sha256")


def test_hmac_of_a_full_block_is_the_standard_librarys() -> None:
    assert hmac_sha256(b"\xff" * 64, b"") == hmac.digest(b"\xff" * 64, b"", "sha256")
