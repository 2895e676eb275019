"""The broker of the settings: Redis where `REDIS_URL` is set, else memory."""

from django.conf import settings

from moderation.broker.memory import MemoryBroker
from moderation.broker.protocol import Broker
from moderation.broker.redis import RedisBroker

_brokers: dict[str, Broker] = {}


def broker() -> Broker:
    """Return this process's broker."""
    url: str = settings.REDIS_URL
    return _brokers.get(url) or _brokers.setdefault(url, RedisBroker(url) if url else MemoryBroker())
