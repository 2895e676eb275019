"""Liveness and readiness probes."""

from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from redis import RedisError

from tokensvc.web.refusals import Refusal


def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Return 200 if the database, and Redis if configured, respond; else 503 that names the failed ones."""
    checks = {"database": _database_responds()}
    if settings.REDIS_URL:
        checks["redis"] = _redis_responds()
    failed = [name for name, responds in checks.items() if not responds]
    if failed:
        raise Refusal("unavailable", f"Does not answer: {', '.join(failed)}.", retry_after=2)
    return JsonResponse({"status": "ok", "checks": dict.fromkeys(checks, "ok")})


def _database_responds() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def _redis_responds() -> bool:
    try:
        cache.get("readyz")
    except RedisError:
        return False
    return True
