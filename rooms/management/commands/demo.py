import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from rest_framework_api_key.models import APIKey

from rooms import hs256
from rooms.models import Room
from tokensvc.web.reports import ReportCommand

BASE = "http://127.0.0.1:8000"
NAME = "demo"


class Command(ReportCommand):
    help = "Prepare a demo room and print curl commands that work unchanged. Only with DEBUG on."

    def report(self, **options: Any) -> Mapping[str, Any]:
        if not settings.DEBUG or not settings.IDENTITY_JWT_SECRET:
            raise CommandError("demo hands out credentials: it needs DEBUG and IDENTITY_JWT_SECRET.")
        Room.objects.filter(external_id=NAME).exclude(ended_at=None).update_with_version(external_id=None)
        room, _ = Room.objects.get_or_create_by_external_id(
            external_id=NAME, name="Demo room", default_role="publisher"
        )
        APIKey.objects.filter(name=NAME).delete()
        _, key = APIKey.objects.create_key(name=NAME)
        claims = {
            "sub": "demo-user",
            "name": "Demo User",
            "aud": settings.IDENTITY_JWT_AUDIENCE,
            "exp": int(time.time()) + 24 * 3600,
        }
        if settings.IDENTITY_JWT_ISSUER:
            claims["iss"] = settings.IDENTITY_JWT_ISSUER
        user = hs256.sign(claims, settings.IDENTITY_JWT_SECRET)
        rooms = f"{BASE}/api/v1/rooms/"
        return {
            "room": room.id,
            "create a room, as the app's backend": (
                f"curl -sS {rooms} -H 'Authorization: Api-Key {key}' "
                """-H 'Content-Type: application/json' -d '{"name": "My room"}'"""
            ),
            "fetch a token, as a user": (
                f"curl -sS -X POST {rooms}{room.id}/tokens/ -H 'Authorization: Bearer {user}'"
            ),
        }
