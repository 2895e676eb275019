"""What the app's backend is told of its rooms, by the Standard Webhooks convention (standardwebhooks.com).

A notice is written into the outbox in the transaction it tells of, and sent by `manage.py deliver_webhooks`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings

from moderation.document import encode
from moderation.models import Notice, ParticipantState, Webhook


class News(NamedTuple):
    """Something the app may want to know: what, of whom, and what else there is to say."""

    notice: Notice
    user: Mapping[str, Any] | None
    details: Mapping[str, Any]

    @classmethod
    def of(cls, notice: Notice, participant: ParticipantState | None, **details: Any) -> "News":
        user = (
            None
            if participant is None
            else {
                "id": participant.user_id,
                "alias": participant.alias,
                "name": participant.name,
                "role": participant.role,
            }
        )
        return cls(notice, user, details)


def enqueue(room_id: str, news: Sequence[News], now: datetime) -> None:
    """Write notices into the outbox, if the app wants any."""
    if settings.WEBHOOK_URL:
        Webhook.objects.bulk_create(
            Webhook(room_id=room_id, type=one.notice, payload=_body(room_id, one, now)) for one in news
        )


def _body(room_id: str, news: News, now: datetime) -> str:
    data = {"room": {"id": room_id}, **({"user": news.user} if news.user else {}), **news.details}
    return encode({"type": news.notice.value, "timestamp": f"{now:%Y-%m-%dT%H:%M:%S.%fZ}", "data": data})
