"""The client: keeps the room document, detects gaps, resyncs, and reconnects with backoff."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from bench.live.document import Document, Gap

PROTOCOL = "tokensvc.v1"
# Kicked or banned, no such room, replaced by a newer socket, room ended: do not reconnect.
FINAL = {4403, 4404, 4409, 4410}
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
TIMEOUT = 10.0

Fetch = Callable[[], Awaitable[tuple[str, str]]]
"""Returns the socket's URL and a ticket, as in `live` of a token response."""


class Refused(Exception):
    """A refused command; `error` is the server's message."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['code']}: {error['detail']}")
        self.code: str = error["code"]
        self.error = error


class LiveClient:
    """A participant, connected during the block `async with LiveClient(fetch) as client`."""

    def __init__(self, fetch: Fetch, on_frame: Callable[[dict[str, Any]], object] | None = None) -> None:
        self.document = Document()
        self.close_code: int | None = None
        self.snapshots = 0
        self.gaps = 0
        self._fetch = fetch
        self._on_frame = on_frame
        self._socket: ClientConnection | None = None
        self._ids = count(1)
        self._replies: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._syncing = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def connected(self) -> bool:
        return self._socket is not None

    @property
    def me(self) -> dict[str, Any]:
        return self.document.participants[self.document.you]

    async def until(self, condition: Callable[[Self], bool], seconds: float = TIMEOUT) -> None:
        """Wait until the condition holds; it is checked after every frame. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while not condition(self):
                self._changed.clear()
                await self._changed.wait()

    async def command(self, type_: str, **fields: Any) -> dict[str, Any]:
        """Send a command and return the reply. Raises `Refused`, `ConnectionError` or `TimeoutError`."""
        socket = self._socket
        if socket is None:
            raise ConnectionError("not connected")
        number = next(self._ids)
        answer = self._replies[number] = asyncio.get_running_loop().create_future()
        try:
            await socket.send(json.dumps({"type": type_, "id": number, **fields}))
            async with asyncio.timeout(TIMEOUT):
                reply: dict[str, Any] = await answer
        except ConnectionClosed as closed:
            # `_run` has not noticed yet; without this, `connected` would still be true.
            if self._socket is socket:
                self._socket = None
            raise ConnectionError("the socket closed") from closed
        finally:
            del self._replies[number]
        if reply["type"] == "error":
            raise Refused(reply)
        return reply

    def cut(self) -> None:
        """Abort the connection without a close frame, like a network failure."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        while self.close_code not in FINAL:
            before = self.snapshots
            try:
                url, ticket = await self._fetch()
                await self._receive(url, ticket)
            except (OSError, InvalidHandshake, ConnectionClosed):
                self.close_code = None
            self._disconnect()
            pause = FIRST_PAUSE if self.snapshots > before else min(2 * pause, LONGEST_PAUSE)
            await asyncio.sleep(pause * random.uniform(0.5, 1))

    async def _receive(self, url: str, ticket: str) -> None:
        offered = [Subprotocol(PROTOCOL), Subprotocol(f"ticket.{ticket}")]
        async with connect(url, subprotocols=offered, compression=None) as socket:
            self._socket = socket
            try:
                async for frame in socket:
                    self._on_message(json.loads(frame))
            except ConnectionClosed:
                pass
            self.close_code = socket.close_code

    def _disconnect(self) -> None:
        self._socket, self._syncing = None, False
        for answer in self._replies.values():
            if not answer.done():
                answer.set_exception(ConnectionError("the socket closed"))
        self._changed.set()

    def _on_message(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "snapshot":
                self.document.load(message)
                self.snapshots += 1
            case "update":
                self._update(message)
            case "heartbeat" if message["version"] > self.document.version:
                self._sync()
            case "reply" | "error" if message["id"] in self._replies:
                self._replies[message["id"]].set_result(message)
        if self._on_frame is not None:
            self._on_frame(message)
        self._changed.set()

    def _update(self, message: dict[str, Any]) -> None:
        try:
            self.document.apply(message)
        except Gap:
            self.gaps += 1
            self._sync()

    def _sync(self) -> None:
        if not self._syncing:
            self._syncing = True
            self._sync_task = asyncio.create_task(self._request_missing())

    async def _request_missing(self) -> None:
        try:
            await self.command("sync", since=self.document.version)
        except (ConnectionError, TimeoutError, Refused):
            pass  # the next heartbeat shows whether updates are still missing
        finally:
            self._syncing = False
