"""Connections of urllib3 with a limit on the whole exchange.

The time-outs of urllib3 apply to one socket operation, so a peer that sends a byte now and then never exceeds
them.
"""

from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from socket import socket
from time import monotonic
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection


def _remaining(deadline: float) -> float:
    """Return the seconds left. Raises `TimeoutError` when there are none."""
    seconds = deadline - monotonic()
    if seconds <= 0:
        raise TimeoutError("the deadline has passed")
    return seconds


class _DeadlineReader(RawIOBase):
    """Reads from a socket until a point of the monotonic clock."""

    def __init__(self, sock: socket, raw: RawIOBase, deadline: float) -> None:
        self._sock = sock
        self._raw = raw
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_remaining(self._deadline))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class DeadlineHTTPConnection(HTTPConnection):
    """Once connected, sending a request and reading its response may take `total` seconds together."""

    def __init__(self, *args: Any, total: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._total = total
        self._deadline = 0.0
        self.response_class = self._response  # type: ignore[assignment]  # only ever called

    def connect(self) -> None:
        super().connect()
        self._start()

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._start()
        super().request(*args, **kwargs)

    def send(self, data: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(_remaining(self._deadline))
        super().send(data)

    def _start(self) -> None:
        self._deadline = monotonic() + self._total

    def _response(self, sock: socket, *args: Any, **kwargs: Any) -> HTTPResponse:
        response = HTTPResponse(sock, *args, **kwargs)
        response.fp = BufferedReader(_DeadlineReader(sock, response.fp.detach(), self._deadline))
        return response


class DeadlineHTTPSConnection(DeadlineHTTPConnection, HTTPSConnection):
    pass
