"""User tokens of an app's identity provider, and reading them."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest

from rooms import identity
from tests.cast import identity_claims
from tokensvc.web.refusals import Refusal

SECRET = "an-identity-secret-for-test-runs-only"


def not_accepted(reason: str) -> tuple[str, str]:
    return "invalid_credentials", f"The token cannot be accepted: {reason}."


NOT_SIGNED = not_accepted("it is not an HS256 token signed with the right key")
BAD_TIMES = not_accepted("exp is required, and exp, nbf and iat must be numbers")
TOO_EARLY = not_accepted("it is not valid yet")
BAD_AUDIENCE = not_accepted("its audience is another")
BAD_ISSUER = not_accepted("its issuer is another")
BAD_SUB = not_accepted("sub must be 1 to 255 printable characters")
BAD_NAME = not_accepted("name must be text that can be stored")
BAD_ROOMS = not_accepted("rooms must map room ids to host, publisher or subscriber")
EXPIRED = ("expired_credentials", "The token has expired.")


def identity_refusal(token: str) -> tuple[str, str]:
    with pytest.raises(Refusal) as refused:
        identity.read(token)
    return refused.value.code, refused.value.detail


def claims(**changes: Any) -> dict[str, Any]:
    """The provider's claims about alice; None leaves a claim out."""
    return {name: value for name, value in identity_claims(**changes).items() if value is not None}


def token_with(**changes: Any) -> str:
    return jwt.encode(claims(**changes), SECRET, "HS256")


def token_saying(what: object) -> str:
    """A signed token with any claims, including null and NaN."""
    return jwt.api_jws.encode(json.dumps(what).encode(), SECRET, "HS256")


def segment(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
