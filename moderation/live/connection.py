"""Bounded, ordered send queue of one WebSocket, and its close code."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from moderation.close_codes import CloseCode
from rooms.callers import TicketHolder
from rooms.random_ids import new_id
from tokensvc.web.renderers import encode_json

Send = Callable[[dict[str, Any]], Awaitable[None]]

# Frames that may wait for a slow reader, beyond what the operating system buffers.
MAX_WAITING = 256
# Seconds to send the waiting frames, and then to send the close.
CLOSE_GRACE = 1.0
CLOSE_TIMEOUT = 5.0


class Connection:
    """Sends one frame at a time, in order."""

    def __init__(self, holder: TicketHolder, send: Send, stop_reading: Callable[[], Awaitable[None]]) -> None:
        self.id = new_id()
        self.holder = holder
        self.version = 0
        self.close_code: int | None = None
        self._send = send
        self._stop_reading = stop_reading
        self._waiting: deque[str] = deque()
        self._sending: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sending.set_result(None)
        self._timeout: asyncio.TimerHandle | None = None
        self._closer: asyncio.Task[None] | None = None
        self._shut = False
        # The version of the first snapshot.
        self._entered_at: int | None = None
        # Updates that arrive while a snapshot or resync is being read; None when they are sent at once.
        self._held: list[tuple[int, str, int | None]] | None = []

    @property
    def is_live(self) -> bool:
        """Whether the snapshot has been sent."""
        return self._entered_at is not None

    def hold(self) -> None:
        """Queue updates until `resume`."""
        self._held = self._held or []

    def resume(self, frames: list[str], version: int) -> None:
        """Send frames that lead to a version, then the held updates after it."""
        held, self._held = self._held or [], None
        if self._entered_at is None:
            self._entered_at = version
        for frame in frames:
            self.put(frame)
        self.version = max(self.version, version)
        for update in held:
            self.offer(*update)

    def offer(self, version: int, update: str, close_code: int | None = None) -> None:
        """Send an update that the socket has not had; close, unless it predates the snapshot."""
        if self._held is not None:
            self._held.append((version, update, close_code))
        elif version > self.version:
            self.version = version
            self.put(update)
        if close_code is not None and self._entered_at is not None and version > self._entered_at:
            self.close(close_code)

    def say(self, message: Mapping[str, Any]) -> None:
        self.put(encode_json(message))

    def put(self, frame: str) -> None:
        """Send a frame. Closes the socket if too many frames wait for too long."""
        if self._shut:
            return
        if not self._is_sending:
            self._start(frame)
            return
        if not self._waiting:
            self._sending.add_done_callback(self._send_next)
        self._waiting.append(frame)
        # Not at once: hundreds come together when all leases of a dead process expire.
        if len(self._waiting) > MAX_WAITING and self._timeout is None:
            self._timeout = asyncio.get_running_loop().call_later(CLOSE_GRACE, self._give_up)

    def close(self, code: int) -> None:
        """Let the current command be answered, send the waiting frames, and close with this code."""
        if self.close_code is None:
            self.close_code = code
            self._closer = asyncio.get_running_loop().create_task(self._close())

    async def finished(self) -> None:
        """Wait for `close` to be over, if it was called."""
        if self._closer is not None:
            await asyncio.wait({self._closer})

    @property
    def _is_sending(self) -> bool:
        return bool(self._waiting) or not self._sending.done()

    def _start(self, frame: str) -> None:
        # Granian's `send` returns a future; a task around each would cost much with many sockets.
        self._sending = asyncio.ensure_future(self._send({"type": "websocket.send", "text": frame}))

    def _send_next(self, _sent: object) -> None:
        if self._waiting:
            self._start(self._waiting.popleft())
            if self._waiting:
                self._sending.add_done_callback(self._send_next)
        if len(self._waiting) <= MAX_WAITING and self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None

    def _give_up(self) -> None:
        self._shut = True
        self._waiting.clear()
        self._sending.cancel()
        self.close(CloseCode.TOO_SLOW)

    async def _close(self) -> None:
        # Granian does not close a socket while a read is pending.
        await self._stop_reading()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_GRACE):
                while self._is_sending:
                    await asyncio.sleep(0.01)
        self._shut = True
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._send({"type": "websocket.close", "code": self.close_code})
