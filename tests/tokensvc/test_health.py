"""`/healthz` and `/readyz`."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests.rooms.api.responses import problem, refused

REDIS_ERRORS = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
}
HERE = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def get(path: str) -> Any:
    return Client(raise_request_exception=False).get(path)


def test_healthz_asks_nobody() -> None:
    response = get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_readyz_says_what_answers(settings: Settings) -> None:
    settings.REDIS_URL = ""
    response = get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "checks": {"database": "ok"}}


@pytest.mark.django_db
def test_readyz_includes_redis_when_it_is_set(settings: Settings) -> None:
    settings.REDIS_URL = "redis://somewhere"
    settings.CACHES = HERE
    assert get("/readyz").json() == {"status": "ok", "checks": {"database": "ok", "redis": "ok"}}


@pytest.mark.django_db
def test_readyz_names_what_does_not_answer(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.CACHES = REDIS_ERRORS
    response = get("/readyz")
    assert refused(response) == problem(503, "unavailable", "Does not answer: redis.")
    assert response.headers["Retry-After"] == "2"
