"""A token bucket."""

import pytest

from moderation.live import rate_limit
from moderation.live.rate_limit import TokenBucket


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Its one item is the time."""
    now = [100.0]
    monkeypatch.setattr(rate_limit, "monotonic", lambda: now[0])
    return now


def uses(some: TokenBucket, times: int) -> list[bool]:
    return [some.use() for _ in range(times)]


def test_allowance_starts_full(clock: list[float]) -> None:
    assert uses(TokenBucket(burst=3, per_second=1), 5) == [True, True, True, False, False]


def test_allowance_comes_back_with_time(clock: list[float]) -> None:
    some = TokenBucket(burst=3, per_second=2)
    uses(some, 3)
    clock[0] += 1.0
    assert uses(some, 3) == [True, True, False]


def test_allowance_is_never_more_than_the_burst(clock: list[float]) -> None:
    some = TokenBucket(burst=3, per_second=2)
    uses(some, 3)
    clock[0] += 3600.0
    assert uses(some, 4) == [True, True, True, False]


def test_asking_in_vain_costs_nothing(clock: list[float]) -> None:
    some = TokenBucket(burst=1, per_second=0.25)
    uses(some, 1)
    answers = []
    for _ in range(4):
        clock[0] += 1.0
        answers.append(some.use())
    assert answers == [False, False, False, True]
