"""Inspecting arbitrary input never fails."""

from base64 import b64encode

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rooms.inspection import inspect
from tests.rooms.agora.samples import APP_ID, body, token_of
from tests.rooms.foreign_tokens import NOW, token_006, token_007, unsigned_jwt

PLENTY = hypothesis_settings(deadline=None, max_examples=200)


@pytest.mark.parametrize(
    "token", ["", " ", "hello", "005abc", "00", "a.b", "a.b.c", "...", "\udcff", "é.é.é"]
)
def test_text_of_another_format_is_no_token(token: str) -> None:
    assert inspect(token, now=NOW) is None


@pytest.mark.parametrize("claims", [b"[]", b'"bob"', b"nothing", b"[" * 5000, b'{"a":' * 5000])
def test_jwt_without_claims_is_no_token(claims: bytes) -> None:
    assert inspect(unsigned_jwt(claims), now=NOW) is None


@pytest.mark.parametrize("length", [3, 20, 35, 36, 80, -4, -1])
@pytest.mark.parametrize("token", [token_006(), token_007()], ids=["006", "007"])
def test_truncated_token_is_reported_as_unreadable(token: str, length: int) -> None:
    report = inspect(token[:length], now=NOW)
    assert report is not None
    (said,) = report["problems"]
    assert report == {"format": token[:3], "problems": [said]}
    assert said.startswith("The token cannot be read: ")


@PLENTY
@given(st.sampled_from(["", "006", "007", "e30."]), st.text(st.characters(categories=None)))
@example("006", "\udcff" * 40)
@example("007", "\udcff")
def test_arbitrary_text_is_no_token_or_has_problems(start: str, text: str) -> None:
    report = inspect(start + text, now=NOW)
    assert report is None or report["problems"]


@PLENTY
@given(st.binary())
@example(body(token_007())[:-1])
def test_arbitrary_content_is_reported(data: bytes) -> None:
    for token in (token_of(data), f"006{APP_ID}{b64encode(data).decode()}"):
        report = inspect(token, now=NOW)
        assert report is not None
        assert (report["format"], report["problems"] != []) == (token[:3], True)
