"""Custom authentication: parameters, secret and answers."""

import json

import pytest

from rooms.photon import Cookie, Malformed, custom_authentication
from rooms.photon.custom_authentication import Parameters
from rooms.photon.secret import matches

COOKIE = Cookie("r" * 22, "publisher", "a" * 20)


@pytest.mark.parametrize(
    ("query", "body", "parameters"),
    [
        ("", b"", Parameters("", "")),
        ("key=k&token=t", b"", Parameters("k", "t")),
        ("key=k", b'{"token": "t"}', Parameters("k", "t")),
        ("key=k", b"token=t", Parameters("k", "t")),
        ("", b'{"token": "t", "key": "k"}', Parameters("k", "t")),
        ("key=k&token=t", b'{"token": "u", "key": "l"}', Parameters("k", "t")),
        ("key=&token=t", b"key=k", Parameters("", "t")),
        ("key=k&token=t", b'{"token": 5, "key": null}', Parameters("k", "t")),
        ("key=k&other=1", b'{"token": "t", "more": [1]}', Parameters("k", "t")),
    ],
)
def test_parameters_come_from_both_and_the_query_wins(
    query: str, body: bytes, parameters: Parameters
) -> None:
    assert custom_authentication.read(query, body) == parameters


@pytest.mark.parametrize("body", [b'{"token": 5}', b'{"token": null}', b'{"key": ["k"]}', b'{"key": true}'])
def test_parameter_that_is_no_text_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        custom_authentication.read("", body)


def test_answer_admits_under_the_alias() -> None:
    assert custom_authentication.admit(COOKIE, "Bob") == {
        "ResultCode": 1,
        "UserId": "a" * 20,
        "Nickname": "Bob",
        "AuthCookie": {"room": "r" * 22, "role": "publisher", "alias": "a" * 20},
    }


def test_answer_refuses_with_its_reason_alone() -> None:
    assert custom_authentication.refuse(2, "No.") == {"ResultCode": 2, "Message": "No."}


@pytest.mark.parametrize("character", ["x", "é", "🎓", "\0", '"', "\ud800"])
def test_answer_stays_small_whatever_the_name(character: str) -> None:
    answer = custom_authentication.admit(COOKIE, character * 1000)
    assert answer["Nickname"] == character * 36
    assert len(json.dumps(answer)) < 1000


@pytest.mark.parametrize(
    ("given", "expected", "proven"),
    [
        ("secret", "secret", True),
        ("sécret", "sécret", True),
        ("secret", "Secret", False),
        ("secre", "secret", False),
        ("", "secret", False),
        ("", "", False),
        ("x", "", False),
        ("\ud800", "secret", False),
    ],
)
def test_secret_matches_itself_only(given: str, expected: str, proven: bool) -> None:
    assert matches(given, expected) is proven
