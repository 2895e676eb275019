"""The Redis server of the benchmarks."""

import os

from redis import Redis, RedisError

from bench.failure import BenchmarkError

_SERVER = os.environ.get("BENCH_REDIS_URL", "redis://127.0.0.1:6379/7")


def redis_url() -> str:
    """Return the URL. Raises `BenchmarkError` if Redis does not respond."""
    try:
        with Redis.from_url(_SERVER, socket_connect_timeout=5) as redis:
            redis.ping()
    except RedisError as error:
        raise BenchmarkError(f"no Redis (start one and set BENCH_REDIS_URL): {error}") from error
    return _SERVER
