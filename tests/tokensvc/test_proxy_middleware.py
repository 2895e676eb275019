"""`ProxyMiddleware`: the client's address, and which forwarded headers remain."""

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from tokensvc.proxies import ProxyMiddleware

PROXY, NEXT_PROXY, PROXY_6, CLIENT, OTHER = (
    "10.0.0.1",
    "10.0.0.2",
    "2001:db8::1",
    "203.0.113.5",
    "198.51.100.7",
)
CLIENT_6 = "2a00:1450::5"

HEADERS = ["X-Forwarded-For", "X-Forwarded-Proto", "CF-IPCountry"]


@pytest.fixture(autouse=True)
def _proxies(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/24"), ip_network("2001:db8::/32")]
    settings.CLIENT_COUNTRY_HEADER = "CF-IPCountry"


def processed(address: str, headers: Mapping[str, str]) -> HttpRequest:
    """Return the request that the next middleware gets."""
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=address)
    seen: list[HttpRequest] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    ProxyMiddleware(answer)(request)
    return seen[0]


def client_of(address: str, forwarded: str | None) -> Any:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return processed(address, headers).META["REMOTE_ADDR"]


@pytest.mark.parametrize("address", [CLIENT, CLIENT_6, "::ffff:203.0.113.5", "10.0.1.1", "", "unknown"])
@pytest.mark.parametrize("forwarded", [None, "", OTHER, PROXY, f"{OTHER}, {PROXY}", "127.0.0.1"])
def test_address_of_a_direct_client_is_kept(address: str, forwarded: str | None) -> None:
    assert client_of(address, forwarded) == address


@pytest.mark.parametrize("proxy", [PROXY, PROXY_6, "::ffff:10.0.0.1", "2001:DB8:0:0::1"])
@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (CLIENT, CLIENT),
        (CLIENT_6, CLIENT_6),
        (f" {CLIENT} ", CLIENT),
        # Addresses left of the rightmost untrusted one can be forged.
        (f"{OTHER}, {CLIENT}", CLIENT),
        (f"{OTHER},{CLIENT}", CLIENT),
        (f"127.0.0.1, {PROXY}, {OTHER}, {CLIENT}", CLIENT),
        (f"unknown, ;', {CLIENT}", CLIENT),
        # Several trusted proxies.
        (f"{CLIENT}, {NEXT_PROXY}", CLIENT),
        (f"{OTHER}, {CLIENT}, {NEXT_PROXY}, {PROXY}", CLIENT),
        (f"{CLIENT_6}, {PROXY_6}, {NEXT_PROXY}", CLIENT_6),
        (f"{CLIENT}, ::ffff:10.0.0.2", CLIENT),
        # A proxy may forward text that is not an address.
        (f"{CLIENT}, unknown", "unknown"),
        (f"{CLIENT}, garbage, {NEXT_PROXY}", "garbage"),
        # Empty list elements are ignored (RFC 9110, 5.6.1).
        (f"{CLIENT},", CLIENT),
        (f"{OTHER}, , {CLIENT}, ,", CLIENT),
        # The client itself is in TRUSTED_PROXIES.
        (NEXT_PROXY, NEXT_PROXY),
        (f"{NEXT_PROXY}, {PROXY}", NEXT_PROXY),
    ],
)
def test_client_is_the_rightmost_untrusted_address(proxy: str, forwarded: str, client: str) -> None:
    assert client_of(proxy, forwarded) == client


@pytest.mark.parametrize("forwarded", [None, "", " ", ",", " , ,"])
def test_proxy_without_forwarded_addresses_is_the_client(forwarded: str | None) -> None:
    assert client_of(PROXY, forwarded) == PROXY


def forwarded_headers(request: HttpRequest) -> dict[str, str]:
    return {name: request.headers[name] for name in HEADERS if name in request.headers}


def test_headers_of_a_trusted_proxy_are_kept() -> None:
    headers = {"X-Forwarded-For": f"{OTHER}, {CLIENT}", "X-Forwarded-Proto": "https", "CF-IPCountry": "DE"}
    request = processed(PROXY, headers)
    assert forwarded_headers(request) == headers
    assert request.is_secure()


@pytest.mark.parametrize("address", [CLIENT, "::ffff:203.0.113.5", "10.0.1.1", ""])
def test_forwarded_headers_of_untrusted_senders_are_dropped(address: str) -> None:
    headers = {
        "X-Forwarded-For": CLIENT,
        "X-Forwarded-Proto": "https",
        "CF-IPCountry": "DE",
        "X-Other": "kept",
    }
    request = processed(address, headers)
    assert forwarded_headers(request) == {}
    assert request.headers["X-Other"] == "kept"
    assert not request.is_secure()


@pytest.mark.parametrize("name", ["CF-IPCountry", "cf-ipcountry", "cf_ipcountry", "CF_IPCOUNTRY"])
def test_country_is_dropped_in_any_spelling_of_the_setting(settings: Settings, name: str) -> None:
    settings.CLIENT_COUNTRY_HEADER = name
    assert forwarded_headers(processed(CLIENT, {"cf-ipcountry": "DE"})) == {}


def test_country_header_is_kept_if_the_setting_is_empty(settings: Settings) -> None:
    settings.CLIENT_COUNTRY_HEADER = ""
    assert forwarded_headers(processed(CLIENT, {"CF-IPCountry": "DE"})) == {"CF-IPCountry": "DE"}


def test_no_sender_is_trusted_by_default(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = []
    headers = {"X-Forwarded-For": CLIENT, "X-Forwarded-Proto": "https", "CF-IPCountry": "DE"}
    request = processed(PROXY, headers)
    assert (request.META["REMOTE_ADDR"], forwarded_headers(request)) == (PROXY, {})
