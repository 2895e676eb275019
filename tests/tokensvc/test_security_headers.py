"""Security headers and cookies of responses."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from rooms.models import Room
from tests.api import Api

pytestmark = pytest.mark.django_db

client = Client()

AsUser = Callable[..., Api]


def test_responses_with_credentials_are_not_stored(
    as_user: AsUser, anonymous: Api, backend: Api, room: Room
) -> None:
    invite = backend.post(f"rooms/{room.id}/invites/")
    for response in (
        as_user("bob").post(f"rooms/{room.id}/tokens/"),
        backend.post(f"rooms/{room.id}/tokens/", {"user_id": "bob"}),
        invite,
        anonymous.post("invites/redeem/", {"code": invite.json()["code"]}),
    ):
        assert response.headers["Cache-Control"] == "no-store"


PAGES = ["/api/schema/", "/admin/login/", "/join/", "/healthz", "/x"]


@pytest.mark.parametrize("path", ["/api/v1/rooms/", *PAGES])
def test_responses_have_security_headers(path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("path", PAGES)
def test_pages_cannot_be_framed(path: str) -> None:
    assert client.get(path).headers["X-Frame-Options"] == "DENY"


def test_form_without_csrf_token_is_refused() -> None:
    forged = Client(enforce_csrf_checks=True)
    assert forged.post("/admin/login/", {"username": "a", "password": "b"}).status_code == 403


def test_api_sets_no_cookies(as_user: AsUser, backend: Api, room: Room) -> None:
    for response in (as_user("bob").post(f"rooms/{room.id}/tokens/"), backend.get("rooms/")):
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")


def get(path: str, *, secure: bool) -> Any:
    return Client().get(path, secure=secure)  # a new client, because the middleware reads its settings once


def test_plain_http_is_redirected_except_for_probes(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    for path in ("/api/v1/rooms/", "/admin/", "/join/"):
        response = get(path, secure=False)
        assert (response.status_code, response.headers["Location"]) == (301, f"https://testserver{path}")
        assert get(path, secure=True).status_code != 301
    for path in ("/healthz", "/readyz", "/metrics"):
        assert get(path, secure=False).status_code == 200


def test_hsts_header_is_sent_over_https_only() -> None:
    header = get("/healthz", secure=True).headers["Strict-Transport-Security"]
    assert header == "max-age=31536000; includeSubDomains; preload"
    assert "Strict-Transport-Security" not in get("/healthz", secure=False).headers


def test_cookies_are_secure(settings: Settings) -> None:
    assert settings.SESSION_COOKIE_SECURE
    assert settings.CSRF_COOKIE_SECURE
    assert settings.SESSION_COOKIE_HTTPONLY
