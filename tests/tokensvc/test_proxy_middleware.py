"""What is left of a request once it is settled whose word counts: its address, and what proxies say of it."""

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


def passed_on(address: str, headers: Mapping[str, str]) -> HttpRequest:
    """Return the request as the rest of the service gets it."""
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=address)
    seen: list[HttpRequest] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    ProxyMiddleware(answer)(request)
    return seen[0]


def client_of(address: str, forwarded: str | None) -> Any:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return passed_on(address, headers).META["REMOTE_ADDR"]


@pytest.mark.parametrize("address", [CLIENT, CLIENT_6, "::ffff:203.0.113.5", "10.0.1.1", "", "unknown"])
@pytest.mark.parametrize("forwarded", [None, "", OTHER, PROXY, f"{OTHER}, {PROXY}", "127.0.0.1"])
def test_client_that_comes_by_itself_is_its_own_address(address: str, forwarded: str | None) -> None:
    assert client_of(address, forwarded) == address


@pytest.mark.parametrize("proxy", [PROXY, PROXY_6, "::ffff:10.0.0.1", "2001:DB8:0:0::1"])
@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (CLIENT, CLIENT),
        (CLIENT_6, CLIENT_6),
        (f" {CLIENT} ", CLIENT),
        # Whatever stands before the nearest stranger was said by that stranger.
        (f"{OTHER}, {CLIENT}", CLIENT),
        (f"{OTHER},{CLIENT}", CLIENT),
        (f"127.0.0.1, {PROXY}, {OTHER}, {CLIENT}", CLIENT),
        (f"unknown, ;', {CLIENT}", CLIENT),
        # Several proxies of ours.
        (f"{CLIENT}, {NEXT_PROXY}", CLIENT),
        (f"{OTHER}, {CLIENT}, {NEXT_PROXY}, {PROXY}", CLIENT),
        (f"{CLIENT_6}, {PROXY_6}, {NEXT_PROXY}", CLIENT_6),
        (f"{CLIENT}, ::ffff:10.0.0.2", CLIENT),
        # A proxy that does not know its client says so, and the client is nobody's address.
        (f"{CLIENT}, unknown", "unknown"),
        (f"{CLIENT}, garbage, {NEXT_PROXY}", "garbage"),
        # Empty elements of a list count for nothing (RFC 9110, 5.6.1).
        (f"{CLIENT},", CLIENT),
        (f"{OTHER}, , {CLIENT}, ,", CLIENT),
        # One of our own machines.
        (NEXT_PROXY, NEXT_PROXY),
        (f"{NEXT_PROXY}, {PROXY}", NEXT_PROXY),
    ],
)
def test_client_is_the_nearest_to_us_that_is_no_proxy(proxy: str, forwarded: str, client: str) -> None:
    assert client_of(proxy, forwarded) == client


@pytest.mark.parametrize("forwarded", [None, "", " ", ",", " , ,"])
def test_proxy_that_names_nobody_speaks_for_itself(forwarded: str | None) -> None:
    assert client_of(PROXY, forwarded) == PROXY


def said(request: HttpRequest) -> dict[str, str]:
    return {name: request.headers[name] for name in HEADERS if name in request.headers}


def test_word_of_a_proxy_is_passed_on_as_it_is() -> None:
    word = {"X-Forwarded-For": f"{OTHER}, {CLIENT}", "X-Forwarded-Proto": "https", "CF-IPCountry": "DE"}
    request = passed_on(PROXY, word)
    assert said(request) == word
    assert request.is_secure()


@pytest.mark.parametrize("address", [CLIENT, "::ffff:203.0.113.5", "10.0.1.1", ""])
def test_word_of_anybody_else_is_dropped(address: str) -> None:
    word = {"X-Forwarded-For": CLIENT, "X-Forwarded-Proto": "https", "CF-IPCountry": "DE", "X-Other": "kept"}
    request = passed_on(address, word)
    assert said(request) == {}
    assert request.headers["X-Other"] == "kept"
    assert not request.is_secure()


@pytest.mark.parametrize("name", ["CF-IPCountry", "cf-ipcountry", "cf_ipcountry", "CF_IPCOUNTRY"])
def test_country_is_dropped_however_the_setting_is_written(settings: Settings, name: str) -> None:
    settings.CLIENT_COUNTRY_HEADER = name
    assert said(passed_on(CLIENT, {"cf-ipcountry": "DE"})) == {}


def test_without_the_setting_that_header_is_like_any_other(settings: Settings) -> None:
    settings.CLIENT_COUNTRY_HEADER = ""
    assert said(passed_on(CLIENT, {"CF-IPCountry": "DE"})) == {"CF-IPCountry": "DE"}


def test_nobody_is_believed_unless_trusted(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = []
    word = {"X-Forwarded-For": CLIENT, "X-Forwarded-Proto": "https", "CF-IPCountry": "DE"}
    request = passed_on(PROXY, word)
    assert (request.META["REMOTE_ADDR"], said(request)) == (PROXY, {})
