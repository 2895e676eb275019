"""CORS: origins of CORS_ALLOWED_ORIGINS may call the API, others may not."""

from typing import Any

import pytest
from django.test import Client

ALLOWED, OTHER = "https://app.example", "https://evil.example"
client = Client()

PATH = "/api/v1/rooms/some/tokens/"


def preflight(origin: str, path: str = PATH) -> Any:
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type, x-request-id",
    }
    return client.options(path, headers=headers)


def test_allowed_origin_may_send_credentials() -> None:
    response = preflight(ALLOWED)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == ALLOWED
    assert "POST" in response.headers["Access-Control-Allow-Methods"].split(", ")
    allowed = set(response.headers["Access-Control-Allow-Headers"].split(", "))
    assert {"authorization", "content-type", "x-request-id"} <= allowed
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize("origin", [OTHER, "http://app.example", "https://app.example.evil.example", "null"])
def test_other_origin_is_not_allowed(origin: str) -> None:
    assert "Access-Control-Allow-Origin" not in preflight(origin).headers


@pytest.mark.django_db
def test_allowed_origin_may_read_responses_and_their_headers() -> None:
    response = client.post(PATH, headers={"origin": ALLOWED})
    assert response.status_code == 401
    assert response.headers["Access-Control-Allow-Origin"] == ALLOWED
    exposed = set(response.headers["Access-Control-Expose-Headers"].split(", "))
    assert {"retry-after", "x-request-id"} <= exposed
    assert "origin" in response.headers["Vary"]


@pytest.mark.django_db
def test_other_origin_may_not_read_responses() -> None:
    response = client.post(PATH, headers={"origin": OTHER})
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.django_db
def test_cacheable_responses_vary_by_origin() -> None:
    for headers in ({}, {"origin": ALLOWED}, {"origin": OTHER}):
        assert "origin" in client.get("/api/v1/rooms/", headers=headers).headers["Vary"]
