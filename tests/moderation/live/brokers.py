"""Brokers that lose, double or refuse messages."""

from itertools import count

import pytest
from django.conf import settings

from moderation.broker import Broker, configured
from moderation.broker.memory import MemoryBroker
from moderation.broker.redis import RedisBroker


class Lossy(MemoryBroker):
    """Delivers nothing."""

    def publish(self, room_id: str, message: str) -> None:
        """Lose it."""


class EveryOther(MemoryBroker):
    """Delivers every second message, so that there is a gap before each."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = count(1)

    def publish(self, room_id: str, message: str) -> None:
        if next(self._numbers) % 2 == 0:
            super().publish(room_id, message)


class Doubling(MemoryBroker):
    """Delivers everything twice."""

    def publish(self, room_id: str, message: str) -> None:
        for _ in range(2):
            super().publish(room_id, message)


def redis_away() -> RedisBroker:
    """Return a broker whose Redis is not there: nothing listens on this port."""
    return RedisBroker("redis://127.0.0.1:1")


def use(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the service use this broker in place of the configured one."""
    monkeypatch.setitem(configured._brokers, settings.REDIS_URL, broker)
