"""The reference client, against a server that sends a snapshot and replies to every command."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from bench.live.client import PROTOCOL, LiveClient

SNAPSHOT = {
    "type": "snapshot",
    "version": 1,
    "you": {"alias": "alice"},
    "room": {},
    "participants": [{"alias": "alice"}],
}


async def serve_snapshot_and_replies(socket: ServerConnection) -> None:
    await socket.send(json.dumps(SNAPSHOT))
    async for frame in socket:
        await socket.send(json.dumps({"type": "reply", "id": json.loads(frame)["id"], "version": 1}))


@asynccontextmanager
async def connected() -> AsyncIterator[LiveClient]:
    async with serve(
        serve_snapshot_and_replies, "127.0.0.1", 0, subprotocols=[Subprotocol(PROTOCOL)]
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]

        async def fetch() -> tuple[str, str]:
            return f"ws://127.0.0.1:{port}/", "ticket"

        async with LiveClient(fetch) as client:
            await client.until(lambda one: one.snapshots == 1)
            yield client


def test_command_on_a_broken_socket_fails_and_the_client_reconnects() -> None:
    async def play() -> None:
        async with connected() as client:
            client.cut()
            await asyncio.sleep(0)  # the socket is closed, but the client has not noticed yet
            with pytest.raises(ConnectionError):
                await client.command("ping")
            assert not client.connected
            await client.until(lambda one: one.connected)
            assert await client.command("ping") == {"type": "reply", "id": 2, "version": 1}
            assert client.snapshots == 2

    asyncio.run(play())
