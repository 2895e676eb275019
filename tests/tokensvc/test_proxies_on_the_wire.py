"""Where a client is, by the word of a trusted proxy: asked of real servers with real headers."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.system.servers import Server, identity, manage, migrate

# Both are this machine; only the first is a proxy that is trusted.
PROXY, STRANGER = "127.0.0.1", "127.0.0.2"
LET_IN, DENIED = "EU", "region_denied"
# From elsewhere than BACKEND_NETWORKS a key is not even looked up.
APP, OTHER = "203.0.113.5", "198.51.100.7"
LOOKED_UP, REFUSED = "The API key is unknown or revoked.", "API keys are not accepted from this address."

Headers = Sequence[tuple[str, str]]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    address = f"sqlite:///{tmp_path_factory.mktemp('region') / 'region.sqlite3'}"
    migrate(address)
    return address


@pytest.fixture(scope="module")
def room(database: str) -> str:
    made = json.loads(manage(database, "create_room", "--region", "EU", "--json"))
    return str(made["id"])


@pytest.fixture(scope="module", params=["web", "live"])
def server(request: pytest.FixtureRequest, database: str) -> Iterator[Server]:
    settings = {
        "CLIENT_COUNTRY_HEADER": "CF-IPCountry",
        "BACKEND_NETWORKS": APP,
        "AUTH_FAILURE_RATE": "1000/s",
        "DEBUG": "true",  # plain HTTP is answered
    }
    server = Server(database, kind=request.param, **settings)
    try:
        yield server.wait()
    finally:
        server.stop()


def ask(server: Server, address: str, method: str, path: str, *headers: tuple[str, str]) -> Any:
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=20, source_address=(address, 0))) as asking:
        asking.putrequest(method, f"/api/v1/{path}")
        for name, value in (("Content-Length", "0"), *headers):
            asking.putheader(name, value)
        asking.endheaders()
        return json.load(asking.getresponse())


def outcome(server: Server, room: str, address: str, headers: Headers) -> str:
    """The region of the room that somebody was let into, or why they were not."""
    answer = ask(
        server, address, "POST", f"rooms/{room}/tokens/", ("Authorization", identity("dave")), *headers
    )
    return str(answer["room"]["region"] if "room" in answer else answer["code"])


FORWARDED = ("X-Forwarded-For", "203.0.113.7")


@pytest.mark.parametrize(
    ("address", "headers", "expected"),
    [
        (PROXY, [FORWARDED, ("CF-IPCountry", "DE")], LET_IN),
        (PROXY, [FORWARDED, ("cf-ipcountry", "fr")], LET_IN),
        (PROXY, [("CF-IPCountry", "DE")], LET_IN),
        (PROXY, [FORWARDED, ("CF-IPCountry", "US")], DENIED),
        (PROXY, [FORWARDED, ("CF-IPCountry", "XX")], DENIED),
        (PROXY, [FORWARDED], DENIED),
        (STRANGER, [("CF-IPCountry", "DE")], DENIED),
        (STRANGER, [FORWARDED, ("CF-IPCountry", "DE")], DENIED),
        (STRANGER, [("X-Forwarded-For", PROXY), ("CF-IPCountry", "DE")], DENIED),
        # Given twice it is no country, in whichever order.
        (PROXY, [FORWARDED, ("CF-IPCountry", "DE"), ("CF-IPCountry", "US")], DENIED),
        (PROXY, [FORWARDED, ("CF-IPCountry", "US"), ("CF-IPCountry", "DE")], DENIED),
        # From a stranger it is dropped however it is written.
        (STRANGER, [("CF_IPCountry", "DE")], DENIED),
    ],
)
def test_region_is_that_of_the_country_that_a_trusted_proxy_names(
    server: Server, room: str, address: str, headers: Headers, expected: str
) -> None:
    assert outcome(server, room, address, headers) == expected


@pytest.mark.parametrize(
    ("address", "forwarded", "expected"),
    [
        (PROXY, [APP], LOOKED_UP),
        (PROXY, [f"{OTHER}, {APP}, {PROXY}"], LOOKED_UP),
        (PROXY, [f"{APP}, {OTHER}"], REFUSED),
        # A proxy may add a line of its own to those it was sent.
        (PROXY, [OTHER, APP], LOOKED_UP),
        (PROXY, [APP, OTHER], REFUSED),
        (PROXY, [], REFUSED),
        (STRANGER, [APP], REFUSED),
        (STRANGER, [APP, PROXY], REFUSED),
    ],
)
def test_client_is_the_nearest_that_a_trusted_proxy_names(
    server: Server, address: str, forwarded: list[str], expected: str
) -> None:
    lines = [("X-Forwarded-For", line) for line in forwarded]
    answer = ask(server, address, "GET", "rooms/", ("Authorization", "Api-Key x.y"), *lines)
    assert (answer["code"], answer["detail"]) == ("invalid_credentials", expected)
