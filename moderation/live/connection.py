"""One socket's way out: frames in order, never without end, and the code it closes with."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from moderation.broker.announcements import Close
from rooms.callers import TicketHolder
from rooms.channel_keys import new_name
from tokensvc.web.renderers import encode_json

Send = Callable[[dict[str, Any]], Awaitable[None]]

# How many frames may wait for a reader, beyond what the operating system holds for it.
MAX_WAITING = 256
# Seconds that a peer has to take what is waiting, and then to take the close.
CLOSE_GRACE = 1.0
CLOSE_TIMEOUT = 5.0


class Connection:
    """Sends frames one after another, each once the one before it is out."""

    def __init__(self, holder: TicketHolder, send: Send, stop_reading: Callable[[], Awaitable[None]]) -> None:
        self.id = new_name()
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
        # The version of the snapshot that the socket came in with.
        self._entered_at: int | None = None
        # Updates that come while the socket's snapshot is being made; None when they go out at once.
        self._held: list[tuple[int, str, int | None]] | None = []

    @property
    def is_live(self) -> bool:
        """Tell whether the socket has had its snapshot."""
        return self._entered_at is not None

    def hold(self) -> None:
        """Keep updates back until `resume`."""
        self._held = self._held or []

    def resume(self, frames: list[str], version: int) -> None:
        """Send frames that bring the socket to a version, then what was held and is later."""
        held, self._held = self._held or [], None
        if self._entered_at is None:
            self._entered_at = version
        for frame in frames:
            self.put(frame)
        self.version = max(self.version, version)
        for update in held:
            self.offer(*update)

    def offer(self, version: int, update: str, close_code: int | None = None) -> None:
        """Send an update, unless the socket has had it, and close unless that was before it came."""
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
        """Send a frame; a reader that lets too many wait for too long is closed."""
        if self._shut:
            return
        if not self._is_sending:
            self._start(frame)
            return
        if not self._waiting:
            self._sending.add_done_callback(self._go_on)
        self._waiting.append(frame)
        # Hundreds may come in one breath, as when another process is gone and all its leases end.
        if len(self._waiting) > MAX_WAITING and self._timeout is None:
            self._timeout = asyncio.get_running_loop().call_later(CLOSE_GRACE, self._give_up)

    def close(self, code: int) -> None:
        """Answer the command at hand, send what is waiting, and close with this code."""
        if self.close_code is None:
            self.close_code = code
            self._closer = asyncio.get_running_loop().create_task(self._close())

    async def finished(self) -> None:
        """Return once nothing more is being sent by `close`."""
        if self._closer is not None:
            await asyncio.wait({self._closer})

    @property
    def _is_sending(self) -> bool:
        return bool(self._waiting) or not self._sending.done()

    def _start(self, frame: str) -> None:
        # No task of ours: under Granian this is its own future, and with many sockets that shows.
        self._sending = asyncio.ensure_future(self._send({"type": "websocket.send", "text": frame}))

    def _go_on(self, _sent: object) -> None:
        if self._waiting:
            self._start(self._waiting.popleft())
            if self._waiting:
                self._sending.add_done_callback(self._go_on)
        if len(self._waiting) <= MAX_WAITING and self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None

    def _give_up(self) -> None:
        self._shut = True
        self._waiting.clear()
        self._sending.cancel()
        self.close(Close.TOO_SLOW)

    async def _close(self) -> None:
        # Granian closes only what is not being read from.
        await self._stop_reading()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_GRACE):
                while self._is_sending:
                    await asyncio.sleep(0.01)
        self._shut = True
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._send({"type": "websocket.close", "code": self.close_code})
