"""The state of running rooms, who is in them, and what has happened there."""

from moderation.models.event import Action, Event
from moderation.models.live_process import LEASE, LONGEST_OUTAGE, RENEWAL, LiveProcess
from moderation.models.participant_state import ParticipantQuerySet, ParticipantState
from moderation.models.room_state import RoomState

__all__ = [
    "LEASE",
    "LONGEST_OUTAGE",
    "RENEWAL",
    "Action",
    "Event",
    "LiveProcess",
    "ParticipantQuerySet",
    "ParticipantState",
    "RoomState",
]
