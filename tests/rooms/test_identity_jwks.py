"""User tokens signed with a key pair whose public key the identity provider publishes."""

import hmac
import json
import socket
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from pytest_django import Settings

from rooms import identity
from rooms.callers import User
from tests.cast import identity_claims
from tests.rooms.identity_provider import Provider
from tests.rooms.user_tokens import EXPIRED
from tests.serving import serving
from tokensvc.web.refusals import Refusal

RSA = rsa.generate_private_key(65537, 2048)
OTHER_RSA = rsa.generate_private_key(65537, 2048)
P256 = ec.generate_private_key(ec.SECP256R1())
P384 = ec.generate_private_key(ec.SECP384R1())
ED25519 = Ed25519PrivateKey.generate()
SHARED = b"a-key-that-everybody-can-read-at-the-url"

PUBLIC_KEYS: list[dict[str, Any]] = [
    {**RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True), "kid": "rsa", "use": "sig"},
    {**ECAlgorithm.to_jwk(P256.public_key(), as_dict=True), "kid": "p256"},
    {**OKPAlgorithm.to_jwk(ED25519.public_key(), as_dict=True), "kid": "ed25519"},
    {**ECAlgorithm.to_jwk(P384.public_key(), as_dict=True), "kid": "p384"},
    {**RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True), "kid": "pss", "alg": "PS256"},
    {**RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True), "kid": "encryption", "use": "enc"},
    {"kty": "oct", "kid": "shared", "k": urlsafe_b64encode(SHARED).rstrip(b"=").decode()},
]
UNAVAILABLE = ("unavailable", "The identity provider's keys cannot be fetched.", 5)


def key_not_accepted(reason: str) -> tuple[str, str, None]:
    return "invalid_credentials", f"The token cannot be accepted: {reason}.", None


NOT_KEYS = [None, b"", b"<html>", b"\xff\xfe", b'{"keys": [', b'{"keys": [{"kty": "RSA", "alg": []}]}']
NOT_KEYS += [b'{"keys": [{"kty": "RSA", "alg": ["RS256"]}]}', b"[" * 100_000]
OTHER_ALGORITHM = key_not_accepted("The specified alg value is not allowed")
OTHER_KIND = key_not_accepted("its key is of a kind that is not accepted")
OTHER_KEY = key_not_accepted("Signature verification failed")


@pytest.fixture
def provider(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    identity._provider.cache_clear()
    with serving(Provider({"keys": PUBLIC_KEYS})) as server:
        settings.IDENTITY_JWT_SECRET, settings.IDENTITY_JWKS_URL = "", server.url
        yield server
    identity._provider.cache_clear()


def token_of(key: Any, algorithm: str, kid: str | None, **changes: Any) -> str:
    return jwt.encode(identity_claims(**changes), key, algorithm, headers={"kid": kid} if kid else None)


def key_refusal(token: str) -> tuple[str, str, int | None]:
    with pytest.raises(Refusal) as refused:
        identity.read(token)
    return refused.value.code, refused.value.detail, refused.value.retry_after


@pytest.mark.parametrize(
    ("key", "algorithm", "kid"),
    [(RSA, "RS256", "rsa"), (P256, "ES256", "p256"), (ED25519, "EdDSA", "ed25519")],
    ids=["RS256", "ES256", "EdDSA"],
)
def test_token_of_a_published_key_is_accepted_and_checked(
    provider: Provider, key: Any, algorithm: str, kid: str
) -> None:
    now = int(time.time())

    assert identity.read(token_of(key, algorithm, kid, name="Alice")) == User("alice", "Alice")
    assert identity.read(token_of(key, algorithm, kid, exp=now - 50)) == User("alice")
    assert key_refusal(token_of(key, algorithm, kid, exp=now - 60)) == (*EXPIRED, None)
    assert key_refusal(token_of(key, algorithm, kid, aud="other")) == key_not_accepted(
        "its audience is another"
    )


def test_keys_are_fetched_once_for_many_tokens(provider: Provider) -> None:
    for _ in range(3):
        identity.read(token_of(RSA, "RS256", "rsa"))
        identity.read(token_of(P256, "ES256", "p256"))

    assert provider.asked == 1


def test_token_of_another_key_under_a_published_name_is_refused(provider: Provider) -> None:
    assert key_refusal(token_of(OTHER_RSA, "RS256", "rsa")) == OTHER_KEY
    assert key_refusal(token_of(Ed25519PrivateKey.generate(), "EdDSA", "ed25519")) == OTHER_KEY


def test_token_signed_with_the_public_key_as_a_secret_is_refused(provider: Provider) -> None:
    pem = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for secret in pem, pem.strip(), json.dumps(PUBLIC_KEYS[0]).encode():
        head, _, _ = token_of(SHARED, "HS256", "rsa").rpartition(".")
        signature = urlsafe_b64encode(hmac.digest(secret, head.encode(), "sha256")).rstrip(b"=").decode()

        assert key_refusal(f"{head}.{signature}") == OTHER_ALGORITHM


def test_token_of_a_shared_key_is_refused_though_it_is_published(provider: Provider) -> None:
    assert key_refusal(token_of(SHARED, "HS256", "shared")) == OTHER_KIND


def test_token_of_a_shared_key_is_refused_where_it_is_the_only_one(provider: Provider) -> None:
    provider.answer = json.dumps({"keys": PUBLIC_KEYS[-1:]}).encode()

    assert key_refusal(token_of(SHARED, "HS256", "shared")) == OTHER_KIND


@pytest.mark.parametrize(("key", "algorithm", "kid"), [(P384, "ES384", "p384"), (RSA, "PS256", "pss")])
def test_token_of_a_key_of_another_kind_is_refused(
    provider: Provider, key: Any, algorithm: str, kid: str
) -> None:
    assert key_refusal(token_of(key, algorithm, kid)) == OTHER_KIND


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS512"), (RSA, "PS256"), (P256, "ES256")])
def test_token_of_another_algorithm_than_its_keys_is_refused(
    provider: Provider, key: Any, algorithm: str
) -> None:
    assert key_refusal(token_of(key, algorithm, "rsa")) == OTHER_ALGORITHM


@pytest.mark.parametrize("kid", ["nobody's", "encryption", "RSA", None])
def test_token_of_a_key_that_is_not_published_for_signing_is_refused(
    provider: Provider, kid: str | None
) -> None:
    refused = key_not_accepted(f'Unable to find a signing key that matches: "{kid}"')

    assert key_refusal(token_of(RSA, "RS256", kid)) == refused


def test_refusal_quotes_only_characters_valid_in_json(provider: Provider) -> None:
    assert key_refusal(token_of(RSA, "RS256", "\ud800"))[1].endswith('matches: "?".')
    assert key_refusal("\ud800")[0] == "invalid_credentials"


@pytest.mark.parametrize(
    "payload", [b"[]", b"null", b"{", b"", b"\xff", b"[" * 100_000], ids=lambda data: f"{len(data)} bytes"
)
def test_payload_that_is_no_object_is_refused(provider: Provider, payload: bytes) -> None:
    token = jwt.api_jws.encode(payload, RSA, "RS256", headers={"kid": "rsa"})
    assert key_refusal(token) == key_not_accepted("it holds no claims")


def test_many_tokens_of_unknown_keys_do_not_make_many_fetches(provider: Provider) -> None:
    for number in range(5):
        key_refusal(token_of(RSA, "RS256", f"unknown-{number}"))

    assert provider.asked == 1


def test_unsigned_token_is_refused(provider: Provider) -> None:
    assert key_refusal(token_of(None, "none", "rsa")) == OTHER_ALGORITHM


@pytest.mark.parametrize("status", [404, 500, 503])
def test_provider_that_answers_with_an_error_makes_the_service_unavailable(
    provider: Provider, status: int
) -> None:
    provider.status = status

    assert key_refusal(token_of(RSA, "RS256", "rsa")) == UNAVAILABLE


@pytest.mark.parametrize("answer", NOT_KEYS, ids=lambda answer: repr(answer)[:40])
def test_provider_that_answers_with_no_keys_makes_the_service_unavailable(
    provider: Provider, answer: bytes | None
) -> None:
    provider.answer = answer

    assert key_refusal(token_of(RSA, "RS256", "rsa")) == UNAVAILABLE


def test_provider_that_is_down_makes_the_service_unavailable_until_it_is_back(provider: Provider) -> None:
    token = token_of(RSA, "RS256", "rsa")
    provider.status = 503

    assert key_refusal(token) == UNAVAILABLE

    provider.status = 200
    assert identity.read(token) == User("alice")


def test_provider_outage_is_harmless_while_its_keys_are_cached(provider: Provider) -> None:
    assert identity.read(token_of(RSA, "RS256", "rsa")) == User("alice")

    provider.answer = None
    assert identity.read(token_of(P256, "ES256", "p256")) == User("alice")


def test_provider_without_a_server_makes_the_service_unavailable(
    provider: Provider, settings: Settings
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.IDENTITY_JWKS_URL = f"http://127.0.0.1:{unused.getsockname()[1]}/jwks.json"

        assert key_refusal(token_of(RSA, "RS256", "rsa")) == UNAVAILABLE
