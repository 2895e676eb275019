"""The broker that keeps messages in the memory of one process."""

import asyncio

from pytest_django import Settings

from moderation.broker import broker
from moderation.broker.memory import MemoryBroker
from moderation.broker.redis import RedisBroker

TIMEOUT = 30.0


def test_message_reaches_the_subscriptions_of_its_room_from_any_thread() -> None:
    async def play() -> None:
        memory = MemoryBroker()
        one, other = memory.subscription(), memory.subscription()
        await one.add("a")
        await one.add("b")
        await other.add("b")
        await asyncio.to_thread(memory.publish, "a", "1")
        memory.publish("b", "2")
        async with asyncio.timeout(TIMEOUT):
            assert [await one.receive(), await one.receive(), await other.receive()] == ["1", "2", "2"]

    asyncio.run(play())


def test_discarded_room_and_closed_subscription_receive_nothing() -> None:
    async def play() -> None:
        memory = MemoryBroker()
        one, closed = memory.subscription(), memory.subscription()
        for subscription in (one, closed):
            await subscription.add("a")
            await subscription.add("b")
        await one.discard("a")
        await closed.close()
        await closed.discard("a")
        memory.publish("a", "1")
        memory.publish("b", "2")
        async with asyncio.timeout(TIMEOUT):
            assert await one.receive() == "2"
        assert closed._messages.empty()

    asyncio.run(play())


def test_closed_subscription_opens_again() -> None:
    async def play() -> None:
        memory = MemoryBroker()
        one = memory.subscription()
        await one.close()
        await one.add("a")
        memory.publish("a", "1")
        async with asyncio.timeout(TIMEOUT):
            assert await one.receive() == "1"

    asyncio.run(play())


def test_subscription_of_an_event_loop_that_has_ended_is_skipped() -> None:
    """As for an act that is still at work when the process ends."""
    memory = MemoryBroker()

    async def subscribe() -> None:
        await memory.subscription().add("a")

    asyncio.run(subscribe())
    memory.publish("a", "1")


def test_broker_is_chosen_by_the_settings(settings: Settings) -> None:
    settings.REDIS_URL = ""
    assert isinstance(broker(), MemoryBroker)
    settings.REDIS_URL = "redis://127.0.0.1:1"
    assert isinstance(broker(), RedisBroker)


def test_process_has_one_broker() -> None:
    assert broker() is broker()
