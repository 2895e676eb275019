"""The polling thread, and its log."""

import logging
from collections.abc import Callable
from queue import SimpleQueue
from threading import Event

import pytest

from tokensvc.jobs import worker as jobs_worker
from tokensvc.jobs.worker import FailureLog, Worker

log = logging.getLogger(__name__)
TIMEOUT = 10.0


@pytest.fixture(autouse=True)
def _short_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_worker, "POLL_INTERVAL", 0.005)


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records]


def test_first_failure_of_a_series_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    failures = FailureLog(log)
    for message, fails in [("a", True), ("b", True), ("c", False), ("d", True), ("e", True)]:
        with failures.guard(message):
            assert not fails
    assert messages(caplog) == ["a", "d"]
    assert all(record.exc_info for record in caplog.records)


def test_worker_polls_again_after_an_exception_and_logs_it_once(caplog: pytest.LogCaptureFixture) -> None:
    polls: SimpleQueue[int] = SimpleQueue()
    fails = iter([True, True, False, True])

    def work(_stopping: Callable[[], bool]) -> None:
        polls.put(1)
        if next(fails, False):
            raise OSError("away")

    worker = Worker("letters", work, log)
    worker.start()
    for _ in range(6):
        polls.get(timeout=TIMEOUT)
    worker.stop(TIMEOUT)
    assert (worker.is_alive(), messages(caplog)) == (False, ["letters: poll failed"] * 2)


def test_work_is_told_to_stop_and_waited_for() -> None:
    started, ended = Event(), Event()

    def work(stopping: Callable[[], bool]) -> None:
        started.set()
        while not stopping():
            pass
        ended.set()

    worker = Worker("letters", work, log)
    worker.start()
    assert started.wait(TIMEOUT)
    worker.stop(TIMEOUT)
    assert (worker.is_alive(), ended.is_set()) == (False, True)


def test_work_that_does_not_end_is_left_behind() -> None:
    release = Event()
    worker = Worker("letters", lambda _stopping: release.wait(TIMEOUT), log)
    worker.start()
    worker.stop(timeout=0.01)
    assert worker.is_alive()
    release.set()
    worker.join(TIMEOUT)
    assert not worker.is_alive()
