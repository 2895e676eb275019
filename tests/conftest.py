"""The cast: alice hosts, bob publishes, carol listens, mallory is banned; dave is nobody in particular."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings
from rest_framework_api_key.models import APIKey

from rooms.models import Member, Room
from rooms.roles import Role
from tests.rooms.kicking.agora_rest import CUSTOMER, AgoraRest, running_agora
from tokensvc.web.throttling import counter


@pytest.fixture(autouse=True)
def _fresh_counters() -> Iterator[None]:
    """What throttles have counted outlives a test."""
    _forget_counts()
    yield
    _forget_counts()


def _forget_counts() -> None:
    cache.clear()
    counter.cache_clear()


def identity_token(user_id: str, **claims: Any) -> str:
    """A token as the app's identity provider would sign it, good for ten minutes."""
    claims = {"sub": user_id, "aud": "tokensvc", "exp": int(time.time()) + 600, **claims}
    return jwt.encode(claims, settings.IDENTITY_JWT_SECRET, "HS256")


# One for all: every new one loads the middleware again, which looks through all static files.
_client = Client(raise_request_exception=False)


@dataclass(frozen=True)
class Api:
    """Speaks JSON to the API as one caller."""

    authorization: str | None = None

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        if self.authorization:
            headers.setdefault("authorization", self.authorization)
        if body is None:
            return _client.generic(method, f"/api/v1/{path}", headers=headers)
        return _client.generic(
            method, f"/api/v1/{path}", _encode(body), content_type="application/json", headers=headers
        )

    def get(self, path: str) -> Any:
        return self("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self("POST", path, body)


def _encode(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


@pytest.fixture
def backend(db: None) -> Api:
    _, key = APIKey.objects.create_key(name="shop")
    return Api(f"Api-Key {key}")


@pytest.fixture
def as_user() -> Callable[..., Api]:
    def user(user_id: str, **claims: Any) -> Api:
        return Api(f"Bearer {identity_token(user_id, **claims)}")

    return user


@pytest.fixture
def anonymous() -> Api:
    return Api()


@pytest.fixture
def room(db: None) -> Room:
    """A room for members only, with the cast in it."""
    room = Room.objects.create(name="Algebra 1", default_role=None)
    Member.objects.appoint(room, "alice", Role.HOST)
    Member.objects.appoint(room, "bob", Role.PUBLISHER)
    Member.objects.appoint(room, "carol", Role.SUBSCRIBER)
    Member.objects.ban(room, "mallory", None)
    room.refresh_from_db()
    return room


@pytest.fixture
def agora(settings: Settings) -> Iterator[AgoraRest]:
    """Agora's REST API, which kicks and bans are enforced by."""
    with running_agora() as server:
        settings.AGORA_CUSTOMER_ID, settings.AGORA_CUSTOMER_SECRET = CUSTOMER
        settings.AGORA_REST_URL = server.url
        yield server
