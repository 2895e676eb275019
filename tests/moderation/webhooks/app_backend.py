"""The app's webhook endpoint: a web server on this machine that verifies and records what it is sent."""

import json
import socket
import struct
import threading
from collections import defaultdict
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from standardwebhooks import Webhook, WebhookVerificationError

SECRET = "whsec_c2VjcmV0LW9mLXRoZS10ZXN0cy0wMTIzNDU2Nzg5"
HANG_UP = 0


class Call(NamedTuple):
    """One request, and its answer: a status, or `HANG_UP`."""

    headers: dict[str, str]
    body: bytes
    answer: int
    client_port: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.body)
        return said

    @property
    def room(self) -> str:
        room: str = self.said["data"]["room"]["id"]
        return room


Decide = Callable[[dict[str, Any]], int]
"""Returns the answer to a notice; may block."""


def take(_notice: dict[str, Any]) -> int:
    return 200


class AppBackend(ThreadingHTTPServer):
    """Answers 400 to a request without a valid signature, else what `decide` returns."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.decide: Decide = take
        self.answer_with = b""
        self.answer_headers: dict[str, str] = {}
        self.keeps_connections = True
        self.calls: list[Call] = []
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hooks?of=tokensvc"

    @property
    def taken(self) -> list[Call]:
        return [call for call in self.calls if call.answer == 200]

    def by_room(self) -> dict[str, list[Any]]:
        """Return the numbers that the notices carry, by room, in the order they were taken."""
        numbers: dict[str, list[Any]] = defaultdict(list)
        for call in self.taken:
            numbers[call.room].append(call.said["data"].get("number"))
        return dict(numbers)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: clients that time out close the connection."""

    def answer(self, headers: dict[str, str], body: bytes, client_port: int) -> int:
        try:
            status = self.decide(Webhook(SECRET).verify(body, headers))
        except WebhookVerificationError:
            status = 400
        with self._lock:
            self.calls.append(Call(headers, body, status, client_port))
        return status


class Handler(BaseHTTPRequestHandler):
    server: AppBackend
    protocol_version = "HTTP/1.1"
    timeout = 5

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status = self.server.answer(headers, body, self.client_address[1])
        if status == HANG_UP:
            reset = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(self.server.answer_with)))
        for name, value in self.server.answer_headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.answer_with)
        # Without a header that says so, as servers do with idle connections.
        self.close_connection = not self.server.keeps_connections

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name is the base class's)
        pass
