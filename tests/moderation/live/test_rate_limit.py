"""A token bucket."""

import pytest

from moderation.live import rate_limit
from moderation.live.rate_limit import TokenBucket


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time, as a list of one item."""
    now = [100.0]
    monkeypatch.setattr(rate_limit, "monotonic", lambda: now[0])
    return now


def uses(bucket: TokenBucket, times: int) -> list[bool]:
    return [bucket.use() for _ in range(times)]


def test_bucket_starts_full(clock: list[float]) -> None:
    assert uses(TokenBucket(burst=3, per_second=1), 5) == [True, True, True, False, False]


def test_bucket_refills_with_time(clock: list[float]) -> None:
    bucket = TokenBucket(burst=3, per_second=2)
    uses(bucket, 3)
    clock[0] += 1.0
    assert uses(bucket, 3) == [True, True, False]


def test_bucket_holds_no_more_than_the_burst(clock: list[float]) -> None:
    bucket = TokenBucket(burst=3, per_second=2)
    uses(bucket, 3)
    clock[0] += 3600.0
    assert uses(bucket, 4) == [True, True, True, False]


def test_refused_use_costs_nothing(clock: list[float]) -> None:
    bucket = TokenBucket(burst=1, per_second=0.25)
    uses(bucket, 1)
    answers = []
    for _ in range(4):
        clock[0] += 1.0
        answers.append(bucket.use())
    assert answers == [False, False, False, True]
