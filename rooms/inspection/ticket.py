"""Inspect tickets and other JWTs."""

from collections.abc import Callable, Mapping
from typing import Any

import jwt

from rooms import tickets
from rooms.inspection import findings
from tokensvc.web.refusals import Refusal

_FORMATS = {tickets.ROOM: "ticket", tickets.PHOTON: "photon ticket"}
_READERS: Mapping[str, Callable[[str], object]] = {
    tickets.ROOM: tickets.read,
    tickets.PHOTON: tickets.read_for_photon,
}
_TIMES = ("iat", "nbf", "exp")


def inspect_ticket(token: str, now: int, uid: str | None) -> Mapping[str, Any] | None:
    """Return the claims and the problems of a JWT, None if the token is none."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError):
        return None
    return {
        "format": _FORMATS.get(str(claims.get("aud")), "jwt"),
        "claims": {key: _describe(key, value) for key, value in claims.items()},
        "problems": _problems(token, claims, now, uid),
    }


def _problems(token: str, claims: Mapping[str, Any], now: int, uid: str | None) -> list[str]:
    problems, audience = [], str(claims.get("aud"))
    try:
        _READERS.get(audience, tickets.read)(token)
    except Refusal as refusal:
        problems.append(refusal.detail)
    if findings.is_time(claims.get("iat")):
        problems.extend(findings.issued_in_future(claims["iat"], now))
    # The user id in a ticket for Photon is sealed.
    if uid is not None and audience != tickets.PHOTON and claims.get("sub") != uid:
        problems.append(f"Its user id is {claims.get('sub')}, not {uid}.")
    return problems


def _describe(claim: str, value: Any) -> Any:
    return findings.format_time(value) if claim in _TIMES and findings.is_time(value) else value
