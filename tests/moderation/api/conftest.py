"""Fixtures for Agora's calls over HTTP."""

from datetime import datetime

import pytest
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.moderation.api.agora_notifier import SECRET, AgoraNotifier


@pytest.fixture
def notifier(live_server: LiveServer, settings: Settings) -> AgoraNotifier:
    settings.AGORA_NOTIFICATION_SECRET = SECRET
    return AgoraNotifier(live_server.url, SECRET)


@pytest.fixture
def entered_at() -> datetime:
    return timezone.now()
