"""The running room of these tests."""

from datetime import datetime

import pytest
from django.db import connection

from rooms.models import Room
from tests.running_room import NOON, come_in


@pytest.fixture
def entered_at() -> datetime:
    """When the users that `present` names entered."""
    return NOON


@pytest.fixture
def running(request: pytest.FixtureRequest, room: Room, entered_at: datetime) -> Room:
    """The room with the users connected that the mark `present` names: one version each, in this order."""
    mark = request.node.get_closest_marker("present")
    assert mark is not None, 'Say who is connected: @pytest.mark.present("alice")'
    come_in(room, *mark.args, now=entered_at)
    return room


@pytest.fixture
def _waiting_writers(transactional_db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("threads do not share the rows of an in-memory SQLite database")
