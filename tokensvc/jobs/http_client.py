"""Outgoing HTTP requests: no redirects, no automatic retries, a limit on time and on what is read."""

import ssl
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from tokensvc.jobs.deadline import DeadlineHTTPConnection, DeadlineHTTPSConnection

USER_AGENT = "tokensvc"


class NoResponse(Exception):
    """A request without a usable response. The text quotes neither the address nor the peer."""

    def __init__(self, reason: str, kind: str) -> None:
        super().__init__(reason)
        # The name of the error that caused it.
        self.kind = kind


class Response(NamedTuple):
    """`body` is None when it is longer than the client's limit, or was not received completely."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = DeadlineHTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = DeadlineHTTPSConnection


class HttpClient:
    """Requests to one server over kept connections. Threads may share it.

    `timeout` limits, in seconds, connecting to each address of the host, and then the whole exchange.
    `connections` is how many idle connections are kept. Raises `ValueError` when the URL cannot be used.
    """

    def __init__(self, url: str, *, timeout: float, max_body: int, connections: int = 1) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("the address must start with http:// or https:// and a host")
        self._target = parts.path + (f"?{parts.query}" if parts.query else "")
        self._timeout = timeout
        self._max_body = max_body
        host = parts.hostname.encode("idna").decode()
        self._pool = _pool(parts.scheme, host, parts.port, timeout, connections)

    def close(self) -> None:
        """Close the idle connections."""
        self._pool.close()

    def request(
        self, method: str, suffix: str = "", *, headers: Mapping[str, str], body: bytes | None = None
    ) -> Response:
        """Send a request to the client's URL with `suffix` added to its path. Raises `NoResponse`."""
        target = self._target + suffix
        try:
            response = self._pool.urlopen(
                method,
                target if target.startswith("/") else f"/{target}",
                body,
                {"user-agent": USER_AGENT, **headers},
                retries=False,
                redirect=False,
                preload_content=False,
            )
        except HTTPError as error:
            raise self._no_response(error) from None
        return Response(response.status, response.headers, self._read(response))

    def _read(self, response: BaseHTTPResponse) -> bytes | None:
        try:
            body = response.read(self._max_body + 1, decode_content=False)
        except HTTPError:
            return None
        finally:
            if not response.closed:
                response.close()  # not read to its end, so the connection is of no further use
            response.release_conn()
        return None if len(body) > self._max_body or response.length_remaining else body

    def _no_response(self, error: HTTPError) -> NoResponse:
        # The exceptions of urllib3 quote the URL. What they were raised from does not.
        cause = error.__context__ or error
        if isinstance(cause, TimeoutError):
            return NoResponse(f"no answer within {self._timeout:g} s", "TimeoutError")
        kind = type(cause).__name__
        reason = cause.strerror if isinstance(cause, OSError) else None
        return NoResponse(reason[0].lower() + reason[1:] if reason else kind, kind)


def _pool(scheme: str, host: str, port: int | None, timeout: float, connections: int) -> HTTPConnectionPool:
    if scheme == "http":
        return _HTTPPool(host, port, timeout, connections, total=timeout)
    context = ssl.create_default_context()
    return _HTTPSPool(host, port, timeout, connections, ssl_context=context, total=timeout)
