"""A room whose user bob has a number, which kicking rules need, and a clock that does not wait."""

import pytest

from rooms.models import Room
from tests.rooms.kicking.agora_rest import AgoraRest
from tests.rooms.kicking.rules import Clock, by_number


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def numbered(room: Room, agora: AgoraRest) -> Room:
    return by_number(room, "bob")
