"""A client of the live socket that calls the ASGI application in this process."""

import asyncio
import json
from collections import deque
from itertools import count
from typing import Any, Self

from asgiref.testing import ApplicationCommunicator

from moderation.live.hub import current_hub
from moderation.live.socket import live

TIMEOUT = 30.0

Frame = dict[str, Any]

# asgiref.testing ships without types.
_Communicator: Any = ApplicationCommunicator

_opened: list["Socket"] = []


class Closed(Exception):
    """The server has closed the socket where a frame was expected."""


class Socket:
    """Like a browser's `WebSocket`; frames that a command skips are kept for later."""

    def __init__(
        self,
        path: str,
        subprotocols: list[str],
        *,
        origin: str | None = None,
        application: Any = None,
        buffer: int = 0,
    ) -> None:
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "scheme": "ws",
            "path": path,
            "query_string": b"",
            "headers": [] if origin is None else [(b"origin", origin.encode())],
            "client": ["127.0.0.1", 50000],
            "subprotocols": subprotocols,
        }

        # A plain function: asgiref would take other callables for ASGI 2 applications.
        async def serve(*arguments: Any) -> None:
            await (application or live)(*arguments)

        self._asgi = _Communicator(serve, scope)
        # Unread frames above this number block the sender; 0 is unlimited.
        self._asgi._output_queue = asyncio.Queue(buffer)
        self._kept: deque[Frame] = deque()
        self._ids = count(1)
        self.close_code: int | None = None
        self.snapshot: Frame = {}
        self.versions: list[int] = []
        _opened.append(self)

    async def connect(self) -> dict[str, Any]:
        """Open the handshake, and return the server's answer: an accept or a close."""
        await self._asgi.send_input({"type": "websocket.connect"})
        answer: dict[str, Any] = await self._asgi.receive_output(TIMEOUT)
        return answer

    async def join(self) -> Self:
        """Connect and take the snapshot."""
        assert await self.connect() == {"type": "websocket.accept", "subprotocol": "tokensvc.v1"}
        self.snapshot = await self.receive()
        assert self.snapshot["type"] == "snapshot"
        return self

    async def send(self, frame: Any) -> None:
        """Send an object as JSON, a string as it is, or bytes as a binary frame."""
        message: dict[str, Any] = {"type": "websocket.receive"}
        if isinstance(frame, bytes):
            message["bytes"] = frame
        else:
            message["text"] = frame if isinstance(frame, str) else json.dumps(frame)
        await self._asgi.send_input(message)

    async def receive(self, timeout: float = TIMEOUT) -> Frame:
        """Return the next frame. Raises `Closed`."""
        return self._kept.popleft() if self._kept else await self._next(timeout)

    async def _next(self, timeout: float = TIMEOUT) -> Frame:
        if self.close_code is not None:
            raise Closed(self.close_code)
        message = await self._asgi.receive_output(timeout)
        if message["type"] == "websocket.close":
            self.close_code = message["code"]
            raise Closed(self.close_code)
        assert message.keys() == {"type", "text"}
        assert message["type"] == "websocket.send"
        frame: Frame = json.loads(message["text"])
        if frame["type"] in {"snapshot", "update"}:
            self.versions.append(frame["version"])
        return frame

    async def answer(self, frame: Any) -> Frame:
        """Send a frame and return the reply or error that comes next; everything else is kept."""
        await self.send(frame)
        async with asyncio.timeout(TIMEOUT):
            while (heard := await self._next())["type"] not in {"reply", "error"}:
                self._kept.append(heard)
            return heard

    async def command(self, type_: str, **fields: Any) -> Frame:
        """Send a command with an id, and return the answer without it."""
        id_ = next(self._ids)
        answer = await self.answer({"type": type_, "id": id_, **fields})
        assert answer.pop("id") == id_
        return answer

    async def update(self, action: str | None = None) -> Frame:
        """Return the next update, or the next of this action. Heartbeats do not extend the time limit."""
        async with asyncio.timeout(TIMEOUT):
            while True:
                frame = await self.receive()
                if frame["type"] == "update" and action in {None, frame["action"]}:
                    return frame

    async def read_by_server(self) -> None:
        """Return once the server has taken everything that was sent."""
        async with asyncio.timeout(TIMEOUT):
            while not self._asgi.input_queue.empty():
                await asyncio.sleep(0.01)

    async def update_to(self, version: int) -> None:
        """Return once the update to this version is there."""
        async with asyncio.timeout(TIMEOUT):
            while version not in self.versions:
                await self.receive()

    async def expect_close(self) -> int:
        """Return the code the server closes with; frames before it are kept."""
        try:
            async with asyncio.timeout(TIMEOUT):
                while True:
                    self._kept.append(await self._next())
        except Closed as closed:
            await self._asgi.wait(TIMEOUT)
            code: int = closed.args[0]
            return code

    def rest(self) -> list[Frame]:
        """Return the frames that were kept."""
        return list(self._kept)

    async def is_quiet(self, seconds: float = 0.1) -> bool:
        """Return whether nothing arrives for this long."""
        quiet: bool = not self._kept and await self._asgi.receive_nothing(seconds)
        return quiet

    async def disconnect(self) -> None:
        """Disconnect, as a closed browser tab does."""
        if not self._asgi.future.done():
            await self._asgi.send_input({"type": "websocket.disconnect", "code": 1001})
            await self._asgi.wait(TIMEOUT)


async def close_all() -> None:
    """Close the sockets a test left open, and wait until the hub's tasks have ended."""
    while _opened:
        await _opened.pop().disconnect()
    async with asyncio.timeout(TIMEOUT):
        while current_hub()._task is not None:
            await asyncio.sleep(0.01)
