"""The peer of a `Connection`."""

import asyncio
from typing import Any

from moderation.live.connection import Connection
from rooms.callers import TicketHolder
from rooms.roles import Role

HOLDER = TicketHolder("bob", "room", Role.PUBLISHER)

Message = dict[str, Any]

TIMEOUT = 30.0


class Peer:
    """Reads messages while `open` is set."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.open = asyncio.Event()
        self.open.set()
        self.stopped = asyncio.Event()

    async def send(self, message: Message) -> None:
        await self.open.wait()
        self.taken.append(message)

    async def stop(self) -> None:
        self.stopped.set()

    def texts(self) -> list[str]:
        return [message["text"] for message in self.taken if message["type"] == "websocket.send"]

    def codes(self) -> list[int]:
        return [message["code"] for message in self.taken if message["type"] == "websocket.close"]


def live(peer: Peer) -> Connection:
    one = Connection(HOLDER, peer.send, peer.stop)
    one.resume([], 0)
    return one


async def run_pending_tasks() -> None:
    """Let the event loop run until everything that is due has been done."""
    for _ in range(2000):
        await asyncio.sleep(0)
