"""The message that processes exchange: the updates that one act made, as a JSON document."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tokensvc.web.renderers import encode_json


class Update(NamedTuple):
    """One version of a room: its frame, and the sockets it closes, by connection id or `ALL`."""

    version: int
    frame: str
    closes: Mapping[str, int]


def encode(room_id: str, updates: Sequence[Update]) -> str:
    return encode_json({"room": room_id, "updates": updates})


def decode(message: str) -> tuple[str, list[Update]]:
    """Return the room id and the updates of a message."""
    fields = json.loads(message)
    return fields["room"], [Update(*update) for update in fields["updates"]]
