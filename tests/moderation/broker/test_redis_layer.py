"""The channel layer on a Redis of its own, which comes and goes."""

import asyncio
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Self

import pytest
import redis
from channels_redis.pubsub import RedisPubSubChannelLayer

from moderation.broker.redis_layer import REDIS_ERRORS, RedisLayer
from tests.system.services import RedisServer, running_redis

pytestmark = pytest.mark.skipif(not os.environ.get("REDIS_URL"), reason="is about Redis")

TIMEOUT = 5.0
PREFIX = "test"


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with running_redis() as running:
        yield running


@pytest.fixture
def layer(server: RedisServer) -> RedisLayer:
    return RedisLayer(
        {"url": server.address, "socket_timeout": 0.5, "socket_connect_timeout": 0.5}, prefix=PREFIX
    )


def listeners(server: RedisServer) -> int:
    """How many connections listen to anything."""
    with redis.Redis.from_url(server.address) as client:
        return len(client.client_list(_type="pubsub"))


class Ear:
    """A channel that hears of groups, and what it has heard."""

    def __init__(self, layer: RedisLayer, *groups: str) -> None:
        self.channel = ""
        self.groups = groups
        self._layer = layer
        self._heard = asyncio.Queue[Any]()

    async def __aenter__(self) -> Self:
        self.channel = await self._layer.new_channel()
        for group in self.groups:
            await self._layer.group_add(group, self.channel)
        self._task = asyncio.create_task(self._listen())
        await self.release_forbidden_seats()
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _listen(self) -> None:
        while True:
            self._heard.put_nowait(await self._layer.receive(self.channel))

    async def next(self) -> Any:
        """Return what is heard next, other than what `release_forbidden_seats` asks."""
        async with asyncio.timeout(TIMEOUT):
            while "asked" in (message := await self._heard.get()):
                pass
        return message

    async def release_forbidden_seats(self) -> None:
        """Ask until all groups are heard of."""
        async with asyncio.timeout(TIMEOUT):
            for group in self.groups:
                while True:
                    with suppress(*REDIS_ERRORS):
                        self._layer.publish(group, {"asked": group})
                    with suppress(TimeoutError):
                        if await asyncio.wait_for(self._heard.get(), 0.1) == {"asked": group}:
                            break


def test_thread_that_publishes_is_heard_by_the_channels_of_its_group(layer: RedisLayer) -> None:
    async def play() -> None:
        async with Ear(layer, "a", "b") as one, Ear(layer, "b") as other:
            await asyncio.to_thread(layer.publish, "a", {"n": 1})
            await asyncio.to_thread(layer.publish, "b", {"n": 2})
            assert [await one.next(), await one.next(), await other.next()] == [{"n": 1}, {"n": 2}, {"n": 2}]

    asyncio.run(play())


def test_layer_of_channels_redis_is_understood_and_understands(
    server: RedisServer, layer: RedisLayer
) -> None:
    async def play() -> None:
        theirs = RedisPubSubChannelLayer(hosts=[server.address], prefix=PREFIX)
        channel = await theirs.new_channel()
        await theirs.group_add("a", channel)
        async with Ear(layer, "a") as ear:
            # What `release_forbidden_seats` asked was heard there, too.
            assert await theirs.receive(channel) == {"asked": "a"}
            await theirs.group_send("a", {"n": 1})
            assert await ear.next() == {"n": 1}
        await theirs.flush()

    asyncio.run(play())


def test_discarded_group_is_heard_no_more(layer: RedisLayer) -> None:
    async def play() -> None:
        async with Ear(layer, "a", "b") as ear:
            await layer.group_discard("a", ear.channel)
            layer.publish("b", {"n": 0})
            assert await ear.next() == {"n": 0}  # so that Redis has taken note
            layer.publish("a", {"n": 1})
            layer.publish("b", {"n": 2})
            assert await ear.next() == {"n": 2}

    asyncio.run(play())


def test_channel_hears_of_its_groups_again_once_redis_is_back(
    server: RedisServer, layer: RedisLayer, caplog: pytest.LogCaptureFixture
) -> None:
    async def play() -> None:
        async with Ear(layer, "a", "b", "c") as ear:
            await layer.group_discard("c", ear.channel)
            server.kill()
            await asyncio.sleep(0.7)  # long enough to have tried in vain
            server.start()
            ear.groups = ("a", "b")
            await ear.release_forbidden_seats()
            layer.publish("c", {"n": 0})
            layer.publish("a", {"n": 1})
            assert await ear.next() == {"n": 1}

    with caplog.at_level(logging.WARNING, "moderation"):
        asyncio.run(play())
    # Once, however often it tries to come back.
    assert [record.getMessage() for record in caplog.records] == ["Redis is away"]


def test_connection_that_redis_has_closed_is_noticed_when_publishing(
    server: RedisServer, layer: RedisLayer
) -> None:
    async def play() -> None:
        async with Ear(layer, "a") as ear:
            with redis.Redis.from_url(server.address) as client:
                client.client_kill_filter(_type="normal")
            layer.publish("a", {"n": 1})
            assert await ear.next() == {"n": 1}

    asyncio.run(play())


def test_nothing_can_be_said_or_heard_while_redis_is_away(server: RedisServer, layer: RedisLayer) -> None:
    server.kill()
    with pytest.raises(REDIS_ERRORS):
        layer.publish("a", {"n": 1})
    with pytest.raises(REDIS_ERRORS):
        asyncio.run(layer.new_channel())


def test_redis_that_hangs_is_away_and_is_not_mistaken_for_the_next_answer(
    server: RedisServer, layer: RedisLayer
) -> None:
    async def play() -> None:
        async with Ear(layer, "a") as ear:
            server.freeze()
            with pytest.raises(redis.TimeoutError):
                layer.publish("a", {"n": 1})
            server.thaw()
            await asyncio.sleep(0.1)
            layer.publish("a", {"n": 2})
            # The first had been sent, after all.
            assert [await ear.next(), await ear.next()] == [{"n": 1}, {"n": 2}]

    asyncio.run(play())


def test_channel_whose_reader_is_cancelled_is_closed(server: RedisServer, layer: RedisLayer) -> None:
    async def play() -> None:
        async with Ear(layer, "a") as ear:
            assert listeners(server) == 1
        async with asyncio.timeout(TIMEOUT):
            while listeners(server):
                await asyncio.sleep(0.01)
        await layer.group_discard("a", ear.channel)  # is nothing to complain about

    asyncio.run(play())
