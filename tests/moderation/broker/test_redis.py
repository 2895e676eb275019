"""The Redis broker, on a Redis of its own that stops, hangs and starts again."""

import asyncio
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Self

import pytest
import redis

from moderation.broker import BrokerUnavailable
from moderation.broker.redis import RedisBroker
from tests.system.services import RedisServer, running_redis
from tests.waiting import eventually

pytestmark = pytest.mark.skipif(not os.environ.get("REDIS_URL"), reason="needs Redis")

TIMEOUT = 30.0
PROBE = "probe"


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with running_redis() as running:
        yield running


@pytest.fixture
def broker(server: RedisServer) -> RedisBroker:
    return RedisBroker(server.address)


def subscribers(server: RedisServer) -> int:
    """Return the number of connections that are subscribed to anything."""
    with redis.Redis.from_url(server.address) as client:
        return len(client.client_list(_type="pubsub"))


class Listener:
    """A subscription to rooms, and a task that receives from it."""

    def __init__(self, broker: RedisBroker, *room_ids: str) -> None:
        self.room_ids = room_ids
        self._broker = broker
        self._messages = asyncio.Queue[str]()

    async def __aenter__(self) -> Self:
        self.subscription = self._broker.subscription()
        for room_id in self.room_ids:
            await self.subscription.add(room_id)
        self._task = asyncio.create_task(self._receive())
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})
        await self.subscription.close()

    async def _receive(self) -> None:
        while True:
            self._messages.put_nowait(await self.subscription.receive())

    async def next(self) -> str:
        """Return the next message that is not a probe."""
        async with asyncio.timeout(TIMEOUT):
            while (message := await self._messages.get()).startswith(PROBE):
                pass
        return message

    async def connected(self) -> None:
        """Publish probes until one arrives from each room."""
        async with asyncio.timeout(TIMEOUT):
            for room_id in self.room_ids:
                await self._probe(f"{PROBE} {room_id}", room_id)

    async def _probe(self, probe: str, room_id: str) -> None:
        while True:
            with suppress(BrokerUnavailable):
                self._broker.publish(room_id, probe)
            with suppress(TimeoutError):
                if await asyncio.wait_for(self._messages.get(), 0.1) == probe:
                    return


def test_message_reaches_the_subscriptions_of_its_room(broker: RedisBroker) -> None:
    async def play() -> None:
        async with Listener(broker, "a", "b") as one, Listener(broker, "b") as other:
            await one.connected()
            await other.connected()
            await asyncio.to_thread(broker.publish, "a", "1")
            await asyncio.to_thread(broker.publish, "b", "2")
            assert [await one.next(), await one.next(), await other.next()] == ["1", "2", "2"]

    asyncio.run(play())


def test_room_added_later_is_received_as_well(broker: RedisBroker) -> None:
    async def play() -> None:
        async with Listener(broker, "a") as listener:
            await listener.connected()
            await listener.subscription.add("b")
            listener.room_ids = ("a", "b")
            await listener.connected()
            broker.publish("b", "1")
            assert await listener.next() == "1"

    asyncio.run(play())


def test_discarded_room_is_not_received(broker: RedisBroker) -> None:
    async def play() -> None:
        async with Listener(broker, "a", "b") as listener:
            await listener.connected()
            await listener.subscription.discard("a")
            broker.publish("b", "0")
            assert await listener.next() == "0"  # so Redis has read the discard
            broker.publish("a", "1")
            broker.publish("b", "2")
            assert await listener.next() == "2"

    asyncio.run(play())


def test_rooms_are_received_again_after_a_restart_of_redis(
    server: RedisServer, broker: RedisBroker, caplog: pytest.LogCaptureFixture
) -> None:
    async def play() -> None:
        async with Listener(broker, "a", "b", "c") as listener:
            await listener.connected()
            await listener.subscription.discard("c")
            server.kill()
            await asyncio.sleep(0.7)  # long enough for a failed attempt
            server.start()
            listener.room_ids = ("a", "b")
            await listener.connected()
            broker.publish("c", "0")
            broker.publish("a", "1")
            assert await listener.next() == "1"

    with caplog.at_level(logging.WARNING, "moderation"):
        asyncio.run(play())
    # Once, however often it tries to connect.
    assert [record.getMessage() for record in caplog.records] == ["Redis is unavailable"]


def test_changes_of_rooms_while_redis_is_down_are_made_up_for(
    server: RedisServer, broker: RedisBroker
) -> None:
    async def play() -> None:
        async with Listener(broker, "a", "b") as listener:
            await listener.connected()
            server.kill()
            await listener.subscription.discard("a")
            await listener.subscription.add("c")
            server.start()
            listener.room_ids = ("b", "c")
            await listener.connected()
            broker.publish("a", "0")
            broker.publish("c", "1")
            assert await listener.next() == "1"

    asyncio.run(play())


def test_subscription_made_while_redis_is_down_receives_once_it_is_up(
    server: RedisServer, broker: RedisBroker
) -> None:
    async def play() -> None:
        server.kill()
        async with Listener(broker, "a") as listener:
            server.start()
            await listener.connected()
            broker.publish("a", "1")
            assert await listener.next() == "1"

    asyncio.run(play())


@pytest.mark.parametrize("type_", ["normal", "pubsub"])
def test_connection_closed_by_redis_is_replaced(server: RedisServer, broker: RedisBroker, type_: str) -> None:
    async def play() -> None:
        async with Listener(broker, "a") as listener:
            await listener.connected()
            with redis.Redis.from_url(server.address) as client:
                client.client_kill_filter(_type=type_)
            await listener.connected()
            broker.publish("a", "1")
            assert await listener.next() == "1"

    asyncio.run(play())


def test_first_message_after_redis_closed_the_connection_is_published(
    server: RedisServer, broker: RedisBroker
) -> None:
    async def play() -> None:
        async with Listener(broker, "a") as listener:
            await listener.connected()
            with redis.Redis.from_url(server.address) as client:
                client.client_kill_filter(_type="normal")
            broker.publish("a", "1")
            assert await listener.next() == "1"

    asyncio.run(play())


def test_publishing_fails_while_redis_is_down(server: RedisServer, broker: RedisBroker) -> None:
    server.kill()
    with pytest.raises(BrokerUnavailable):
        broker.publish("a", "1")


def test_redis_that_hangs_is_unavailable_and_later_responses_are_not_mixed_up(
    server: RedisServer, broker: RedisBroker
) -> None:
    async def play() -> None:
        async with Listener(broker, "a") as listener:
            await listener.connected()
            server.freeze()
            with pytest.raises(BrokerUnavailable) as raised:
                broker.publish("a", "1")
            assert isinstance(raised.value.__cause__, redis.TimeoutError)
            server.thaw()
            await asyncio.sleep(0.1)
            broker.publish("a", "2")
            # The first had been sent before the time-out, and once.
            assert [await listener.next(), await listener.next()] == ["1", "2"]

    asyncio.run(play())


def test_closed_subscription_closes_its_connection_and_opens_again(
    server: RedisServer, broker: RedisBroker
) -> None:
    async def play() -> None:
        async with Listener(broker, "a") as listener:
            await listener.connected()
            assert subscribers(server) == 1
        await eventually(lambda: subscribers(server) == 0)
        await listener.subscription.discard("a")
        async with listener:
            await listener.connected()

    asyncio.run(play())
