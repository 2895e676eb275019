"""Strict serializers, and their errors as refusals."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from tokensvc.web.refusals import Refusal

YEAR = 366 * 24 * 3600
"""The maximum duration in a request, in seconds."""

_AnyField = serializers.Field[Any, Any, Any, Any]
_JSON_TYPES: tuple[tuple[type[_AnyField], type], ...] = (
    (serializers.BooleanField, bool),
    (serializers.IntegerField, int),
    (serializers.CharField, str),
)
_NOT_SETTABLE = ErrorDetail("This field cannot be set.", "unknown")
_WRONG_TYPE = ErrorDetail("This is of the wrong JSON type.", "wrong_type")


# No docstring: drf-spectacular would show it as the description of every subclass.
# Django REST framework drops unknown and read-only fields, and converts values of another JSON type.
class StrictSerializer(serializers.Serializer[Any]):
    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            settable = {name for name, field in self.fields.items() if not field.read_only}
            if unknown := sorted(set(data) - settable):
                raise ValidationError(dict.fromkeys(unknown, _NOT_SETTABLE))
            if mistyped := [name for name in data if _is_mistyped(self.fields[name], data[name])]:
                raise ValidationError(dict.fromkeys(mistyped, _WRONG_TYPE))
        return super().to_internal_value(data)


class AtLeastOneSerializer(StrictSerializer):
    """Requires at least one of the fields in `choices`."""

    choices: tuple[str, ...]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not any(name in attrs for name in self.choices):
            raise ValidationError(f"Give {' or '.join(self.choices)}.", "required")
        return attrs


def check_future(value: datetime | None) -> datetime | None:
    """Return `value`. Raises `ValidationError` if it is not in the future."""
    if value is not None and value <= timezone.now():
        raise ValidationError("This must be in the future.", "past")
    return value


def refusal_of(error: ValidationError) -> Refusal:
    """Return the refusal `invalid`, with one entry in `errors` for each invalid field."""
    errors = list(_invalid_fields(error.get_full_details(), "#"))
    return Refusal("invalid", "The request has invalid fields.", errors=errors)


def _is_mistyped(field: _AnyField, value: Any) -> bool:
    return value is not None and any(
        isinstance(field, kind) and type(value) is not expected for kind, expected in _JSON_TYPES
    )


def _invalid_fields(details: Any, pointer: str) -> Iterator[dict[str, str]]:
    """Flatten the nested errors into one entry each, with a JSON pointer (RFC 6901) to the field."""
    if isinstance(details, list):
        for number, item in enumerate(details):
            is_message = isinstance(item.get("message"), str)
            yield from _invalid_fields(item, pointer if is_message else f"{pointer}/{number}")
    elif isinstance(details.get("message"), str):
        yield {"pointer": pointer, "code": details["code"], "detail": details["message"]}
    else:
        for name, below in details.items():
            token = "" if name == "non_field_errors" else f"/{_escape(str(name))}"
            yield from _invalid_fields(below, pointer + token)


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
