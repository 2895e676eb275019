"""Custom authentication: Photon asks once for each connection, before it accepts a client.

Source: doc.photonengine.com, "Custom Authentication". The answer is always HTTP 200 with JSON of less than
1,000 bytes. The dashboard's parameters come in the query and win over the client's.
"""

from typing import Any, NamedTuple

from rooms.photon.entry import Cookie
from rooms.photon.parsers import Malformed, body_fields, query_fields

ADMITTED, REFUSED, BAD_PARAMETERS = 1, 2, 3

AUTH_TYPE = 0
"""The client's `AuthenticationValues.AuthType`: custom authentication."""

MAX_NICKNAME = 36
"""The recommended length; escaped in JSON it is 432 bytes at most."""


class Parameters(NamedTuple):
    """`key` is the dashboard's fixed parameter, `token` the client's ticket; empty if missing."""

    key: str
    token: str


def read(query: str, body: bytes) -> Parameters:
    """Read the parameters from query and body; the query wins. Raises `Malformed`."""
    fields = {**body_fields(body), **query_fields(query)}
    return Parameters(_text(fields, "key"), _text(fields, "token"))


def admit(cookie: Cookie, name: str) -> dict[str, Any]:
    """Return the answer that accepts a client under its alias, with the cookie for the webhooks."""
    return {
        "ResultCode": ADMITTED,
        "UserId": cookie.alias,
        "Nickname": name[:MAX_NICKNAME],
        "AuthCookie": cookie._asdict(),
    }


def refuse(result_code: int, message: str) -> dict[str, Any]:
    """Return the answer that refuses a client, which sees the message."""
    return {"ResultCode": result_code, "Message": message}


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise Malformed(f"The parameter {name} must be text.")
    return value
