"""Requests that all leave at the same moment."""

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

_PATIENCE = 10.0
_SETTLE = 0.05


@dataclass(frozen=True)
class Answer:
    """`seconds` run from the moment everybody asked to this answer's last byte."""

    seconds: float
    status: int
    body: bytes

    def json(self) -> Any:
        """Return the body read as JSON; anything but status 200 is a `BenchmarkError`."""
        if self.status != 200:
            raise BenchmarkError(
                f"an answer has status {self.status}: {self.body[:300].decode(errors='replace')}"
            )
        return json.loads(self.body)


def ask_at_once(port: int, requests: Sequence[bytes]) -> list[Answer]:
    """Open a connection for each request, then send them all, and return the answers in the same order."""
    with ExitStack() as open_sockets:
        sockets = [
            open_sockets.enter_context(create_connection(("127.0.0.1", port), _PATIENCE)) for _ in requests
        ]
        time.sleep(_SETTLE)  # until the server has accepted them all
        moment = time.perf_counter()
        for connection, request in zip(sockets, requests, strict=True):
            connection.sendall(request)
        return _collect(sockets, moment)


def _collect(sockets: Sequence[socket], moment: float) -> list[Answer]:
    answers: dict[socket, Answer] = {}
    with DefaultSelector() as selector:
        for connection in sockets:
            selector.register(connection, EVENT_READ, data=connection)
        while len(answers) < len(sockets):
            if not (ready := selector.select(_PATIENCE)):
                raise BenchmarkError(
                    f"{len(sockets) - len(answers)} requests had no answer within {_PATIENCE:.0f} s"
                )
            for key, _ in ready:
                selector.unregister(key.fileobj)
                answers[key.data] = _read(key.data, moment)
    return [answers[connection] for connection in sockets]


def _read(connection: socket, moment: float) -> Answer:
    response = HTTPResponse(connection, method="POST")
    try:
        response.begin()
        body = response.read()
    except (OSError, HTTPException) as error:
        raise BenchmarkError(f"a connection broke: {error!r}") from error
    return Answer(time.perf_counter() - moment, response.status, body)
