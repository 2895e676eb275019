"""Throttles: requests counted in fixed windows, in Redis when `REDIS_URL` is set, else in each process.

In two adjoining windows together a caller may make up to twice the rate. While Redis is away, nothing is
throttled.
"""

import logging
import time
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from itertools import count

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis import RedisError

from tokensvc.web.refusals import Refusal

_log = logging.getLogger(__name__)


def throttle(scope: str, who: str, rate: tuple[int, int]) -> None:
    """Count one request of `who`. Refuses with `throttled` beyond `rate`: (requests, seconds)."""
    limit, seconds = rate
    now = time.time()
    window = int(now // seconds)
    if settings.REDIS_URL:
        counted = _count_in_redis(f"{scope}:{window}:{sha256(who.encode()).hexdigest()}", seconds)
    else:
        counted = next(counter(scope, window, who))
    if counted > limit:
        raise Refusal(
            "throttled", f"At most {limit} in {seconds} s.", retry_after=int((window + 1) * seconds - now) + 1
        )


def throttle_address(scope: str, request: HttpRequest, rate: tuple[int, int]) -> None:
    """Count one request of a client address. Refuses with `throttled`."""
    throttle(scope, request.META.get("REMOTE_ADDR", ""), rate)


def count_auth_failure(request: HttpRequest) -> None:
    """Count an invalid credential. Refuses with `throttled`, per client address."""
    throttle_address("auth", request, settings.AUTH_FAILURE_RATE)


def _count_in_redis(key: str, seconds: int) -> int:
    try:
        try:
            return cache.incr(key)
        except ValueError:
            return 1 if cache.add(key, 1, timeout=seconds) else cache.incr(key)
    except RedisError:
        _log.warning("throttle not counted: Redis is away")
        return 0


@lru_cache(maxsize=100_000)
def counter(scope: str, window: int, who: str) -> Iterator[int]:
    """Return the counter of one caller in one window; the least recently used ones are dropped."""
    return count(1)
