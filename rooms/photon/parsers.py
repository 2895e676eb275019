"""Parse requests by their content, whatever their content type says."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

MAX_FIELDS = 100

_JSON_PREFIX = b"\xef\xbb\xbf \t\r\n"


class Malformed(ValueError):
    """A request is not as documented. The message is public."""


def json_object(body: bytes) -> dict[str, Any]:
    """Parse a JSON object without duplicate names. Raises `Malformed`."""
    try:
        value = json.loads(body, object_pairs_hook=_unique)
    except Malformed:
        raise
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON.") from None
    if not isinstance(value, dict):
        raise Malformed("The body is not a JSON object.")
    return value


def query_fields(query: str) -> dict[str, str]:
    """Parse a query string, given as Latin-1 text. Raises `Malformed`."""
    try:
        return _fields(query.encode("latin-1"), strict=False)
    except ValueError as error:
        raise _unreadable("query", error) from None


def body_fields(body: bytes) -> dict[str, Any]:
    """Parse a body that is empty, a JSON object or a form. Raises `Malformed`."""
    if not body:
        return {}
    if body.lstrip(_JSON_PREFIX).startswith(b"{"):
        return json_object(body)
    try:
        return _fields(body, strict=True)
    except ValueError as error:
        raise _unreadable("body", error) from None


def _fields(text: bytes, *, strict: bool) -> dict[str, str]:
    """Parse name=value pairs; if strict, each must have an equals sign."""
    pairs = parse_qsl(
        text.decode(),
        keep_blank_values=True,
        strict_parsing=strict,
        errors="strict",
        max_num_fields=MAX_FIELDS,
    )
    return _unique(pairs)


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise Malformed("A parameter is given twice.")
        fields[name] = value
    return fields


def _unreadable(where: str, error: ValueError) -> Malformed:
    return error if isinstance(error, Malformed) else Malformed(f"The {where} cannot be read.")
