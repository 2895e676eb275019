"""The app's end of the webhook: signed POST requests over kept connections.

By the Standard Webhooks convention (standardwebhooks.com): the headers `webhook-id`, `webhook-timestamp` and
`webhook-signature`; any 2xx is success, a redirect is not followed.
"""

import ssl
from collections import deque
from contextlib import suppress
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from select import POLLIN, poll
from socket import SHUT_RDWR, socket
from threading import Timer
from time import monotonic
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit

from standardwebhooks import Webhook as Signer

# An answer may take so long, in seconds, from the request's first byte to the answer's last. Connecting has
# as long for each address that the receiver's name has.
TIMEOUT = 15.0
# A longer answer is not read to its end, and costs the connection.
MAX_ANSWER = 65_536
GONE = 410

_SAFE_IN_TARGETS = "/%:=&?~+!$,;'@()*[]"


class Failed(Exception):
    """A notice that was not taken; says why in a few words, without an address or what the receiver said."""

    def __init__(self, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.status = status


class Endpoint:
    """Where notices go. Threads may share it; each takes a connection of its own.

    Raises `ValueError` when the address cannot be used.
    """

    def __init__(self, url: str, secret: str, timeout: float = TIMEOUT) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("the address must start with http:// or https:// and a host")
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._host, self._port = parts.hostname, parts.port
        target = parts._replace(scheme="", netloc="", path=parts.path or "/", fragment="").geturl()
        self._target = quote(target, _SAFE_IN_TARGETS)
        self._signer = Signer(secret)
        self._timeout = timeout
        self._idle: deque[HTTPConnection] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._idle:
            self._idle.pop().close()

    def post(self, message_id: str, payload: str, now: datetime) -> None:
        """Sign a notice as of now, which is in UTC, and send it. Raises `Failed` unless it was taken."""
        connection = self._connected()
        began = monotonic()
        timer = Timer(self._timeout, _cut, [connection])
        timer.start()
        try:
            status = self._exchange(connection, self._headers(message_id, payload, now), payload.encode())
        except (OSError, HTTPException) as error:
            raise Failed(self._why(error, began)) from None
        finally:
            timer.cancel()
        if not 200 <= status < 300:
            raise Failed(f"HTTP {status}", status)

    def _headers(self, message_id: str, payload: str, now: datetime) -> dict[str, str]:
        return {
            "content-type": "application/json",
            "user-agent": "tokensvc",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(message_id, now, payload),
        }

    def _connected(self) -> HTTPConnection:
        while self._idle:
            connection = self._idle.pop()
            if _stands(connection):
                return connection
            connection.close()
        connection, began = self._new(), monotonic()
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            raise Failed(self._why(error, began)) from None
        return connection

    def _new(self) -> HTTPConnection:
        if self._tls is None:
            return HTTPConnection(self._host, self._port, timeout=self._timeout)
        return HTTPSConnection(self._host, self._port, timeout=self._timeout, context=self._tls)

    def _exchange(self, connection: HTTPConnection, headers: dict[str, str], body: bytes) -> int:
        kept = False
        try:
            connection.request("POST", self._target, body, headers)
            response = connection.getresponse()
            with suppress(OSError, HTTPException):  # the status has said it all
                response.read(MAX_ANSWER)
            kept = response.isclosed() and not response.will_close
        finally:
            if kept:
                self._idle.append(connection)
            else:
                connection.close()
        return response.status

    def _why(self, error: Exception, began: float) -> str:
        if monotonic() - began >= self._timeout:
            return f"no answer within {self._timeout:g} s"
        # An HTTPException may quote the address, or what came.
        said = error.strerror if isinstance(error, OSError) else None
        return said[0].lower() + said[1:] if said else type(error).__name__


def _stands(connection: HTTPConnection) -> bool:
    """Tell whether a connection that has been idle is still open: a closed one has its end to be read."""
    if connection.sock is None:
        return False
    poller = poll()
    poller.register(connection.sock, POLLIN)
    return not poller.poll(0)


def _cut(connection: HTTPConnection) -> None:
    """End a connection in use, also one on which a little comes now and then."""
    if connection.sock is not None:
        with suppress(OSError):  # it may just have ended by itself
            # Not that of a TLS socket, which would take its state away from the thread that is reading.
            socket.shutdown(connection.sock, SHUT_RDWR)
