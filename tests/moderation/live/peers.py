"""The far end of a connection, for tests of the near one."""

import asyncio
from typing import Any

from moderation.live.connection import Connection
from rooms.callers import TicketHolder
from rooms.roles import Role

TICKET = TicketHolder("bob", "room", Role.PUBLISHER)

Message = dict[str, Any]


class Peer:
    """Takes messages; `open` is cleared when it reads nothing for a while."""

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
    one = Connection(TICKET, peer.send, peer.stop)
    one.resume([], 0)
    return one


async def release_forbidden_seats() -> None:
    await asyncio.sleep(0.02)
