"""Separates the workers of pytest-xdist in Redis, as pytest-django does in the database."""

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit


def redis_of_worker(environment: Mapping[str, str]) -> dict[str, str]:
    """Give each worker a Redis database of its own, counted up from that of `REDIS_URL`."""
    address, worker = environment.get("REDIS_URL"), environment.get("PYTEST_XDIST_WORKER")
    if not address or not worker:
        return {}
    parts = urlsplit(address)
    database = int(parts.path.strip("/") or 0) + int(worker.removeprefix("gw"))
    return {"REDIS_URL": urlunsplit(parts._replace(path=f"/{database}"))}
