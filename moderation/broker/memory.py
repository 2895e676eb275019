"""The broker of a service that is one process: messages stay in memory."""

import asyncio
from contextlib import suppress
from threading import Lock


class MemoryBroker:
    def __init__(self) -> None:
        self._subscriptions: set[MemorySubscription] = set()
        self._lock = Lock()

    def publish(self, room_id: str, message: str) -> None:
        with self._lock:
            subscriptions = [one for one in self._subscriptions if room_id in one.room_ids]
        for subscription in subscriptions:
            subscription.put(message)

    def subscription(self) -> "MemorySubscription":
        return MemorySubscription(self)

    def register(self, subscription: "MemorySubscription") -> None:
        with self._lock:
            self._subscriptions.add(subscription)

    def unregister(self, subscription: "MemorySubscription") -> None:
        with self._lock:
            self._subscriptions.discard(subscription)


class MemorySubscription:
    def __init__(self, broker: MemoryBroker) -> None:
        self.room_ids: set[str] = set()
        self._broker = broker
        self._loop = asyncio.get_running_loop()
        self._messages: asyncio.Queue[str] = asyncio.Queue()

    async def add(self, room_id: str) -> None:
        self.room_ids.add(room_id)
        self._broker.register(self)

    async def discard(self, room_id: str) -> None:
        self.room_ids.discard(room_id)

    async def receive(self) -> str:
        return await self._messages.get()

    async def close(self) -> None:
        self._broker.unregister(self)
        self.room_ids.clear()

    def put(self, message: str) -> None:
        """Queue a message, from any thread."""
        with suppress(RuntimeError):  # the event loop is closed
            self._loop.call_soon_threadsafe(self._messages.put_nowait, message)
