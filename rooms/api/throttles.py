"""How often: fixed windows, counted in Redis when `REDIS_URL` is set, else by each process for itself.

Over two adjoining windows a caller may thus make up to twice the rate. When Redis is away, nobody is turned
down for it.
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

from rooms.callers import Backend, Caller
from rooms.errors import Refusal

_log = logging.getLogger(__name__)


def count_token(caller: Caller) -> None:
    """Count a token request of a user. Refuses with `throttled`; the backend may ask as often as it likes."""
    if not isinstance(caller, Backend):
        _count("token", caller.user_id, settings.TOKEN_RATE)


def count_redeem(request: HttpRequest) -> None:
    """Count a try at an invite. Refuses with `throttled`, per client address."""
    _count("redeem", request.META.get("REMOTE_ADDR", ""), settings.REDEEM_RATE)


def count_auth_failure(request: HttpRequest) -> None:
    """Count a bad credential. Refuses with `throttled`, per client address; good ones always pass."""
    _count("auth", request.META.get("REMOTE_ADDR", ""), settings.AUTH_FAILURE_RATE)


def _count(scope: str, who: str, rate: tuple[int, int]) -> None:
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
    """Return what counts here; those that are no longer asked for make room for new ones."""
    return count(1)
