"""The frames that clients send: each is one JSON object."""

import json
from collections.abc import Mapping
from typing import Any

from tokensvc.web.refusals import Refusal

MAX_FRAME = 4096


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
