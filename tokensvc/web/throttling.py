"""Throttles: request counters in fixed windows, in Redis if `REDIS_URL` is set, else per process.

Across a window boundary a caller can reach twice the rate. While Redis is unavailable, nothing is throttled.
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


def throttle(scope: str, caller: str, rate: tuple[int, int]) -> None:
    """Count one request of the caller. Raises `throttled` above `rate`: (requests, seconds)."""
    limit, seconds = rate
    now = time.time()
    window = int(now // seconds)
    if settings.REDIS_URL:
        requests = _count_in_redis(f"{scope}:{window}:{sha256(caller.encode()).hexdigest()}", seconds)
    else:
        requests = next(counter(scope, window, caller))
    if requests > limit:
        raise Refusal(
            "throttled", f"At most {limit} in {seconds} s.", retry_after=int((window + 1) * seconds - now) + 1
        )


def throttle_address(scope: str, request: HttpRequest, rate: tuple[int, int]) -> None:
    """Count one request of a client address. Raises `throttled`."""
    throttle(scope, request.META.get("REMOTE_ADDR", ""), rate)


def count_auth_failure(request: HttpRequest) -> None:
    """Count an invalid credential per client address. Raises `throttled`."""
    throttle_address("auth", request, settings.AUTH_FAILURE_RATE)


def _count_in_redis(key: str, seconds: int) -> int:
    try:
        try:
            return cache.incr(key)
        except ValueError:
            return 1 if cache.add(key, 1, timeout=seconds) else cache.incr(key)
    except RedisError:
        _log.warning("throttle not counted: Redis is unavailable")
        return 0


@lru_cache(maxsize=100_000)
def counter(scope: str, window: int, caller: str) -> Iterator[int]:
    """Return the counter of a caller in a window; the least recently used counters are dropped."""
    return count(1)
