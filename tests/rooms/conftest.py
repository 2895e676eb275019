"""Fixtures of the service as Photon uses it."""

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.rooms.photon.callers import APP_ID, KEY, SECRET, PhotonServer


@pytest.fixture
def dashboard(settings: Settings) -> None:
    """Configure the settings as in Photon's dashboard."""
    settings.PHOTON_APP_ID = APP_ID
    settings.PHOTON_REGION = "eu"
    settings.PHOTON_AUTH_KEY = KEY
    settings.PHOTON_WEBHOOK_SECRET = SECRET


@pytest.fixture
def photon(dashboard: None, live_server: LiveServer) -> PhotonServer:
    """Photon's servers, which call this service over HTTP."""
    return PhotonServer(live_server.url)
