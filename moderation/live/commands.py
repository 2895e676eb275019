"""The commands of the live socket: each frame is validated as a whole before it is carried out."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from moderation import actions
from moderation.actions.verb import NoFields, Verb
from tokensvc.web.refusals import Refusal, invalid
from tokensvc.web.validation import StrictSerializer, refusal_of

MAX_FRAME = 4096


class Command(NamedTuple):
    """A validated frame; the reply carries its `id`."""

    type: str
    id: str | int | None
    fields: Mapping[str, Any]


class Sync(StrictSerializer):
    since = serializers.IntegerField(min_value=0)


VERBS: Mapping[str, Verb] = {verb.command: verb for verb in actions.VERBS}
"""The commands that are acts."""

_FIELDS: Mapping[str, StrictSerializer] = {
    **{command: verb.fields for command, verb in VERBS.items()},
    "sync": Sync(),
    "ping": NoFields(),
}


def parse(text: str | None) -> dict[str, Any]:
    """Return the JSON object in a frame; `text` is None for a binary frame. Refuses with `invalid`."""
    if text is None or len(text) > MAX_FRAME:
        raise Refusal("invalid", f"Send text frames of at most {MAX_FRAME} characters.")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise Refusal("invalid", "Each frame must be one JSON object.")
    return message


def id_of(message: Mapping[str, Any]) -> str | int | None:
    """Return the message's id, None if it has no usable one."""
    id_ = message.get("id")
    return id_ if type(id_) in {str, int} else None


def validate(message: Mapping[str, Any]) -> Command:
    """Return the command in a message. Refuses with `invalid`, naming each invalid field."""
    type_, id_ = str(message.get("type")), id_of(message)
    expected = _FIELDS.get(type_)
    if expected is None:
        raise invalid("type", "unknown", f"This must be one of {', '.join(_FIELDS)}.")
    if message.get("id") is not None and id_ is None:
        raise invalid("id", "wrong_type", "This must be a string or an integer.")
    given = {name: value for name, value in message.items() if name not in {"type", "id"}}
    try:
        return Command(type_, id_, expected.run_validation(given))
    except ValidationError as error:
        raise refusal_of(error) from None
    except RecursionError:
        raise Refusal("invalid", "This is nested too deeply.") from None
