"""The app's backend, which receives webhooks."""

from collections.abc import Iterator

import pytest

from moderation.webhooks.endpoint import Endpoint
from tests.moderation.webhooks.app_backend import SECRET, AppBackend
from tests.serving import serving


@pytest.fixture
def app_backend() -> Iterator[AppBackend]:
    with serving(AppBackend()) as app_backend:
        yield app_backend


@pytest.fixture
def endpoint(app_backend: AppBackend) -> Iterator[Endpoint]:
    with Endpoint(app_backend.url, SECRET, timeout=20) as endpoint:
        yield endpoint
