"""Input that does not fit its serializer, as the refusal that callers are told."""

from collections.abc import Iterator
from typing import Any

from rest_framework.exceptions import ValidationError

from rooms.errors import Refusal


def refusal_of(error: ValidationError) -> Refusal:
    """Return `invalid`, naming each field that is wrong."""
    errors = list(_invalid_fields(error.get_full_details(), "#"))
    return Refusal("invalid", "The request has invalid fields.", errors=errors)


def _invalid_fields(details: Any, pointer: str) -> Iterator[dict[str, str]]:
    """Flatten DRF's nested errors into one entry each, with a JSON pointer (RFC 6901) to the field."""
    if isinstance(details, list):
        for number, item in enumerate(details):
            is_message = isinstance(item.get("message"), str)
            yield from _invalid_fields(item, pointer if is_message else f"{pointer}/{number}")
    elif isinstance(details.get("message"), str):
        yield {"pointer": pointer, "code": details["code"], "detail": details["message"]}
    else:
        for name, below in details.items():
            step = "" if name == "non_field_errors" else f"/{str(name).replace('~', '~0').replace('/', '~1')}"
            yield from _invalid_fields(below, pointer + step)
