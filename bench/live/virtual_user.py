"""A participant who asks for both seats on arrival, and keeps what it hears."""

import json
from collections.abc import Iterator
from time import perf_counter
from typing import Any

from bench.failure import BenchmarkError
from bench.live.document import Document, Gap
from bench.live.guests import Ours
from bench.live.websocket import WebSocket

MEDIA = ("audio", "video")


class VirtualUser(Ours):
    """Reads the frames only when asked for, so as not to take the time that is being measured."""

    def __init__(self, socket: WebSocket) -> None:
        super().__init__(socket)
        self.answered_at: list[float] = []
        self._came_at = perf_counter()
        self._in_at = 0.0
        self._frames: list[bytes] = []

    @property
    def is_answered(self) -> bool:
        return len(self.answered_at) == len(MEDIA)

    @property
    def join_ms(self) -> float:
        """How long the snapshot took to come."""
        return (self._in_at - self._came_at) * 1000

    @property
    def seat_ms(self) -> float:
        """How long the later one of the two answers took to come."""
        return (self.answered_at[-1] - self._in_at) * 1000

    def hear(self, frame: bytes) -> None:
        self._frames.append(frame)
        if not self.is_in:
            super().hear(frame)
            self._in_at = perf_counter()
            for medium in MEDIA:
                self.say("seat.request", id=medium, media=medium)
        elif not self.is_answered and frame.startswith((b'{"type":"reply"', b'{"type":"error"')):
            self.answered_at.append(perf_counter())

    def seats(self) -> list[str]:
        """Return the media of the seats that were granted."""
        return [one["media"] for one in self._messages() if one["type"] == "reply" and one.get("seat")]

    def document(self) -> dict[str, Any]:
        """Return the room as this client knows it. A `BenchmarkError` when an update is missing."""
        document = Document()
        try:
            for message in self._messages():
                if message["type"] == "snapshot":
                    document.load(message)
                elif message["type"] == "update":
                    document.apply(message)
        except Gap:
            raise BenchmarkError(f"a client missed an update after version {document.version}") from None
        return document.as_shown()

    def _messages(self) -> Iterator[dict[str, Any]]:
        return map(json.loads, self._frames)
