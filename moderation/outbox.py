"""The outbox of the app's webhook: notices are written in the transaction that they tell of.

`manage.py deliver_webhooks` sends them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings

from moderation.models import Notice, ParticipantState, Webhook
from tokensvc.web.renderers import encode_json


class PendingNotice(NamedTuple):
    """A notice before it is written: its type, the user it is about, and further members of `data`."""

    type: Notice
    user: Mapping[str, Any] | None
    details: Mapping[str, Any]

    @classmethod
    def of(cls, type_: Notice, participant: ParticipantState | None, **details: Any) -> "PendingNotice":
        return cls(type_, None if participant is None else _user(participant), details)


def enqueue(room_id: str, notices: Sequence[PendingNotice], now: datetime) -> None:
    """Write notices into the outbox if `WEBHOOK_URL` is set."""
    if settings.WEBHOOK_URL:
        Webhook.objects.bulk_create(
            Webhook(room_id=room_id, type=notice.type, payload=_payload(room_id, notice, now))
            for notice in notices
        )


def _user(participant: ParticipantState) -> dict[str, Any]:
    return {
        "id": participant.user_id,
        "alias": participant.alias,
        "name": participant.name,
        "role": participant.role,
    }


def _payload(room_id: str, notice: PendingNotice, now: datetime) -> str:
    user = {"user": notice.user} if notice.user else {}
    return encode_json(
        {
            "type": notice.type.value,
            "timestamp": f"{now:%Y-%m-%dT%H:%M:%S.%fZ}",
            "data": {"room": {"id": room_id}, **user, **notice.details},
        }
    )
