"""Our HS256 compared with PyJWT's, a published token, and arbitrary input."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rooms import hs256
from rooms.hs256 import Unverified
from tests.rooms.user_tokens import segment

SECRET = "a-secret-of-more-than-sixty-four-bytes-so-that-hs512-takes-it-too"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
CLAIMS: dict[str, Any] = {"sub": "zoë 🎓", "n": 1, "list": [1.5, None, True], "map": {"a": "\ud800"}}

# The example of jwt.io. RFC 7515's (appendix A.1) has a key of random bytes; ours are text.
PUBLISHED_SECRET = "your-256-bit-secret"
PUBLISHED = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
    ".eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ"
    ".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
)
PUBLISHED_CLAIMS = {"sub": "1234567890", "name": "John Doe", "iat": 1516239022}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=6,
)
json_objects = st.dictionaries(st.text(), json_values, max_size=4)
quickly = hypothesis_settings(deadline=None, max_examples=100)


def signed(header: object, payload: str, secret: str = SECRET) -> str:
    """Any header and payload with the right signature."""
    text = f"{segment(header)}.{payload}"
    return f"{text}.{hs256._signature(text.encode(), secret).decode()}"


def pyjwt_reads(token: str) -> Any:
    return json.loads(jwt.PyJWS().decode(token, SECRET, ["HS256"]))


def test_published_token_is_verified_and_reproduced() -> None:
    assert hs256.verify(PUBLISHED, PUBLISHED_SECRET) == PUBLISHED_CLAIMS
    assert hs256.sign(PUBLISHED_CLAIMS, PUBLISHED_SECRET) == PUBLISHED


@pytest.mark.parametrize("secret", [SECRET, "ключ-🔑", "k" * 500])
def test_claims_come_back_as_they_were_signed(secret: str) -> None:
    assert hs256.verify(hs256.sign(CLAIMS, secret), secret) == CLAIMS


@quickly
@given(json_objects)
def test_our_tokens_and_pyjwts_verify_each_other(claims: dict[str, Any]) -> None:
    ours = hs256.sign(claims, SECRET)

    assert pyjwt_reads(ours) == claims
    assert hs256.verify(ours, SECRET) == claims
    assert hs256.verify(jwt.PyJWS().encode(json.dumps(claims).encode(), SECRET, "HS256"), SECRET) == claims


@pytest.mark.parametrize("claims", [CLAIMS, {}, {"sub": "a"}, {"sub": "ab"}], ids=repr)
def test_token_changed_at_any_character_is_refused(claims: dict[str, Any]) -> None:
    token = hs256.sign(claims, SECRET)

    for position, character in enumerate(token):
        for other in {"A", "B", "=", ".", "é"} - {character}:
            with pytest.raises(Unverified):
                hs256.verify(token[:position] + other + token[position + 1 :], SECRET)
        with pytest.raises(Unverified):
            hs256.verify(token[:position] + token[position + 1 :], SECRET)


def test_signature_has_one_spelling() -> None:
    token = hs256.sign(CLAIMS, SECRET)
    # 32 bytes take 43 characters: two bits of the last are unused.
    same_bytes = [token[:-1] + ALPHABET[ALPHABET.index(token[-1]) ^ bits] for bits in (1, 2, 3)]

    for spelled in *same_bytes, token + "=", token + "==", token + "\n", f" {token}", f"{token}.":
        with pytest.raises(Unverified):
            hs256.verify(spelled, SECRET)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "HS384"},
        {"alg": "HS512"},
        {"alg": "RS256"},
        {"alg": "hs256"},
        {"alg": ["HS256"]},
        {"alg": None},
        {"typ": "JWT"},
        {"alg": "HS256", "crit": ["exp"]},
        {"alg": "HS256", "crit": []},
        {"alg": "HS256", "crit": ["b64"], "b64": False},
        ["HS256"],
        "HS256",
        None,
    ],
    ids=repr,
)
def test_header_that_asks_for_anything_else_is_refused(header: object) -> None:
    with pytest.raises(Unverified):
        hs256.verify(signed(header, segment(CLAIMS)), SECRET)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_token_of_another_algorithm_is_refused(algorithm: str) -> None:
    with pytest.raises(Unverified):
        hs256.verify(jwt.encode({"sub": "alice"}, SECRET, algorithm), SECRET)


@pytest.mark.parametrize("header", [{"alg": "HS256"}, {"kid": "1", "typ": "at+jwt", "alg": "HS256"}])
def test_header_may_have_other_fields_beside_hs256(header: object) -> None:
    assert hs256.verify(signed(header, segment(CLAIMS)), SECRET) == CLAIMS


@pytest.mark.parametrize("secret", ["", SECRET + "x", SECRET[:-1], SECRET.upper(), SECRET + " "])
def test_token_of_another_secret_is_refused(secret: str) -> None:
    with pytest.raises(Unverified):
        hs256.verify(hs256.sign(CLAIMS, secret), SECRET)


@pytest.mark.parametrize("value", [[], [CLAIMS], "sub", 1, True, None], ids=repr)
def test_payload_that_is_no_object_is_refused(value: object) -> None:
    with pytest.raises(Unverified, match="it holds no claims"):
        hs256.verify(signed({"alg": "HS256"}, segment(value)), SECRET)


@pytest.mark.parametrize(
    "disturb", ["{}=", "{}==", ".{}", "{}.", "{}.e30", "{}\n", "+{}", "{}/", "{}A", "{}é"]
)
def test_payload_that_is_no_base64url_is_refused_though_signed(disturb: str) -> None:
    payload = segment({"a": 1})

    with pytest.raises(Unverified):
        hs256.verify(signed({"alg": "HS256"}, disturb.format(payload)), SECRET)


@pytest.mark.parametrize(
    "nested", [lambda part: f"{part}.e30", lambda part: f"{segment({'alg': 'HS256'})}.{part}"]
)
def test_json_nested_too_deep_is_refused_though_signed(nested: Callable[[str], str]) -> None:
    deep = hs256._encode(b'{"alg":"HS256","a":' + b"[" * 100_000 + b"]" * 100_000 + b"}").decode()
    text = nested(deep)

    with pytest.raises(Unverified):
        hs256.verify(f"{text}.{hs256._signature(text.encode(), SECRET).decode()}", SECRET)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "...", "a", "a.b", "é.é.é", "\ud800.a.b", "\0.\0.\0", "学.生.🎓"]
)
def test_text_that_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(Unverified):
        hs256.verify(text, SECRET)


@quickly
@given(st.text(st.characters(exclude_categories=())), st.binary())
def test_only_unverified_comes_out_of_any_text(text: str, data: bytes) -> None:
    part = hs256._encode(data).decode()
    header = segment({"alg": "HS256"})

    for token in text, f"{text}.{text}.{text}", f"{part}.{part}.{part}", f"{header}.{part}.{part}":
        with pytest.raises(Unverified):
            hs256.verify(token, SECRET)


@quickly
@given(st.binary(), st.binary())
def test_only_unverified_or_claims_come_out_of_any_bytes_that_were_signed(head: bytes, body: bytes) -> None:
    for start in head, hs256._encode(head), hs256._HEADER:
        for end in body, hs256._encode(body):
            text = (start + b"." + end).decode("latin-1")
            token = f"{text}.{hs256._signature(text.encode(), SECRET).decode()}"
            with suppress(Unverified):
                assert isinstance(hs256.verify(token, SECRET), dict)
