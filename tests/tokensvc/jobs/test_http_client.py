"""Outgoing requests: what is sent, and the limits on time and on what is read."""

import logging
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests.tokensvc.jobs.raw_server import raw_server
from tokensvc.jobs.http_client import HttpClient, NoResponse, Response

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
DRIP = [b"2"] * 40


@contextmanager
def client(url: str, timeout: float = 5, max_body: int = 100) -> Iterator[HttpClient]:
    with closing(HttpClient(url, timeout=timeout, max_body=max_body)) as opened:
        yield opened


def get(url: str, timeout: float = 5, max_body: int = 100) -> Response:
    with client(url, timeout, max_body) as opened:
        return opened.request("GET", headers={})


def failure(url: str, timeout: float = 5) -> tuple[str, str]:
    with pytest.raises(NoResponse) as failed:
        get(url, timeout)
    return str(failed.value), failed.value.kind


def test_request_has_the_headers_and_an_agent_of_its_own() -> None:
    with raw_server(OK) as server, client(f"{server.url}/base?a=1") as opened:
        response = opened.request("GET", "&b=2", headers={"x-one": "1"})
    assert (response.status, response.headers["content-length"], response.body) == (200, "5", b"hello")
    (lines,) = server.requests
    assert (lines[0], sorted(lines[1:])) == (
        "GET /base?a=1&b=2 HTTP/1.1",
        sorted(
            [
                f"Host: {server.url.removeprefix('http://')}",
                "Accept-Encoding: identity",
                "user-agent: tokensvc",
                "x-one: 1",
            ]
        ),
    )


@pytest.mark.parametrize(
    ("response", "body"),
    [
        (OK, b"hello"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", b"hello"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", None),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 100, b"x" * 100),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n" + b"x" * 101, None),
        (b"HTTP/1.0 200 OK\r\n\r\nhello", b"hello"),
    ],
    ids=["length", "empty", "chunked", "cut-short", "chunked-cut-short", "longest", "too-long", "to-the-end"],
)
def test_body_is_complete_or_none(response: bytes, body: bytes | None) -> None:
    with raw_server(response) as server:
        assert get(server.url).body == body


@pytest.mark.parametrize(
    ("response", "connections"),
    [
        (OK, 1),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 1),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n0\r\n\r\n", 1),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + b"x" * 999, 3),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", 3),
    ],
    ids=["length", "empty", "chunked", "too-long", "closed"],
)
def test_connection_is_kept_when_the_response_was_read_to_its_end(response: bytes, connections: int) -> None:
    with raw_server(response, keeps_open=True) as server, client(server.url) as opened:
        assert {opened.request("GET", headers={}).status for _ in range(3)} <= {200, 204}
        assert server.connections == connections


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 503])
def test_redirect_is_not_followed_and_nothing_is_sent_again(status: int) -> None:
    with raw_server(b"") as other:
        head = f"HTTP/1.1 {status} No\r\nLocation: {other.url}\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
        with raw_server(head.encode()) as server:
            assert get(server.url).status == status
            assert (len(server.requests), other.requests) == (1, [])


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 ", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nX: "])
def test_deadline_holds_for_a_head_that_drips(head: bytes) -> None:
    with raw_server(head, *DRIP) as server:
        assert failure(server.url, timeout=0.3) == ("no answer within 0.3 s", "TimeoutError")


@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_deadline_holds_for_a_body_that_drips(connection: str) -> None:
    head = f"HTTP/1.1 200 OK\r\nConnection: {connection}\r\nContent-Length: {len(DRIP)}\r\n\r\n"
    with raw_server(head.encode(), *DRIP) as server:
        response = get(server.url, timeout=1)
        assert (response.status, response.body) == (200, None)


def test_deadline_starts_again_with_each_request_of_a_connection() -> None:
    slow = [OK[:20], *([b""] * 3), OK[20:]]
    with raw_server(*slow, keeps_open=True) as server, client(server.url, timeout=2) as opened:
        assert [opened.request("GET", headers={}).body for _ in range(12)] == [b"hello"] * 12
        assert server.connections == 1


def test_server_that_cannot_be_reached_is_named_by_the_error_alone() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://me:password@127.0.0.1:{unused.getsockname()[1]}/?secret"
        assert failure(url) == ("connection refused", "ConnectionRefusedError")


@pytest.mark.parametrize(
    ("response", "kind"), [(b"", "RemoteDisconnected"), (b"220 a mail server\r\n", "BadStatusLine")]
)
def test_peer_that_speaks_no_http_is_not_quoted(response: bytes, kind: str) -> None:
    with raw_server(response) as server:
        assert failure(f"{server.url}/?secret") == (kind, kind)


def test_log_does_not_quote_the_address(capfd: pytest.CaptureFixture[str]) -> None:
    with raw_server(b"HTTP/1.1 200 OK\r\nno header\r\nContent-Length: 0\r\n\r\n") as server:
        assert get(f"{server.url}/?secret").status == 200
    assert logging.getLogger("urllib3.connection").getEffectiveLevel() == logging.ERROR
    assert "secret" not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    "url", ["", "https://", "app.example", "ftp://app.example/", "https://app.example:port/", "http://a..b/"]
)
def test_unusable_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"[Pp]ort|address|label"):
        HttpClient(url, timeout=1, max_body=1)
