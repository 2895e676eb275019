"""Polling for due jobs, in a background thread or in a command."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging import Logger
from threading import Event, Thread

from django.db import close_old_connections, connections

POLL_INTERVAL = 0.5

Stopping = Callable[[], bool]


class FailureLog:
    """Logs the first of a series of failures; a success ends the series."""

    def __init__(self, logger: Logger) -> None:
        self._logger = logger
        self._failing = False

    @contextmanager
    def guard(self, message: str) -> Iterator[None]:
        """Catch what the block raises. `message` is logged with the traceback."""
        try:
            yield
        except Exception:
            if not self._failing:
                self._logger.exception(message)
            self._failing = True
        else:
            self._failing = False


class Worker(Thread):
    """Calls `work` every `POLL_INTERVAL` seconds until it is stopped, also after an exception.

    `work` is passed a function that returns True once the worker is to stop.
    """

    def __init__(self, name: str, work: Callable[[Stopping], object], logger: Logger) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work
        self._failures = FailureLog(logger)
        self._stopped = Event()

    def run(self) -> None:
        try:
            while not self._stopped.is_set():
                self._poll()
                self._stopped.wait(POLL_INTERVAL)
        finally:
            connections.close_all()

    def stop(self, timeout: float = 1) -> None:
        """Claim no more jobs, and wait `timeout` seconds at most for the one under way."""
        self._stopped.set()
        self.join(timeout)

    def _poll(self) -> None:
        with self._failures.guard(f"{self.name}: poll failed"):
            close_old_connections()
            self._work(self._stopped.is_set)
        close_old_connections()
