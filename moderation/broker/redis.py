"""The broker of several processes: Redis pub/sub, with one channel for each room."""

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress
from functools import cached_property
from time import monotonic
from typing import Any

from redis import ConnectionError as RedisConnectionError
from redis import Redis, RedisError
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from moderation.broker.protocol import BrokerUnavailable

REDIS_ERRORS = (RedisError, OSError)
"""What redis-py raises while Redis is unavailable."""

TIMEOUT = 0.5
# Seconds between attempts to connect a subscription.
RECONNECT_INTERVAL = 0.5

_OPTIONS: dict[str, Any] = {
    "socket_connect_timeout": TIMEOUT,
    "socket_timeout": TIMEOUT,
    # With RESP3, redis-py formats every message for its own debug log.
    "protocol": 2,
}

_log = logging.getLogger(__name__)

# redis-py annotates only some methods of its `PubSub`.
PubSub = Any


def channel_of(room_id: str) -> str:
    return f"tokensvc.room.{room_id}"


class RedisBroker:
    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def _client(self) -> Redis:
        # One retry, because a connection that Redis closed fails at its next use. Not after a time-out: it
        # would double the wait and perhaps the message.
        retry = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
        # One connection, which connects here: checking one out of a pool costs a third more per message.
        return Redis.from_url(self._url, retry=retry, single_connection_client=True, **_OPTIONS)

    def publish(self, room_id: str, message: str) -> None:
        try:
            self._client.publish(channel_of(room_id), message)
        except REDIS_ERRORS as error:
            raise BrokerUnavailable(repr(error)) from error

    def subscription(self) -> "RedisSubscription":
        return RedisSubscription(self._url)


class RedisSubscription:
    """Replaces its connection when that fails, and subscribes to its rooms again."""

    def __init__(self, url: str) -> None:
        # No retries: redis-py would reconnect in `receive` while `add` does so, too.
        retry = AsyncRetry(NoBackoff(), 0, supported_errors=())
        self._client = AsyncRedis.from_url(url, retry=retry, decode_responses=True, **_OPTIONS)
        self._channels: set[str] = set()
        self._pubsub: PubSub | None = None
        self._connect_after = 0.0
        self._is_down = False
        # Held by those who connect and send, not by the reader.
        self._lock = asyncio.Lock()

    async def add(self, room_id: str) -> None:
        async with self._lock:
            self._channels.add(channel_of(room_id))
            if self._pubsub is None:
                await self._connect()
            else:
                await self._send(self._pubsub, self._pubsub.subscribe(channel_of(room_id)))

    async def discard(self, room_id: str) -> None:
        async with self._lock:
            self._channels.discard(channel_of(room_id))
            if self._pubsub is not None:
                await self._send(self._pubsub, self._pubsub.unsubscribe(channel_of(room_id)))

    async def receive(self) -> str:
        while True:
            pubsub = await self._connected()
            try:
                message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=None)
            except REDIS_ERRORS as error:
                self._log_once(error)
                await self._drop(pubsub)
            else:
                if message is not None:
                    return str(message["data"])

    async def close(self) -> None:
        async with self._lock:
            self._channels.clear()
            if self._pubsub is not None:
                await self._drop(self._pubsub)
            with suppress(*REDIS_ERRORS):
                await self._client.aclose()

    async def _send(self, pubsub: PubSub, command: Awaitable[None]) -> None:
        try:
            await command
        except REDIS_ERRORS:
            await self._drop(pubsub)  # so that `receive` fails, and connects again

    async def _connected(self) -> PubSub:
        while True:
            async with self._lock:
                if self._pubsub is None:
                    await self._connect()
                if self._pubsub is not None:
                    return self._pubsub
            await asyncio.sleep(RECONNECT_INTERVAL)

    async def _connect(self) -> None:
        """Try to connect, unless the last attempt is too recent."""
        if monotonic() < self._connect_after:
            return
        self._connect_after = monotonic() + RECONNECT_INTERVAL
        pubsub: PubSub = self._client.pubsub()
        try:
            await pubsub.connect()
            if self._channels:
                await pubsub.subscribe(*self._channels)
        except REDIS_ERRORS as error:
            self._log_once(error)
            await pubsub.aclose()
        else:
            self._pubsub, self._is_down = pubsub, False

    async def _drop(self, pubsub: PubSub) -> None:
        if self._pubsub is pubsub:
            self._pubsub = None
        await pubsub.aclose()

    def _log_once(self, error: Exception) -> None:
        if not self._is_down:
            _log.warning("Redis is unavailable", extra={"fields": {"error": repr(error)}})
        self._is_down = True
