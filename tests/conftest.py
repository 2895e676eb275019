"""Fixtures of all tests: a room with the cast (see `cast`), and API clients of each kind of caller."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from pytest_django import Settings
from rest_framework_api_key.models import APIKey

from moderation.broker import announce
from rooms.models import Room
from tests.api import Api
from tests.cast import add_members, identity_token
from tests.rooms.kicking.agora_rest import CUSTOMER, AgoraRest, running_agora
from tokensvc.web.throttling import counter


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    """Reset what outlives a test: the counts of throttles, and the pause after a failed announcement."""
    _reset_process()
    yield
    _reset_process()


def _reset_process() -> None:
    cache.clear()
    counter.cache_clear()
    announce._paused_until = 0.0


@pytest.fixture
def backend(db: None) -> Api:
    _, key = APIKey.objects.create_key(name="shop")
    return Api(f"Api-Key {key}")


@pytest.fixture
def as_user() -> Callable[..., Api]:
    def user(user_id: str, **claims: object) -> Api:
        return Api(f"Bearer {identity_token(user_id, **claims)}")

    return user


@pytest.fixture
def anonymous() -> Api:
    return Api()


@pytest.fixture
def room(db: None) -> Room:
    """A room for members only; the cast are its members."""
    room = Room.objects.create(name="Algebra 1", default_role=None)
    add_members(room)
    room.refresh_from_db()
    return room


@pytest.fixture
def agora_rest() -> Iterator[AgoraRest]:
    """A stand-in for Agora's REST API, which enforces kicks and bans."""
    with running_agora() as server:
        yield server


@pytest.fixture
def agora(agora_rest: AgoraRest, settings: Settings) -> AgoraRest:
    """The stand-in that the settings name."""
    settings.AGORA_CUSTOMER_ID, settings.AGORA_CUSTOMER_SECRET = CUSTOMER
    settings.AGORA_REST_URL = agora_rest.url
    return agora_rest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse two items with the same id: pytest-xdist would run only one of them."""
    seen = Counter(item.nodeid for item in items)
    if twice := [id_ for id_, count in seen.items() if count > 1]:
        raise pytest.UsageError(f"test ids are not unique: {twice}")
