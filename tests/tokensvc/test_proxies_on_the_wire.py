"""Client address and country behind a trusted proxy, tested on real servers."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.system.servers import Server, identity, manage, migrate

# Both are loopback addresses; only the first is a trusted proxy.
PROXY, UNTRUSTED = "127.0.0.1", "127.0.0.2"
ALLOWED, DENIED = "EU", "region_denied"
# A key from outside BACKEND_NETWORKS is refused without a look-up.
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
        "DEBUG": "true",  # allows plain HTTP
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
    """Return the region of the room that dave may enter, or the refusal code."""
    answer = ask(
        server, address, "POST", f"rooms/{room}/tokens/", ("Authorization", identity("dave")), *headers
    )
    return str(answer["room"]["region"] if "room" in answer else answer["code"])


FORWARDED = ("X-Forwarded-For", "203.0.113.7")


@pytest.mark.parametrize(
    ("address", "headers", "expected"),
    [
        (PROXY, [FORWARDED, ("CF-IPCountry", "DE")], ALLOWED),
        (PROXY, [FORWARDED, ("cf-ipcountry", "fr")], ALLOWED),
        (PROXY, [("CF-IPCountry", "DE")], ALLOWED),
        (PROXY, [FORWARDED, ("CF-IPCountry", "US")], DENIED),
        (PROXY, [FORWARDED, ("CF-IPCountry", "XX")], DENIED),
        (PROXY, [FORWARDED], DENIED),
        (UNTRUSTED, [("CF-IPCountry", "DE")], DENIED),
        (UNTRUSTED, [FORWARDED, ("CF-IPCountry", "DE")], DENIED),
        (UNTRUSTED, [("X-Forwarded-For", PROXY), ("CF-IPCountry", "DE")], DENIED),
        # A repeated header is not a country, in either order.
        (PROXY, [FORWARDED, ("CF-IPCountry", "DE"), ("CF-IPCountry", "US")], DENIED),
        (PROXY, [FORWARDED, ("CF-IPCountry", "US"), ("CF-IPCountry", "DE")], DENIED),
        # From an untrusted sender it is dropped in any spelling.
        (UNTRUSTED, [("CF_IPCountry", "DE")], DENIED),
    ],
)
def test_region_follows_the_country_header_of_a_trusted_proxy(
    server: Server, room: str, address: str, headers: Headers, expected: str
) -> None:
    assert outcome(server, room, address, headers) == expected


@pytest.mark.parametrize(
    ("address", "forwarded", "expected"),
    [
        (PROXY, [APP], LOOKED_UP),
        (PROXY, [f"{OTHER}, {APP}, {PROXY}"], LOOKED_UP),
        (PROXY, [f"{APP}, {OTHER}"], REFUSED),
        # A proxy may append a separate header line.
        (PROXY, [OTHER, APP], LOOKED_UP),
        (PROXY, [APP, OTHER], REFUSED),
        (PROXY, [], REFUSED),
        (UNTRUSTED, [APP], REFUSED),
        (UNTRUSTED, [APP, PROXY], REFUSED),
    ],
)
def test_client_is_the_rightmost_address_of_a_trusted_proxy(
    server: Server, address: str, forwarded: list[str], expected: str
) -> None:
    lines = [("X-Forwarded-For", line) for line in forwarded]
    answer = ask(server, address, "GET", "rooms/", ("Authorization", "Api-Key x.y"), *lines)
    assert (answer["code"], answer["detail"]) == ("invalid_credentials", expected)
