"""User tokens signed with the secret shared with the identity provider."""

import time
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from rooms import identity
from rooms.callers import User
from rooms.roles import Role
from tests.rooms.user_tokens import (
    BAD_AUDIENCE,
    BAD_ISSUER,
    BAD_NAME,
    BAD_ROOMS,
    BAD_SUB,
    BAD_TIMES,
    EXPIRED,
    NOT_SIGNED,
    SECRET,
    TOO_EARLY,
    claims,
    identity_refusal,
    segment,
    token_saying,
    token_with,
)


def test_token_is_read_as_the_user_with_a_name_and_the_roles_granted() -> None:
    rooms = {"room-1": "host", "room-2": "publisher", "room-3": "subscriber"}

    assert identity.read(token_with(name="Alice", rooms=rooms)) == User(
        "alice", "Alice", {"room-1": Role.HOST, "room-2": Role.PUBLISHER, "room-3": Role.SUBSCRIBER}
    )


@pytest.mark.parametrize("nothing", [{}, {"name": None, "rooms": None}, {"name": "", "rooms": {}}], ids=repr)
def test_token_needs_neither_a_name_nor_rooms(nothing: dict[str, Any]) -> None:
    token = jwt.encode({**claims(), **nothing}, SECRET, "HS256")

    assert identity.read(token) == User("alice", "", {})


@pytest.mark.parametrize("ago", [-600, 0, 30, 55])
def test_token_is_good_until_a_minute_after_its_end(ago: int) -> None:
    assert identity.read(token_with(exp=int(time.time()) - ago)) == User("alice")


@pytest.mark.parametrize("ago", [60, 61, 3600])
def test_token_that_ended_a_minute_ago_has_expired(ago: int) -> None:
    assert identity_refusal(token_with(exp=int(time.time()) - ago)) == EXPIRED


def test_token_from_the_future_is_good_a_minute_early_and_no_more() -> None:
    now = int(time.time())

    assert identity.read(token_with(iat=now + 55, nbf=now + 55)) == User("alice")
    assert identity_refusal(token_with(nbf=now + 90)) == TOO_EARLY


@pytest.mark.parametrize("audience", ["tokensvc:room", "Tokensvc", "tokensvc ", ["other", "another"]])
def test_token_for_another_audience_is_refused(audience: object) -> None:
    assert identity_refusal(token_with(aud=audience)) == BAD_AUDIENCE


def test_token_for_several_audiences_is_accepted_if_ours_is_among_them(settings: Settings) -> None:
    assert identity.read(token_with(aud=["other", "tokensvc"])) == User("alice")

    settings.IDENTITY_JWT_AUDIENCE = "rooms.example"
    assert identity.read(token_with(aud="rooms.example")) == User("alice")
    assert identity_refusal(token_with()) == BAD_AUDIENCE


@pytest.mark.parametrize(("claim", "refused"), [("exp", BAD_TIMES), ("sub", BAD_SUB), ("aud", BAD_AUDIENCE)])
def test_token_that_lacks_a_claim_is_refused(claim: str, refused: tuple[str, str]) -> None:
    assert identity_refusal(token_with(**{claim: None})) == refused


@pytest.mark.parametrize("exp", ["tomorrow", [1], {}])
def test_end_that_is_no_number_is_refused(exp: object) -> None:
    assert identity_refusal(token_with(exp=exp)) == BAD_TIMES


def test_issuer_is_checked_once_it_is_set(settings: Settings) -> None:
    assert identity.read(token_with(iss="https://anybody.example")) == User("alice")

    settings.IDENTITY_JWT_ISSUER = "https://id.example"
    assert identity.read(token_with(iss="https://id.example")) == User("alice")
    assert identity_refusal(token_with(iss="https://id.example/")) == BAD_ISSUER
    assert identity_refusal(token_with()) == BAD_ISSUER


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_unsigned_token_is_refused(algorithm: str) -> None:
    signed = f"{segment({'alg': algorithm, 'typ': 'JWT'})}.{segment(claims())}"

    assert identity_refusal(f"{signed}.") == NOT_SIGNED
    assert identity_refusal(f"{signed}.{token_with().rpartition('.')[2]}") == NOT_SIGNED


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_token_of_another_algorithm_is_refused_with_the_right_secret(
    settings: Settings, algorithm: str
) -> None:
    settings.IDENTITY_JWT_SECRET = SECRET * 4

    assert identity.read(jwt.encode(claims(), SECRET * 4, "HS256")) == User("alice")
    assert identity_refusal(jwt.encode(claims(), SECRET * 4, algorithm)) == NOT_SIGNED


def test_token_of_a_key_pair_is_refused_where_a_secret_is_shared() -> None:
    token = jwt.encode(claims(), Ed25519PrivateKey.generate(), "EdDSA")

    assert identity_refusal(token) == NOT_SIGNED


@pytest.mark.parametrize("secret", ["another-identity-secret-of-somebody-else", SECRET + " ", SECRET.upper()])
def test_token_of_another_secret_is_refused(secret: str) -> None:
    token = jwt.encode(claims(), secret, "HS256")

    assert identity_refusal(token) == NOT_SIGNED


def test_claims_under_the_signature_of_others_are_refused() -> None:
    header, _, signature = token_with().split(".")
    forged = f"{header}.{segment(claims(sub='mallory'))}.{signature}"

    assert identity_refusal(forged) == NOT_SIGNED


@pytest.mark.parametrize("user_id", ["a", "u" * 255, "zoë", "学生", "a b", "guest:1", "🎓" * 255])
def test_sub_is_1_to_255_printable_characters(user_id: str) -> None:
    assert identity.read(token_with(sub=user_id)) == User(user_id)


@pytest.mark.parametrize(
    "user_id", ["", "u" * 256, "\0", "a\n", "\na", "a\x1f", "\x7f", "a\x85", "\ud800"], ids=ascii
)
def test_sub_that_is_no_user_id_is_refused(user_id: str) -> None:
    assert identity_refusal(token_with(sub=user_id)) == BAD_SUB


@pytest.mark.parametrize("user_id", [42, True, ["alice"], {"id": "alice"}], ids=repr)
def test_sub_that_is_no_string_is_refused(user_id: object) -> None:
    assert identity_refusal(token_saying(claims(sub=user_id))) == BAD_SUB


@pytest.mark.parametrize("name", ["n" * 101, "🎓" * 300])
def test_long_name_is_cut_to_100_characters(name: str) -> None:
    assert identity.read(token_with(name=name)) == User("alice", name[:100])


@pytest.mark.parametrize("name", [42, True, ["Alice"], {"first": "Alice"}], ids=repr)
def test_name_that_is_no_string_is_refused(name: object) -> None:
    assert identity_refusal(token_with(name=name)) == BAD_NAME


@pytest.mark.parametrize("name", ["Al\0ice", "Alice\ud800"], ids=ascii)
def test_name_that_the_api_refuses_is_refused(name: str) -> None:
    assert identity_refusal(token_with(name=name)) == BAD_NAME


@pytest.mark.parametrize("rooms", ["room-1", ["room-1"], 7, True], ids=repr)
def test_rooms_that_are_no_map_are_refused(rooms: object) -> None:
    assert identity_refusal(token_with(rooms=rooms)) == BAD_ROOMS


@pytest.mark.parametrize("role", ["owner", "banned", "HOST", "", None, ["host"], {}, 1], ids=repr)
def test_rooms_with_an_unknown_role_are_refused(role: object) -> None:
    assert identity_refusal(token_with(rooms={"room-1": "host", "room-2": role})) == BAD_ROOMS


def test_no_token_is_accepted_without_configuration(settings: Settings) -> None:
    settings.IDENTITY_JWT_SECRET = ""

    assert identity_refusal(token_with()) == ("invalid_credentials", "User tokens are not configured here.")
    assert identity_refusal("") == ("invalid_credentials", "User tokens are not configured here.")


@hypothesis_settings(deadline=None, max_examples=200)
@given(st.text(st.characters(max_codepoint=255)), st.binary())
def test_whatever_a_header_can_hold_is_refused(text: str, data: bytes) -> None:
    encoded = urlsafe_b64encode(data).rstrip(b"=").decode()

    assert identity_refusal(text)[0] == "invalid_credentials"
    assert identity_refusal(f"{encoded}.{segment(claims())}.{encoded}")[0] == "invalid_credentials"
    assert identity_refusal(f"{segment({'alg': 'HS256'})}.{encoded}.{encoded}")[0] == "invalid_credentials"
