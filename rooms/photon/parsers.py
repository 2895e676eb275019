"""Reading what was sent by what it is, not by what its content type says."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

MAX_FIELDS = 100

_BEFORE_JSON = b"\xef\xbb\xbf \t\r\n"


class Malformed(ValueError):
    """A call is not of the documented form; the message may be shown to anybody."""


def json_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object in which no name comes twice. Raises `Malformed`."""
    try:
        value = json.loads(body, object_pairs_hook=_each_once)
    except Malformed:
        raise
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON.") from None
    if not isinstance(value, dict):
        raise Malformed("The body is not a JSON object.")
    return value


def query_fields(query: str) -> dict[str, str]:
    """Read a query as WSGI and ASGI hand it over. Raises `Malformed`."""
    try:
        return _fields(query.encode("latin-1"), strict=False)
    except ValueError as error:
        raise _unreadable("query", error) from None


def body_fields(body: bytes) -> dict[str, Any]:
    """Read a body that is empty, a JSON object or a form. Raises `Malformed`."""
    if not body:
        return {}
    if body.lstrip(_BEFORE_JSON).startswith(b"{"):
        return json_object(body)
    try:
        return _fields(body, strict=True)
    except ValueError as error:
        raise _unreadable("body", error) from None


def _fields(text: bytes, *, strict: bool) -> dict[str, str]:
    """Read name=value pairs; strictly, each has to have its equals sign."""
    pairs = parse_qsl(
        text.decode(),
        keep_blank_values=True,
        strict_parsing=strict,
        errors="strict",
        max_num_fields=MAX_FIELDS,
    )
    return _each_once(pairs)


def _each_once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise Malformed("A parameter is given twice.")
        fields[name] = value
    return fields


def _unreadable(where: str, error: ValueError) -> Malformed:
    return error if isinstance(error, Malformed) else Malformed(f"The {where} cannot be read.")
