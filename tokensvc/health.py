"""Whether the process lives, and whether what it needs answers."""

from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from redis import RedisError

from tokensvc.web.refusals import Refusal


def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database, and Redis if set, answer; else 503 that names what does not."""
    checks = {"database": _database_answers()}
    if settings.REDIS_URL:
        checks["redis"] = _redis_answers()
    away = [name for name, answers in checks.items() if not answers]
    if away:
        raise Refusal("unavailable", f"Does not answer: {', '.join(away)}.", retry_after=2)
    return JsonResponse({"status": "ok", "checks": dict.fromkeys(checks, "ok")})


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def _redis_answers() -> bool:
    try:
        cache.get("readyz")
    except RedisError:
        return False
    return True
