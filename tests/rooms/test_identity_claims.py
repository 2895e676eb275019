"""The claims of a correctly signed user token."""

import json
import math
import time
from contextlib import suppress
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from rooms import identity
from rooms.callers import User
from tests.rooms.user_tokens import (
    BAD_AUDIENCE,
    BAD_ISSUER,
    BAD_TIMES,
    EXPIRED,
    NOT_SIGNED,
    SECRET,
    TOO_EARLY,
    claims,
    identity_refusal,
    token_saying,
    token_with,
)
from tokensvc.web.refusals import Refusal

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=6,
)
claim_sets = st.fixed_dictionaries(
    {},
    optional={
        "sub": json_values | st.just("alice"),
        "aud": json_values | st.just("tokensvc"),
        "exp": json_values | st.just(2**40),
        "nbf": json_values,
        "iat": json_values,
        "iss": json_values,
        "name": json_values,
        "rooms": json_values | st.dictionaries(st.text(), json_values | st.just("host")),
    },
)


@pytest.mark.parametrize("audience", [["tokensvc"], ["a", "tokensvc", "b"], ["tokensvc", "tokensvc"]])
def test_list_of_audiences_is_accepted_with_ours(audience: list[str]) -> None:
    assert identity.read(token_with(aud=audience)) == User("alice")


@pytest.mark.parametrize(
    "audience",
    [[], ["a", "b"], [["tokensvc"]], "", "tokensvc,other", 1, 0, True, {"tokensvc": 1}, [None, 1], None],
    ids=repr,
)
def test_audience_without_ours_is_refused(audience: object) -> None:
    assert identity_refusal(token_saying({**claims(), "aud": audience})) == BAD_AUDIENCE


@pytest.mark.parametrize("issuer", [None, 1, ["https://id.example"], {"https://id.example": 1}, ""], ids=repr)
def test_issuer_that_is_not_the_one_set_is_refused(settings: Settings, issuer: object) -> None:
    settings.IDENTITY_JWT_ISSUER = "https://id.example"

    assert identity_refusal(token_saying({**claims(), "iss": issuer})) == BAD_ISSUER


@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
@pytest.mark.parametrize(
    "moment", ["1", "", "tomorrow", True, False, None, [], {}, math.nan, math.inf, -math.inf], ids=repr
)
def test_time_that_is_no_number_is_refused(claim: str, moment: object) -> None:
    assert identity_refusal(token_saying({**claims(), claim: moment})) == BAD_TIMES


@pytest.mark.parametrize(("claim", "refused"), [("exp", None), ("nbf", TOO_EARLY), ("iat", TOO_EARLY)])
@pytest.mark.parametrize("number", ["1e15", "1" + "0" * 400], ids=["float", "integer"])
def test_time_far_away_is_a_time(claim: str, refused: tuple[str, str] | None, number: str) -> None:
    token = token_saying({**claims(), claim: json.loads(number)})

    if refused:
        assert identity_refusal(token) == refused
    else:
        assert identity.read(token) == User("alice")


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 5000])
def test_time_that_no_number_holds_is_refused(number: str) -> None:
    payload = json.dumps({**claims(), "exp": "?"}).replace('"?"', number)

    assert identity_refusal(jwt.api_jws.encode(payload.encode(), SECRET, "HS256"))[0] == "invalid_credentials"


@pytest.mark.parametrize("kind", [int, float])
@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_start_may_be_a_minute_ahead_and_no_more(claim: str, kind: type) -> None:
    now = time.time()

    for ahead in -3600, 0, 30, 55:
        assert identity.read(token_with(**{claim: kind(now + ahead)})) == User("alice")
    for ahead in 65, 90, 86400:
        assert identity_refusal(token_with(**{claim: kind(now + ahead)})) == TOO_EARLY


@pytest.mark.parametrize("exp", [0, -1, -1.5, -(2**70)])
def test_end_long_ago_is_an_end(exp: float) -> None:
    assert identity_refusal(token_with(exp=exp)) == EXPIRED


def test_claims_nested_too_deep_are_refused() -> None:
    payload = json.dumps(claims())[:-1].encode() + b',"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"

    assert identity_refusal(jwt.api_jws.encode(payload, SECRET, "HS256")) == NOT_SIGNED


@pytest.mark.parametrize("what", [[], "alice", 1, True, None, [{}]], ids=repr)
def test_claims_that_are_no_object_are_refused(what: object) -> None:
    assert identity_refusal(token_saying(what))[0] == "invalid_credentials"


@hypothesis_settings(deadline=None, max_examples=400)
@given(claim_sets)
def test_arbitrary_claims_make_a_user_or_a_refusal(changes: dict[str, Any]) -> None:
    for what in changes, {**claims(), **changes}:
        with suppress(Refusal):
            assert identity.read(token_saying(what)).user_id == what["sub"]
