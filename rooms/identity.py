"""Users' tokens from the app's identity provider (JWT, RFC 7519)."""

import json
import re
import time
from collections.abc import Mapping
from functools import lru_cache
from math import inf
from typing import Any

import jwt
from django.conf import settings

from rooms import hs256
from rooms.callers import User
from rooms.models import user_id_pattern
from rooms.roles import Role
from tokensvc.web.refusals import Refusal

LEEWAY = 60
MAX_NAME = 100

# Algorithms accepted of keys from IDENTITY_JWKS_URL. Never HS256: its key would be public.
_PUBLIC_KEY_ALGORITHMS = ("RS256", "ES256", "EdDSA")

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")

Claims = Mapping[str, Any]


def read(token: str) -> User:
    """Return the user of a token.

    Refuses with `invalid_credentials`, `expired_credentials`, or `unavailable` when the identity provider's
    keys cannot be fetched.
    """
    try:
        claims = _verify(token)
    except jwt.PyJWKClientConnectionError as error:
        raise Refusal(
            "unavailable", "The identity provider's keys cannot be fetched.", retry_after=5
        ) from error
    except (UnicodeError, hs256.Unverified, jwt.PyJWTError) as error:
        # PyJWT quotes the token's header, which may hold characters that JSON or a database cannot.
        raise _unacceptable(_UNSTORABLE.sub("?", str(error))) from None
    _check_times(claims, time.time())
    _check_parties(claims)
    return User(_user_id(claims), _name(claims), _grants(claims))


def _verify(token: str) -> Claims:
    """Verify the signature and return the claims. The settings pin the algorithm, never the token."""
    if secret := settings.IDENTITY_JWT_SECRET:
        return hs256.verify(token, secret)
    if not settings.IDENTITY_JWKS_URL:
        raise Refusal("invalid_credentials", "User tokens are not configured here.")
    key = _public_key(jwt.get_unverified_header(token).get("kid"))
    if key.algorithm_name not in _PUBLIC_KEY_ALGORITHMS:
        raise jwt.InvalidAlgorithmError("its key is of a kind that is not accepted")
    try:
        claims = json.loads(jwt.PyJWS().decode(token, key, [key.algorithm_name]))
    except (ValueError, RecursionError):
        claims = None
    if not isinstance(claims, dict):
        raise jwt.DecodeError("it holds no claims")
    return claims


def _public_key(kid: Any) -> jwt.PyJWK:
    try:
        return _provider(settings.IDENTITY_JWKS_URL).get_signing_key(kid)
    except (OSError, ValueError, TypeError, RecursionError, jwt.PyJWKSetError) as error:
        # The provider did not send a key set.
        raise jwt.PyJWKClientConnectionError(str(error)) from error


@lru_cache(maxsize=1)
def _provider(url: str) -> jwt.PyJWKClient:
    return jwt.PyJWKClient(url, timeout=5)


def _check_times(claims: Claims, now: float) -> None:
    times = [claims.get("exp"), claims.get("nbf", now), claims.get("iat", now)]
    if not all(type(value) in {int, float} and abs(value) < inf for value in times):
        raise _unacceptable("exp is required, and exp, nbf and iat must be numbers")
    expires_at, not_before, issued_at = times
    if not now < expires_at + LEEWAY:
        raise Refusal("expired_credentials", "The token has expired.")
    if not max(not_before, issued_at) <= now + LEEWAY:
        raise _unacceptable("it is not valid yet")


def _check_parties(claims: Claims) -> None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if settings.IDENTITY_JWT_AUDIENCE not in audiences:
        raise _unacceptable("its audience is another")
    if (issuer := settings.IDENTITY_JWT_ISSUER) and claims.get("iss") != issuer:
        raise _unacceptable("its issuer is another")


def _user_id(claims: Claims) -> str:
    user_id = claims.get("sub")
    if not isinstance(user_id, str) or _UNSTORABLE.search(user_id) or not user_id_pattern.match(user_id):
        raise _unacceptable("sub must be 1 to 255 printable characters")
    return user_id


def _name(claims: Claims) -> str:
    name = claims.get("name") or ""
    if not isinstance(name, str) or _UNSTORABLE.search(name):
        raise _unacceptable("name must be text that can be stored")
    return name[:MAX_NAME]


def _grants(claims: Claims) -> dict[str, Role]:
    grants = claims.get("rooms") or {}
    try:
        return {str(room_id): Role(role) for room_id, role in grants.items()}
    except (AttributeError, ValueError):
        raise _unacceptable("rooms must map room ids to host, publisher or subscriber") from None


def _unacceptable(reason: str) -> Refusal:
    return Refusal("invalid_credentials", f"The token cannot be accepted: {reason}.")
