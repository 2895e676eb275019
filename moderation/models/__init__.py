"""The state of running rooms, who is in them, and what has happened there."""

from moderation.models.event import REMOVALS, Action, Event
from moderation.models.live_process import LEASE, LONGEST_OUTAGE, RENEWAL, LiveProcess
from moderation.models.participant_state import ParticipantQuerySet, ParticipantState
from moderation.models.room_state import RoomState
from moderation.models.webhook import Notice, Webhook

__all__ = [
    "LEASE",
    "LONGEST_OUTAGE",
    "REMOVALS",
    "RENEWAL",
    "Action",
    "Event",
    "LiveProcess",
    "Notice",
    "ParticipantQuerySet",
    "ParticipantState",
    "RoomState",
    "Webhook",
]
