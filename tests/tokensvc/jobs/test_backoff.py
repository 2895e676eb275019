"""How long to wait between tries."""

from datetime import timedelta

import pytest

from tokensvc.jobs.backoff import Backoff

LESS = Backoff(first=timedelta(seconds=1), longest=timedelta(seconds=10), jitter=(1.0, 0.5))
MORE = Backoff(first=timedelta(seconds=1), longest=timedelta(seconds=10), jitter=(1.0, 1.25))


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (10**6, 10)])
def test_pause_doubles_up_to_the_longest(attempts: int, seconds: float) -> None:
    assert LESS.pause_after(attempts, 0) == MORE.pause_after(attempts, 0) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("backoff", "seconds"), [(LESS, [10, 7.5, 5]), (MORE, [10, 11.25, 12.5])], ids=["less", "more"]
)
def test_jitter_is_spread_evenly_by_chance(backoff: Backoff, seconds: list[float]) -> None:
    pauses = [backoff.pause_after(9, chance).total_seconds() for chance in (0.0, 0.5, 1.0)]
    assert pauses == seconds
