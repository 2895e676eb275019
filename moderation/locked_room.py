"""A running room under lock: every act is one transaction, and each step of it one version and one event."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.db import transaction

from moderation.broker.announcements import Update, announce
from moderation.document import document, participant_shown, update_frame
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
from moderation.rule import Medium
from moderation.webhooks import News, enqueue
from rooms import channel_keys
from rooms.admission import AdmissionFacts, check_host
from rooms.callers import Backend, Caller
from rooms.models import ADVISORY, MembershipSnapshot, Progress
from rooms.models.membership_snapshot import NOBODY
from rooms.policy import Policy
from tokensvc.web.refusals import Refusal


class ActContext(NamedTuple):
    """Who acts in which room, when, and on which version of it if that matters to them."""

    room_id: str
    caller: Caller
    now: datetime
    expected_version: int | None = None

    @property
    def user_id(self) -> str:
        """Who acts; nobody in particular if it is the app."""
        return NOBODY if isinstance(self.caller, Backend) else self.caller.user_id


class LockedRoom:
    """What is known of a locked room, and what is being written about it."""

    def __init__(
        self, state: RoomState, policy: Policy, membership: MembershipSnapshot, now: datetime
    ) -> None:
        self.state = state
        self.policy = policy
        self.membership = membership
        self.now = now
        self._before = self._versions()
        self._events: list[Event] = []
        self._closes: list[Mapping[str, int]] = []
        self._news: list[News] = []
        self._forbidden: list[Medium] = []
        self._actor: Caller | None = None

    @property
    def participants(self) -> ParticipantQuerySet:
        return ParticipantState.objects.filter(room_id=self.state.room_id)

    def find(self, alias: str) -> ParticipantState:
        """Return whoever is or was here under this alias. Refuses with `participant_not_found`."""
        found = None if "\0" in alias else self.participants.filter(alias=alias).first()
        if found is None:
            raise Refusal("participant_not_found", "Nobody in this room has this alias.")
        return found

    def alias_of(self, user_id: str) -> str:
        return channel_keys.alias(self.policy.channel_secret, user_id)

    def act_as_host(self, context: ActContext) -> None:
        """Let somebody act who is the app or a host of the room, which has not ended.

        Refuses with `host_only`, `banned`, `not_a_member`, `room_ended`, or with `version_conflict`, which
        carries the current document, when the room is at another version than expected.
        """
        self.require_host(context.caller)
        self.require_open()
        if context.expected_version not in {None, self.state.version}:
            raise Refusal(
                "version_conflict",
                f"The room is at version {self.state.version}, not {context.expected_version}.",
                document=document(self.state),
            )
        self._actor = context.caller

    def require_host(self, caller: Caller) -> None:
        """Refuse anybody but the app and hosts, with `host_only`, `banned` or `not_a_member`."""
        if not isinstance(caller, Backend):
            check_host(
                AdmissionFacts(self.policy, self.membership, caller.offered_role(self.state.room_id)),
                self.now,
            )

    def act_as(self, caller: Caller) -> None:
        self._actor = caller

    def require_open(self) -> None:
        if self.state.ended:
            raise Refusal("room_ended", "This room has ended.")

    def record(
        self,
        action: Action,
        change: Mapping[str, Any],
        *,
        target: str | None = None,
        closes: Mapping[str, int] | None = None,
        enforcement_id: str | None = None,
    ) -> None:
        """Raise the version by one and write down what this step changes."""
        self.state.version += 1
        actor = None if self._actor is None or isinstance(self._actor, Backend) else self._actor.user_id
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

    def record_of(
        self,
        action: Action,
        participant: ParticipantState,
        *,
        closes: Mapping[str, int] | None = None,
        enforcement_id: str | None = None,
    ) -> None:
        """Save a participant and record what has become of them: all of it, or that they have left.

        Whoever is still in the channel has not.
        """
        participant.save()
        change: dict[str, Any] = {"left": participant.alias}
        if participant.is_shown:
            change = {"participant": participant_shown(participant, self.state)}
        if action in REMOVALS:
            change["enforcement"] = Progress.REQUESTED.value if enforcement_id else ADVISORY
        self.record(action, change, target=participant.user_id, closes=closes, enforcement_id=enforcement_id)

    def forbid(self, medium: Medium) -> None:
        """Take the seats of all whom the room now forbids to publish."""
        self._forbidden.append(medium)

    def tell_app(self, notice: Notice, participant: ParticipantState | None = None, **details: Any) -> None:
        """Have the app's backend told, once this is committed."""
        self._news.append(News.of(notice, participant, **details))

    def _versions(self) -> tuple[int, int, bool]:
        return self.state.version, self.state.reconciled_version, self.state.ended

    def write(self) -> None:
        """Save what was recorded, and announce it once it is committed."""
        enqueue(self.state.room_id, self._news, self.now)
        if self._versions() != self._before:
            persist.write(self.state, self._events, self._forbidden)
        if not self._events:
            return
        updates = [
            Update(event.version, update_frame(event), closes)
            for event, closes in zip(self._events, self._closes, strict=True)
        ]
        transaction.on_commit(partial(announce, self.state.room_id, updates))
