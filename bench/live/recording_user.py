"""A virtual user that requests both seats after joining, and records all frames."""

import json
from collections.abc import Iterator
from time import perf_counter
from typing import Any

from bench.failure import BenchmarkError
from bench.live.document import Document, Gap
from bench.live.virtual_users import TokensvcUser
from bench.live.websocket import WebSocket

MEDIA = ("audio", "video")


class RecordingUser(TokensvcUser):
    """Parses the recorded frames on request only, outside the measured time."""

    def __init__(self, socket: WebSocket) -> None:
        super().__init__(socket)
        self.replied_at: list[float] = []
        self._connected_at = perf_counter()
        self._joined_at = 0.0
        self._frames: list[bytes] = []

    @property
    def has_replies(self) -> bool:
        return len(self.replied_at) == len(MEDIA)

    @property
    def join_ms(self) -> float:
        """The time from connecting to the snapshot."""
        return (self._joined_at - self._connected_at) * 1000

    @property
    def seat_ms(self) -> float:
        """The time from the snapshot to the second seat reply."""
        return (self.replied_at[-1] - self._joined_at) * 1000

    def on_frame(self, frame: bytes) -> None:
        self._frames.append(frame)
        if not self.joined:
            super().on_frame(frame)
            self._joined_at = perf_counter()
            for medium in MEDIA:
                self.command("seat.request", id=medium, media=medium)
        elif not self.has_replies and frame.startswith((b'{"type":"reply"', b'{"type":"error"')):
            self.replied_at.append(perf_counter())

    def seats(self) -> list[str]:
        """Return the media of the granted seats."""
        return [one["media"] for one in self._messages() if one["type"] == "reply" and one.get("seat")]

    def document(self) -> dict[str, Any]:
        """Return this client's copy of the room. Raises `BenchmarkError` if an update is missing."""
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
