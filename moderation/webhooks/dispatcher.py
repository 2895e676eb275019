"""Threads that deliver the outbox, so that a room whose delivery is slow does not delay the others."""

import logging
from collections.abc import Callable
from queue import SimpleQueue
from threading import Event, Lock, Thread
from time import monotonic, sleep
from types import TracebackType
from typing import Self

from django.db import close_old_connections, connections
from django.utils import timezone

from moderation.models import Webhook
from moderation.webhooks.delivery import DeliveryCounts, deliver_room
from moderation.webhooks.endpoint import Endpoint
from tokensvc.jobs.worker import POLL_INTERVAL, FailureLog

# How many due notices one poll reads.
BATCH_SIZE = 200
# After so many seconds, a room with more notices lets other rooms go first.
TIME_SLICE = 5.0

_log = logging.getLogger(__name__)


class Dispatcher:
    """Delivery threads that run while the context lasts; each delivers one room at a time.

    `prepare` is called before each poll of the outbox. On exit, the deliveries under way are finished.
    """

    def __init__(self, endpoint: Endpoint, size: int, prepare: Callable[[], object] = lambda: None) -> None:
        self.counts = DeliveryCounts()
        self._endpoint = endpoint
        self._size = size
        self._prepare = prepare
        self._rooms: SimpleQueue[str | None] = SimpleQueue()
        self._busy: set[str] = set()
        self._room_done = Event()
        self._lock = Lock()
        self._stopping = False
        self._failures = FailureLog(_log)
        self._threads = [Thread(target=self._run, name=f"delivery-{number}") for number in range(size)]

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

    def run_until(self, over: Callable[[], bool]) -> None:
        """Deliver what is due, also after exceptions. `over` is called at least every `POLL_INTERVAL`."""
        while not over():
            self._room_done.clear()
            if self._is_full():
                self._room_done.wait(POLL_INTERVAL)
                continue
            read = 0
            with self._failures.guard("the outbox cannot be polled"):
                read = self._poll()
            if read < BATCH_SIZE:
                sleep(POLL_INTERVAL)

    def run_until_idle(self, over: Callable[[], bool] = lambda: False) -> None:
        """Deliver until nothing is due. Raises `django.db.Error` when the database cannot be reached."""
        while not over():
            self._room_done.clear()
            was_idle = not self._busy
            if not self._is_full() and self._poll() == 0 and was_idle:
                return
            self._room_done.wait(POLL_INTERVAL)

    def _is_full(self) -> bool:
        return len(self._busy) >= self._size

    def _poll(self) -> int:
        """Queue the rooms that are due; return how many notices were read."""
        close_old_connections()
        self._prepare()
        rooms, read = Webhook.objects.rooms_due(timezone.now(), BATCH_SIZE)
        for room_id in rooms:
            if room_id not in self._busy:
                self._busy.add(room_id)
                self._rooms.put(room_id)
        return read

    def _run(self) -> None:
        try:
            while (room_id := self._rooms.get()) is not None:
                # After an exception the notice stays claimed until the lease ends, and is then sent again.
                with self._failures.guard("the webhooks of a room cannot be delivered"):
                    self._deliver(room_id)
                self._busy.discard(room_id)
                self._room_done.set()
        finally:
            connections.close_all()

    def _deliver(self, room_id: str) -> None:
        end = monotonic() + TIME_SLICE
        close_old_connections()
        counts = deliver_room(self._endpoint, room_id, lambda: not self._stopping and monotonic() < end)
        with self._lock:
            self.counts += counts
