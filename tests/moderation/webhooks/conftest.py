"""The app's backend, which receives webhooks."""

from collections.abc import Iterator

import pytest

from tests.moderation.webhooks.app_backend import AppBackend
from tests.serving import serving


@pytest.fixture
def app_backend() -> Iterator[AppBackend]:
    with serving(AppBackend()) as app_backend:
        yield app_backend
