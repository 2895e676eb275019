"""A user entering a Photon room, as both kinds of room webhooks report it."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from rooms.photon.parsers import Malformed

# Excludes characters that a database query cannot contain.
_NAME = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,255}")


class Cookie(NamedTuple):
    """The `AuthCookie` set by custom authentication: passed to the webhooks, never to the client."""

    room: str
    role: str
    alias: str


class Entry(NamedTuple):
    """Who enters which Photon room. Without a cookie, only Photon identifies the user."""

    room_name: str
    user: str
    cookie: Cookie | None


def name_in(call: Mapping[str, Any], field: str) -> str:
    """Return a field that holds a name. Raises `Malformed`."""
    value = call.get(field)
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise Malformed(f"The field {field} must be 1 to 255 printable characters.")
    return value


def cookie_in(call: Mapping[str, Any]) -> Cookie | None:
    """Return the cookie, None if missing. Raises `Malformed`."""
    cookie = call.get("AuthCookie") or None
    if cookie is None:
        return None
    if not isinstance(cookie, dict):
        raise Malformed("The field AuthCookie must be an object.")
    return Cookie(*(name_in(cookie, field) for field in Cookie._fields))


def required_cookie_in(call: Mapping[str, Any]) -> Cookie:
    """Return the cookie. Raises `Malformed` if missing: the client did not pass our authentication."""
    cookie = cookie_in(call)
    if cookie is None:
        raise Malformed("There is no AuthCookie: this client was not authenticated here.")
    return cookie
