"""`/healthz` and `/readyz`."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests.api import problem, refused

UNREACHABLE_REDIS = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
}
LOCAL_MEMORY = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def get(path: str) -> Any:
    return Client(raise_request_exception=False).get(path)


def test_healthz_does_not_check_dependencies() -> None:
    response = get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_readyz_lists_the_database(settings: Settings) -> None:
    settings.REDIS_URL = ""
    response = get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "checks": {"database": "ok"}}


@pytest.mark.django_db
def test_readyz_lists_redis_if_configured(settings: Settings) -> None:
    settings.REDIS_URL = "redis://somewhere"
    settings.CACHES = LOCAL_MEMORY
    assert get("/readyz").json() == {"status": "ok", "checks": {"database": "ok", "redis": "ok"}}


@pytest.mark.django_db
def test_readyz_names_the_failed_check(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.CACHES = UNREACHABLE_REDIS
    response = get("/readyz")
    assert refused(response) == problem(503, "unavailable", "Does not answer: redis.")
    assert response.headers["Retry-After"] == "2"
