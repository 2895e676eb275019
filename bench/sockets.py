"""Sends requests at the same moment, one per connection."""

import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from selectors import EVENT_READ, DefaultSelector
from socket import create_connection, socket
from typing import Any

from bench.failure import BenchmarkError

TIMEOUT = 10.0
_ACCEPT_PAUSE = 0.05


@dataclass(frozen=True)
class Response:
    """`seconds` is the time from the start of sending to the last byte of this response."""

    seconds: float
    status: int
    body: bytes

    def json(self) -> Any:
        """Return the parsed JSON body. Raises `BenchmarkError` unless the status is 200."""
        if self.status != 200:
            raise BenchmarkError(
                f"a response has status {self.status}: {self.body[:300].decode(errors='replace')}"
            )
        return json.loads(self.body)


def send_at_once(port: int, requests: Sequence[bytes]) -> list[Response]:
    """Open a connection per request, send all requests, and return the responses in the same order."""
    with ExitStack() as open_sockets:
        sockets = [
            open_sockets.enter_context(create_connection(("127.0.0.1", port), TIMEOUT)) for _ in requests
        ]
        time.sleep(_ACCEPT_PAUSE)  # until the server has accepted all connections
        started = time.perf_counter()
        for connection, request in zip(sockets, requests, strict=True):
            connection.sendall(request)
        return _collect(sockets, started)


def _collect(sockets: Sequence[socket], started: float) -> list[Response]:
    responses: dict[socket, Response] = {}
    with DefaultSelector() as selector:
        for connection in sockets:
            selector.register(connection, EVENT_READ, data=connection)
        while len(responses) < len(sockets):
            if not (ready := selector.select(TIMEOUT)):
                raise BenchmarkError(
                    f"{len(sockets) - len(responses)} requests had no response within {TIMEOUT:.0f} s"
                )
            for key, _ in ready:
                selector.unregister(key.fileobj)
                responses[key.data] = _read(key.data, started)
    return [responses[connection] for connection in sockets]


def _read(connection: socket, started: float) -> Response:
    response = HTTPResponse(connection, method="POST")
    try:
        response.begin()
        body = response.read()
    except (OSError, HTTPException) as error:
        raise BenchmarkError(f"a connection broke: {error!r}") from error
    return Response(time.perf_counter() - started, response.status, body)
