"""Notices in the outbox, and their state."""

import json
from datetime import timedelta
from typing import Any

from django.utils import timezone

from moderation.models import Notice, Webhook


def put(room_id: str, *numbers: int, **fields: Any) -> list[Webhook]:
    """Add a notice for each number to the outbox; the room need not exist."""
    return [
        Webhook.objects.create(
            room_id=room_id,
            type=Notice.PARTICIPANT_JOINED,
            payload=json.dumps({"data": {"room": {"id": room_id}, "number": number}}),
            **fields,
        )
        for number in numbers
    ]


def waiting(room_id: str) -> list[tuple[int, int, str]]:
    """Return the notices left of a room: number, attempts, error."""
    rows = Webhook.objects.filter(room_id=room_id).order_by("pk")
    return [(json.loads(row.payload)["data"]["number"], row.attempts, row.error) for row in rows]


def make_due() -> None:
    """End all pauses and claims."""
    past = timezone.now() - timedelta(seconds=1)
    Webhook.objects.filter(due_at__gt=past).update(due_at=past)
    Webhook.objects.exclude(claimed_until=None).update(claimed_until=past)
