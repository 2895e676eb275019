"""Users' tokens from the app's identity provider (JWT, RFC 7519)."""

import re
from functools import lru_cache
from typing import Any

import jwt
from django.conf import settings

from rooms.callers import User
from rooms.errors import Refusal
from rooms.hs256 import ALGORITHM
from rooms.models import user_id_pattern
from rooms.roles import Role

LEEWAY = 60
MAX_NAME = 100

# What a key from IDENTITY_JWKS_URL may sign with. Never HS256: its key would be public.
_PUBLIC_KEY_ALGORITHMS = ("RS256", "ES256", "EdDSA")

_UNPRINTABLE = re.compile(r"[\x00\ud800-\udfff]")


def read(token: str) -> User:
    """Return the user a token was issued to.

    Refuses with `invalid_credentials` or `expired_credentials`, and with `unavailable` when the provider's
    keys cannot be fetched.
    """
    try:
        key, algorithms = _key_for(token)
        claims = jwt.decode(
            token,
            key,
            algorithms,
            audience=settings.IDENTITY_JWT_AUDIENCE,
            issuer=settings.IDENTITY_JWT_ISSUER or None,
            leeway=LEEWAY,
            options=_REQUIRED,
        )
    except jwt.ExpiredSignatureError:
        raise Refusal("expired_credentials", "The token has expired.") from None
    except jwt.PyJWKClientConnectionError as error:
        raise Refusal(
            "unavailable", "The identity provider's keys cannot be fetched.", retry_after=5
        ) from error
    except jwt.PyJWTError as error:
        raise Refusal("invalid_credentials", f"The token cannot be accepted: {error}") from None
    return User(_user_id(claims), _name(claims), _grants(claims))


_REQUIRED: Any = {"require": ["exp", "sub", "aud"]}


def _key_for(token: str) -> tuple[Any, list[str]]:
    """Return the key and the one algorithm it may be used with: configuration says which, not the token."""
    if settings.IDENTITY_JWT_SECRET:
        return settings.IDENTITY_JWT_SECRET, [ALGORITHM]
    if not settings.IDENTITY_JWKS_URL:
        raise Refusal("invalid_credentials", "User tokens are not configured here.")
    key = _public_key(jwt.get_unverified_header(token).get("kid"))
    if key.algorithm_name not in _PUBLIC_KEY_ALGORITHMS:
        raise jwt.InvalidAlgorithmError("its key is of a kind that is not accepted")
    return key, [key.algorithm_name]


def _public_key(kid: Any) -> jwt.PyJWK:
    try:
        return _provider(settings.IDENTITY_JWKS_URL).get_signing_key(kid)
    except (OSError, ValueError, jwt.PyJWKSetError) as error:
        # What the provider sent is not a set of keys.
        raise jwt.PyJWKClientConnectionError(str(error)) from error


@lru_cache(maxsize=1)
def _provider(url: str) -> jwt.PyJWKClient:
    return jwt.PyJWKClient(url, timeout=5)


def _user_id(claims: dict[str, Any]) -> str:
    user_id: str = claims["sub"]
    if not user_id_pattern.match(user_id):
        raise Refusal("invalid_credentials", "The token's sub must be 1 to 255 printable characters.")
    return user_id


def _name(claims: dict[str, Any]) -> str:
    name = claims.get("name") or ""
    if not isinstance(name, str):
        raise Refusal("invalid_credentials", "The token's name must be a string.")
    if _UNPRINTABLE.search(name):
        raise Refusal("invalid_credentials", "The token's name has characters that cannot be stored.")
    return name[:MAX_NAME]


def _grants(claims: dict[str, Any]) -> dict[str, Role]:
    grants = claims.get("rooms") or {}
    try:
        return {str(room_id): Role(role) for room_id, role in grants.items()}
    except (AttributeError, ValueError):
        raise Refusal(
            "invalid_credentials", "The token's rooms must map room ids to host, publisher or subscriber."
        ) from None
