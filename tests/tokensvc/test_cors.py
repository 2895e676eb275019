"""CORS: pages of CORS_ALLOWED_ORIGINS may call the API, others may not."""

from typing import Any

import pytest
from django.test import Client

OURS, THEIRS = "https://app.example", "https://evil.example"
client = Client()

PATH = "/api/v1/rooms/some/tokens/"


def preflight(origin: str, path: str = PATH) -> Any:
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type, x-request-id",
    }
    return client.options(path, headers=headers)


def test_page_of_ours_may_call_with_its_credentials() -> None:
    response = preflight(OURS)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == OURS
    assert "POST" in response.headers["Access-Control-Allow-Methods"].split(", ")
    allowed = set(response.headers["Access-Control-Allow-Headers"].split(", "))
    assert {"authorization", "content-type", "x-request-id"} <= allowed
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize("origin", [THEIRS, "http://app.example", "https://app.example.evil.example", "null"])
def test_page_of_others_may_not(origin: str) -> None:
    assert "Access-Control-Allow-Origin" not in preflight(origin).headers


@pytest.mark.django_db
def test_page_of_ours_may_read_answers_and_what_they_say_in_their_head() -> None:
    response = client.post(PATH, headers={"origin": OURS})
    assert response.status_code == 401
    assert response.headers["Access-Control-Allow-Origin"] == OURS
    exposed = set(response.headers["Access-Control-Expose-Headers"].split(", "))
    assert {"retry-after", "x-request-id"} <= exposed
    assert "origin" in response.headers["Vary"]


@pytest.mark.django_db
def test_page_of_others_may_not_read_answers() -> None:
    response = client.post(PATH, headers={"origin": THEIRS})
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.django_db
def test_answers_that_caches_keep_vary_by_origin() -> None:
    for headers in ({}, {"origin": OURS}, {"origin": THEIRS}):
        assert "origin" in client.get("/api/v1/rooms/", headers=headers).headers["Vary"]
