"""The one transaction in which an act reads and changes a running room.

`with locked_room(…) as room:` locks the room, reconciles it with changes made elsewhere, lets the act check
and record, and writes. Each recorded change is one version and one event.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from moderation.act_context import ActContext
from moderation.document import document
from moderation.models import ParticipantState, RoomState
from moderation.reconcile import reconcile
from moderation.recorder import Recorder
from rooms.admission import AdmissionFacts, check_host
from rooms.callers import Backend, Caller
from rooms.models import MembershipSnapshot
from rooms.models.membership_snapshot import NO_USER
from rooms.policy import Policy, policy_at
from rooms.refusals import room_ended
from tokensvc.web.refusals import Refusal


class LockedRoom(Recorder):
    """A room under lock, with the membership of the user who acts."""

    def __init__(
        self, state: RoomState, policy: Policy, membership: MembershipSnapshot, now: datetime
    ) -> None:
        super().__init__(state, policy, now)
        self._membership = membership

    def find_participant(self, alias: str) -> ParticipantState:
        """Return who is or was in the room under this alias. Refuses with `participant_not_found`."""
        found = None if "\0" in alias else self.participants.filter(alias=alias).first()
        if found is None:
            raise Refusal("participant_not_found", "Nobody in this room has this alias.")
        return found

    def require_host(self, caller: Caller) -> None:
        """Accept the app's backend and hosts. Refuses with `host_only`, `banned` or `not_a_member`."""
        if not isinstance(caller, Backend):
            claimed_role = caller.claimed_role(self.state.room_id)
            check_host(AdmissionFacts(self.policy, self._membership, claimed_role), self.now)

    def require_open(self) -> None:
        """Refuse with `room_ended`."""
        if self.state.ended:
            raise room_ended()

    def require_version(self, expected: int | None) -> None:
        """Refuse with `version_conflict`, which carries the current document, at any other version."""
        if expected not in {None, self.state.version}:
            raise Refusal(
                "version_conflict",
                f"The room is at version {self.state.version}, not {expected}.",
                document=document(self.state),
            )


@contextmanager
def locked_room(room_id: str, now: datetime, user_id: str = NO_USER) -> Iterator[LockedRoom]:
    """Lock a room for one act by `user_id`. Refuses with `room_not_found`.

    If the act refuses, what was reconciled before it is kept.
    """
    refusal = None
    with transaction.atomic():
        state, membership = RoomState.objects.lock(room_id, user_id)
        room = LockedRoom(state, policy_at(room_id, membership.version), membership, now)
        reconcile(room, membership.version)
        try:
            yield room
        except Refusal as raised:
            refusal = raised
        room.persist()
    if refusal is not None:
        raise refusal


@contextmanager
def host_act(context: ActContext) -> Iterator[LockedRoom]:
    """Lock a room for an act that only hosts and the app's backend may do.

    Refuses with `room_not_found`, `host_only`, `banned`, `not_a_member`, `room_ended` or `version_conflict`.
    """
    with locked_room(context.room_id, context.now, context.user_id) as room:
        room.require_host(context.caller)
        room.require_open()
        room.require_version(context.expected_version)
        room.actor = context.caller
        yield room
