"""Real servers respond in the expected format to any content type."""

from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection

import pytest

from tests.system.servers import PROXIED, Server

UNUSABLE = ["hex", "rot13", "idna", "undefined", "martian", "zlib"]
CONTENT_TYPES = [
    *(f"application/json; charset={charset}" for charset in UNUSABLE),
    "application/json; charset*=nope''x",
    "application/json; charset",
    ";;;=",
]


@pytest.fixture(scope="module", params=["web", "live"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    server = Server("sqlite:///:memory:", kind=request.param)
    try:
        yield server.wait()
    finally:
        server.stop()


def ask(server: Server, path: str, content_type: str) -> tuple[int, str | None]:
    headers = {**PROXIED, "Content-Type": content_type}
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        connection.request("POST", path, b"{}", headers)
        response = connection.getresponse()
        response.read()
        return response.status, response.headers.get("Content-Type")


@pytest.mark.parametrize("query", ["", "?key=x", "?" + "&".join(f"p{number}=" for number in range(1500))])
def test_request_never_fails_because_of_its_content_type(server: Server, query: str) -> None:
    for content_type in CONTENT_TYPES:
        assert ask(server, f"/photon/auth/{query}", content_type) == (200, "application/json"), content_type
        nowhere = ask(server, f"/api/v1/nowhere/{query}", content_type)
        assert nowhere == (404, "application/problem+json"), content_type
