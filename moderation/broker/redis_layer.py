"""The channel layer that carries announcements from process to process: Redis pub/sub.

It is that of channels_redis, but for the two ends that everybody in a room waits for: threads publish
without an event loop, and a channel reads its own connection, with no task, queue or timeout in between.
"""

import asyncio
import logging
from collections.abc import Mapping
from functools import cached_property
from math import inf
from threading import Lock
from typing import Any
from uuid import uuid4

from channels_redis.pubsub import RedisPubSubChannelLayer
from redis import ConnectionError as ConnectionLost
from redis import ConnectionPool, RedisError
from redis.asyncio import ConnectionPool as AsyncConnectionPool

REDIS_ERRORS = (RedisError, OSError)
"""What is raised while Redis is away."""

# Seconds between tries to get back to it.
_PAUSE = 0.5

_log = logging.getLogger(__name__)

# redis-py has types for its clients, but not for all of its connections.
Connection = Any


class RedisLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # channels_redis ships no types
    """`host` is what `redis.Redis.from_url` takes, `url` among it."""

    def __init__(self, host: Mapping[str, Any], prefix: str) -> None:
        options = {name: host[name] for name in host if name != "url"}
        super().__init__(hosts=[{"address": host["url"], **options}], prefix=prefix)
        self._prefix = prefix
        # RESP3 has pushes, which redis-py turns into text for its log, whether that is kept or not.
        self._host = {**host, "protocol": 2}
        self._channels: dict[str, _Channel] = {}
        self._publishing = Lock()

    @cached_property
    def _publisher(self) -> Connection:
        # A client does much before and after each command, and takes a third longer.
        pool: Any = ConnectionPool.from_url(**self._host)
        return pool.make_connection()

    def publish(self, group: str, message: Mapping[str, Any]) -> None:
        """Do what `group_send` does, from any thread. Raises one of `REDIS_ERRORS`."""
        with self._publishing:
            command = self._publisher.pack_command("PUBLISH", self._key(group), self.serialize(message))
            try:
                self._exchange(command)
            except ConnectionLost:  # which may have been long ago, and is only noticed now
                self._exchange(command)

    def _exchange(self, command: Any) -> None:
        self._publisher.send_packed_command(command)
        self._publisher.read_response()

    async def new_channel(self, prefix: str = "specific.") -> str:
        """Return the name of a channel with a connection of its own. Raises one of `REDIS_ERRORS`."""
        pool: Any = AsyncConnectionPool.from_url(**self._host)
        channel = _Channel(pool.make_connection())
        await channel.connect()
        name = f"{self._prefix}{prefix}{uuid4().hex}"
        self._channels[name] = channel
        return name

    async def group_add(self, group: str, channel: str) -> None:
        """Have a channel hear what a group is sent. Raises one of `REDIS_ERRORS`."""
        await self._channels[channel].subscribe(self._key(group))

    async def group_discard(self, group: str, channel: str) -> None:
        """Have a channel, should it still be there, hear no more of a group. Raises one of `REDIS_ERRORS`."""
        if channel in self._channels:
            await self._channels[channel].unsubscribe(self._key(group))

    async def receive(self, channel: str) -> Any:
        """Return the next message. A channel whose reader is cancelled is no more."""
        try:
            return self.deserialize(await self._channels[channel].read())
        except asyncio.CancelledError:
            del self._channels[channel]
            raise

    def _key(self, group: str) -> str:
        return f"{self._prefix}__group__{group}"


class _Channel:
    """A connection that hears of groups, and of the same ones when it has been lost and is back.

    It has one reader, and is closed when that is cancelled.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._keys: set[str] = set()
        # Of those who connect and send, but not of the reader, who mostly waits.
        self._lock = asyncio.Lock()
        connection.register_connect_callback(self._connected)

    async def connect(self) -> None:
        async with self._lock:
            await self._connection.connect()

    async def _connected(self, connection: Connection) -> None:
        if self._keys:
            await connection.send_command("SUBSCRIBE", *self._keys)

    async def subscribe(self, key: str) -> None:
        async with self._lock:
            await self._connection.send_command("SUBSCRIBE", key)
            self._keys.add(key)

    async def unsubscribe(self, key: str) -> None:
        async with self._lock:
            self._keys.discard(key)
            await self._connection.send_command("UNSUBSCRIBE", key)

    async def read(self) -> bytes:
        while True:
            try:
                kind, _, body = await self._connection.read_response(timeout=inf)
            except REDIS_ERRORS as error:
                _log.warning("Redis is away", extra={"fields": {"error": repr(error)}})
                await self._come_back()
            else:
                if kind == b"message":
                    return bytes(body)

    async def _come_back(self) -> None:
        while not self._connection.is_connected:
            try:
                await self.connect()
            except REDIS_ERRORS:
                await asyncio.sleep(_PAUSE)
