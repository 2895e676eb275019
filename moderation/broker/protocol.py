"""What the live socket needs of a message broker."""

from typing import Protocol


class BrokerUnavailable(Exception):
    """A message could not be published."""


class Subscription(Protocol):
    """The rooms one event loop receives messages of. Opens on first use, again after `close`."""

    async def add(self, room_id: str) -> None:
        """Receive this room's messages, now or as soon as the broker is available."""
        ...

    async def discard(self, room_id: str) -> None:
        """Stop receiving this room's messages."""
        ...

    async def receive(self) -> str:
        """Return the next message; waits for the broker to become available."""
        ...

    async def close(self) -> None:
        """Release the connection and forget all rooms."""
        ...


class Broker(Protocol):
    """Delivers messages at most once: clients recover lost ones from the event log."""

    def publish(self, room_id: str, message: str) -> None:
        """Send a message to all subscriptions of a room. Thread-safe. Raises `BrokerUnavailable`."""
        ...

    def subscription(self) -> Subscription:
        """Return a new subscription, which has no rooms yet."""
        ...
