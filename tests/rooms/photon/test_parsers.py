"""Parsing requests by their content."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.photon.parsers import Malformed, body_fields, json_object, query_fields


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"", {}),
        (b"{}", {}),
        (b'{"token": "x", "n": 1, "deep": {"a": [null]}}', {"token": "x", "n": 1, "deep": {"a": [None]}}),
        (b'\xef\xbb\xbf{"token": "x"}', {"token": "x"}),
        (b' \r\n\t{"token": "x"} ', {"token": "x"}),
        ('{"token": "é"}'.encode(), {"token": "é"}),
        (b"token=x", {"token": "x"}),
        (b"token=", {"token": ""}),
        (b"token=a%20b+c%C3%A9&key=1", {"token": "a b cé", "key": "1"}),
        ("token=é".encode(), {"token": "é"}),
    ],
)
def test_body_is_read_as_json_or_as_a_form(body: bytes, fields: object) -> None:
    assert body_fields(body) == fields


@pytest.mark.parametrize(
    "body", [b"token", b"token=x&", b"[]", b"{", b'{"a": 1} x', b"token=%ff", b"\xff=x", b"a=1&a=2", b" "]
)
def test_other_bodies_are_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        body_fields(body)


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("", {}),
        ("key=x&token=a%2Eb", {"key": "x", "token": "a.b"}),
        ("key=x&&token=y&", {"key": "x", "token": "y"}),
        ("key&token=", {"key": "", "token": ""}),
        ("key=\xc3\xa9", {"key": "é"}),
    ],
)
def test_query_is_read_as_it_comes(query: str, fields: object) -> None:
    assert query_fields(query) == fields


@pytest.mark.parametrize("query", ["a=1&a=1", "a=%ff", "a=\xff", "a=\u20ac"])
def test_other_queries_are_malformed(query: str) -> None:
    with pytest.raises(Malformed):
        query_fields(query)


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"x"', b"x", b"", b'{"a":1,"a":1}', b"1" * 5000])
def test_only_an_object_with_unique_names_is_accepted(body: bytes) -> None:
    with pytest.raises(Malformed):
        json_object(body)


@settings(deadline=None, max_examples=300)
@given(st.binary())
def test_any_bytes_are_read_or_malformed(body: bytes) -> None:
    for read in (body_fields, json_object):
        try:
            assert isinstance(read(body), dict)
        except Malformed:
            continue


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_any_object_is_read_back(fields: dict[str, object]) -> None:
    assert body_fields(json.dumps(fields).encode()) == fields
    assert json_object(json.dumps(fields, ensure_ascii=False).encode()) == fields
