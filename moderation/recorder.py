"""What one transaction records about a locked room: versions, events, freed seats, notices to the app."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from moderation.broker import Update, announce
from moderation.document import update_frame
from moderation.models import (
    REMOVALS,
    Action,
    Event,
    Notice,
    ParticipantQuerySet,
    ParticipantState,
    RoomState,
    persist,
)
from moderation.outbox import PendingNotice, enqueue
from moderation.rule import Medium
from rooms import channel_keys
from rooms.callers import Backend, Caller
from rooms.models import ADVISORY, Progress
from rooms.policy import Policy


class Recorder:
    """The state of a locked room, and the changes that `persist` writes."""

    def __init__(self, state: RoomState, policy: Policy, now: datetime) -> None:
        self.state = state
        self.policy = policy
        self.now = now
        self.actor: Caller | None = None
        """The author of the events recorded from now on; None for changes made elsewhere."""
        self._persisted = self._versions()
        self._events: list[Event] = []
        self._closes: list[Mapping[str, int]] = []
        self._notices: list[PendingNotice] = []
        self._forbidden: list[Medium] = []

    @property
    def participants(self) -> ParticipantQuerySet:
        return ParticipantState.objects.filter(room_id=self.state.room_id)

    def alias_of(self, user_id: str) -> str:
        return channel_keys.alias(self.policy.channel_secret, user_id)

    def record(
        self,
        action: Action,
        change: Mapping[str, Any],
        *,
        target: str | None = None,
        closes: Mapping[str, int] | None = None,
        enforcement_id: str | None = None,
    ) -> None:
        """Raise the version by one and add its event.

        `closes` maps the ids of connections that this version closes, or `ALL`, to close codes.
        """
        self.state.version += 1
        actor = None if self.actor is None or isinstance(self.actor, Backend) else self.actor.user_id
        self._events.append(
            Event(
                room_id=self.state.room_id,
                version=self.state.version,
                action=action,
                actor=actor,
                by=None if actor is None else self.alias_of(actor),
                target=target,
                at=self.now,
                change=change,
                enforcement_id=enforcement_id,
            )
        )
        self._closes.append(closes or {})

    def record_participant(
        self,
        action: Action,
        participant: ParticipantState,
        *,
        closes: Mapping[str, int] | None = None,
        enforcement_id: str | None = None,
    ) -> None:
        """Save a participant and record the new document of theirs, or that they left.

        A participant who is still in the Agora channel has not left.
        """
        participant.save()
        change: dict[str, Any] = {"left": participant.alias}
        if participant.is_shown:
            change = {"participant": participant.document(self.state)}
        if action in REMOVALS:
            change["enforcement"] = Progress.REQUESTED.value if enforcement_id else ADVISORY
        self.record(action, change, target=participant.user_id, closes=closes, enforcement_id=enforcement_id)

    def release_forbidden_seats(self, medium: Medium) -> None:
        """Release the seats of every participant whom the room now forbids to publish `medium`."""
        self._forbidden.append(medium)

    def notify_app(self, type_: Notice, participant: ParticipantState | None = None, **details: Any) -> None:
        """Add a notice to the app's webhook."""
        self._notices.append(PendingNotice.of(type_, participant, **details))

    def persist(self) -> None:
        """Write what was recorded; announce it after the commit."""
        enqueue(self.state.room_id, self._notices, self.now)
        if self._versions() != self._persisted:
            persist.write(self.state, self._events, self._forbidden)
        if self._events:
            updates = [
                Update(event.version, update_frame(event), closes)
                for event, closes in zip(self._events, self._closes, strict=True)
            ]
            transaction.on_commit(partial(announce, self.state.room_id, updates))

    def _versions(self) -> tuple[int, int, bool]:
        return self.state.version, self.state.reconciled_version, self.state.ended
