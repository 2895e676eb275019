"""Throttles: tokens per user, redeeming and bad credentials per client address."""

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from rooms.models import Room
from tests.api import Api, problem, refused
from tokensvc.web import throttling

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]

DAY = 86400
TOO_OFTEN = problem(429, "throttled", "At most 2 in 86400 s.")


def check_throttled(response: Any, longest: int = DAY) -> None:
    assert refused(response) == TOO_OFTEN
    assert 1 <= int(response.headers["Retry-After"]) <= longest + 1


def from_address(address: str, path: str, authorization: str | None = None, body: bytes = b"") -> Any:
    client = Client(headers={"authorization": authorization} if authorization else {}, REMOTE_ADDR=address)
    return client.generic("POST", f"/api/v1/{path}", body, content_type="application/json")


def test_tokens_are_counted_per_user(settings: Settings, as_user: AsUser, room: Room) -> None:
    settings.TOKEN_RATE = (2, DAY)
    bob, path = as_user("bob"), f"rooms/{room.id}/tokens/"
    assert [bob.post(path).status_code for _ in range(2)] == [200, 200]
    check_throttled(bob.post(path))
    check_throttled(as_user("bob", name="Bob").post(f"rooms/{Room.objects.create().id}/tokens/"))
    assert as_user("alice").post(path).status_code == 200


def test_ticket_counts_for_its_user(settings: Settings, as_user: AsUser, room: Room) -> None:
    settings.TOKEN_RATE = (2, DAY)
    bob, path = as_user("bob"), f"rooms/{room.id}/tokens/"
    ticket = Api(f"Ticket {bob.post(path).json()['live']['ticket']}")
    assert ticket.post(path).status_code == 200
    check_throttled(ticket.post(path))


def test_refused_requests_count_as_well(settings: Settings, as_user: AsUser, room: Room) -> None:
    settings.TOKEN_RATE = (2, DAY)
    dave = as_user("dave")
    answers = [dave.post(f"rooms/{room.id}/tokens/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [403, 403, 429]


def test_backend_may_ask_as_often_as_it_likes(settings: Settings, backend: Api, room: Room) -> None:
    settings.TOKEN_RATE = (0, DAY)
    body = {"user_id": "bob"}
    assert [backend.post(f"rooms/{room.id}/tokens/", body).status_code for _ in range(3)] == [200] * 3


def test_counting_starts_again_with_the_next_window(
    settings: Settings, as_user: AsUser, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TOKEN_RATE = (1, 60)
    bob, path = as_user("bob"), f"rooms/{room.id}/tokens/"
    now = time.time() // 60 * 60 + 15
    monkeypatch.setattr(throttling, "time", SimpleNamespace(time=lambda: now))
    assert bob.post(path).status_code == 200
    throttled = bob.post(path)
    assert refused(throttled) == problem(429, "throttled", "At most 1 in 60 s.")
    assert throttled.headers["Retry-After"] == "46"
    now += 45
    assert bob.post(path).status_code == 200


def test_redeeming_is_counted_per_address(settings: Settings) -> None:
    settings.REDEEM_RATE = (2, DAY)
    body = b'{"code": "guess"}'
    tries = [from_address("192.0.2.1", "invites/redeem/", body=body) for _ in range(3)]
    assert [answer.status_code for answer in tries] == [404, 404, 429]
    check_throttled(tries[-1])
    assert from_address("192.0.2.2", "invites/redeem/", body=body).status_code == 404


def test_bad_credentials_are_counted_per_address(settings: Settings, backend: Api, room: Room) -> None:
    settings.AUTH_FAILURE_RATE = (2, DAY)
    bad = ["Bearer x", "Api-Key x.y", "Ticket x"]
    tries = [from_address("192.0.2.1", f"rooms/{room.id}/tokens/", scheme) for scheme in bad]
    assert [answer.status_code for answer in tries] == [401, 401, 429]
    check_throttled(tries[-1])
    check_throttled(from_address("192.0.2.1", "rooms/", "Bearer x"))
    assert from_address("192.0.2.2", "rooms/", "Bearer x").status_code == 401


def test_good_credentials_pass_whatever_came_before(settings: Settings, backend: Api, room: Room) -> None:
    settings.AUTH_FAILURE_RATE = (0, DAY)
    check_throttled_at_once = from_address("192.0.2.1", "rooms/", "Bearer x")
    assert refused(check_throttled_at_once) == problem(429, "throttled", "At most 0 in 86400 s.")
    assert from_address("192.0.2.1", "rooms/", backend.authorization, b"{}").status_code == 201


def test_missing_credentials_do_not_count(settings: Settings, anonymous: Api, room: Room) -> None:
    settings.AUTH_FAILURE_RATE = (0, DAY)
    assert anonymous.post(f"rooms/{room.id}/tokens/").status_code == 401


def test_kinds_of_counting_do_not_mix(settings: Settings, as_user: AsUser, room: Room) -> None:
    settings.TOKEN_RATE = settings.REDEEM_RATE = settings.AUTH_FAILURE_RATE = (1, DAY)
    path = f"rooms/{room.id}/tokens/"
    assert from_address("192.0.2.1", path, "Bearer x").status_code == 401
    assert from_address("192.0.2.1", "invites/redeem/", body=b'{"code": "guess"}').status_code == 404
    assert from_address("192.0.2.1", path, as_user("192.0.2.1").authorization).status_code == 403


def test_nobody_is_turned_down_while_redis_is_away(
    settings: Settings, as_user: AsUser, room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    settings.TOKEN_RATE = (0, DAY)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": settings.REDIS_URL,
        }
    }
    assert as_user("bob").post(f"rooms/{room.id}/tokens/").status_code == 200
    assert "throttle not counted: Redis is unavailable" in caplog.messages
