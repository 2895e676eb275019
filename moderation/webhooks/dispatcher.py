"""The threads that deliver the outbox: a room that is slow to take its notices does not stop the others."""

import logging
from collections.abc import Callable
from queue import SimpleQueue
from threading import Event, Lock, Thread
from time import monotonic, sleep
from types import TracebackType
from typing import Self

from django.db import close_old_connections, connection
from django.utils import timezone

from moderation.models import Webhook
from moderation.webhooks.delivery import Tally, deliver_room
from moderation.webhooks.endpoint import Endpoint

POLL_INTERVAL = 0.5
# How many due notices one look takes in.
PAGE = 200
# A room with much to tell gives others a turn after so many seconds.
TURN = 5.0

_log = logging.getLogger(__name__)


class Dispatcher:
    """Threads that deliver rooms, each one room at a time, for as long as the block lasts.

    `prepare` is called before each look at the outbox, for what may put something into it.
    On leaving it they finish what is under way.
    """

    def __init__(self, receiver: Endpoint, size: int, prepare: Callable[[], object] = lambda: None) -> None:
        self.tally = Tally()
        self._receiver = receiver
        self._size = size
        self._prepare = prepare
        self._rooms: SimpleQueue[str | None] = SimpleQueue()
        self._busy: set[str] = set()
        self._free = Event()
        self._lock = Lock()
        self._stopping = self._troubled = False
        self._threads = [Thread(target=self._work, name=f"delivery-{number}") for number in range(size)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping = True
        for _ in self._threads:
            self._rooms.put(None)
        for thread in self._threads:
            thread.join()

    def work_until(self, over: Callable[[], bool]) -> None:
        """Deliver what is due, whatever happens; looks at most half a second later whether it is over."""
        while not over():
            self._free.clear()
            if self._is_full():
                self._free.wait(POLL_INTERVAL)
            elif self._look_anyhow() < PAGE:
                sleep(POLL_INTERVAL)

    def work_off(self, over: Callable[[], bool] = lambda: False) -> None:
        """Deliver until nothing is due. Raises `django.db.Error` when the database is away."""
        while not over():
            self._free.clear()
            was_idle = not self._busy
            if not self._is_full() and self._look() == 0 and was_idle:
                return
            self._free.wait(POLL_INTERVAL)

    def _is_full(self) -> bool:
        return len(self._busy) >= self._size

    def _look_anyhow(self) -> int:
        try:
            seen = self._look()
        except Exception:
            self._report_once("the outbox cannot be looked at")
            return 0
        self._troubled = False
        return seen

    def _look(self) -> int:
        """Hand out the rooms that are due; return how many notices were seen."""
        close_old_connections()
        self._prepare()
        rooms, seen = Webhook.objects.rooms_due(timezone.now(), PAGE)
        for room_id in rooms:
            if room_id not in self._busy:
                self._busy.add(room_id)
                self._rooms.put(room_id)
        return seen

    def _work(self) -> None:
        try:
            while (room_id := self._rooms.get()) is not None:
                self._deliver(room_id)
                self._busy.discard(room_id)
                self._free.set()
        finally:
            connection.close()

    def _deliver(self, room_id: str) -> None:
        until = monotonic() + TURN
        try:
            close_old_connections()
            tally = deliver_room(self._receiver, room_id, lambda: not self._stopping and monotonic() < until)
        except Exception:  # the notice stays claimed for a while, and is then sent again
            self._report_once("a room's webhooks cannot be delivered")
        else:
            with self._lock:
                self.tally += tally

    def _report_once(self, message: str) -> None:
        if not self._troubled:
            self._troubled = True
            _log.exception(message)
