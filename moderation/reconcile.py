"""Catching up with facts that were changed elsewhere: members, limits, channel, the room's end.

They may change in any process, by any path: the API, the admin, a command. Every change raises the room's
version, so comparing two numbers tells whether there is anything to catch up with, and every act begins
with that.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from django.db import transaction

from moderation.broker.announcements import ALL, Close
from moderation.locked_room import LockedRoom
from moderation.models import Action, Notice, ParticipantState, RoomState
from rooms.models import KickingRule, Member
from rooms.models.membership_snapshot import NOBODY
from rooms.policy import policy_at
from rooms.roles import Role
from tokensvc.web.refusals import Refusal


@contextmanager
def opened(room_id: str, now: datetime, user_id: str = NOBODY) -> Iterator[LockedRoom]:
    """Lock a room for one act, which first checks and then writes. Refuses with `room_not_found`.

    `user_id` is whoever acts, if that is a user. When the act is refused, what the room had to catch up with
    is kept.
    """
    refusal = None
    with transaction.atomic():
        state, membership = RoomState.objects.lock(room_id, user_id)
        room = LockedRoom(state, policy_at(room_id, membership.version), membership, now)
        _catch_up(room, membership.version)
        try:
            yield room
        except Refusal as raised:
            refusal = raised
        room.write()
    if refusal is not None:
        raise refusal


def refresh(room_id: str, now: datetime) -> None:
    """Catch up with the facts, and see off those whose lease has run out."""
    with opened(room_id, now) as room:
        expire_leases(room)


def expire_leases_in(now: datetime, room_ids: Collection[str] | None = None) -> None:
    """Have those leave whose lease has run out, in these rooms or in all."""
    lapsed = ParticipantState.objects.lapsed(now)
    if room_ids is not None:
        lapsed = lapsed.filter(room_id__in=room_ids)
    for room_id in set(lapsed.values_list("room_id", flat=True)):
        with suppress(Refusal):  # the room may be gone by now
            refresh(room_id, now)


def expire_leases(room: LockedRoom) -> None:
    for participant in room.participants.lapsed(room.now):
        # Should the socket be there after all, its client has to come in again.
        closes = {participant.connection: Close.GOING_AWAY} if participant.connection else {}
        participant.leave()
        room.record_of(Action.LEAVE, participant, closes=closes)
        room.tell_app(Notice.PARTICIPANT_LEFT, participant, reason="left")


def close_room(room: LockedRoom) -> None:
    """Record that the room is over: everybody leaves, and all sockets are closed."""
    room.state.ended = True
    for participant in room.participants.present():
        room.tell_app(Notice.PARTICIPANT_LEFT, participant, reason="room_ended")
    room.participants.shown().clear()
    room.record(Action.END, {"room": {}}, closes={ALL: Close.ENDED})
    room.tell_app(Notice.ROOM_ENDED)


def _catch_up(room: LockedRoom, room_version: int) -> None:
    state = room.state
    if state.reconciled_version != room_version:
        if state.channel != room.policy.channel:
            _follow_channel(room)
        _follow_members(room)
        _follow_limits(room)
        state.reconciled_version = room_version
    over = room.policy.is_over(room.now)
    if over and not state.ended:
        close_room(room)
    state.ended = over


def _follow_channel(room: LockedRoom) -> None:
    """Give everybody their alias of the new channel, in which nobody is yet, and have them fetch credentials.

    Whoever was seen in the old one only cannot be told from others any more.
    """
    room.state.channel = room.policy.channel
    room.participants.filter(user_id=None).delete()
    room.participants.forget_channel()
    everybody = _by_user(room.participants)
    for user_id, participant in everybody.items():
        participant.alias = room.alias_of(user_id)
        if participant.connection is not None:
            participant.disconnect(room.now)
    ParticipantState.objects.bulk_update(everybody.values(), ["alias", "connection", "process", "gone_at"])
    room.record(Action.ROTATE_CHANNEL, {"room": {}}, closes={ALL: Close.BAD_TICKET})


def _follow_members(room: LockedRoom) -> None:
    here = _by_user(room.participants.shown())
    members = Member.objects.filter(room_id=room.state.room_id, user_id__in=here)
    known = {member.user_id: member for member in members}
    for user_id, participant in here.items():
        member = known.get(user_id)
        if member is None or not member.is_banned(room.now):
            participant.forget_ban()
            take_role(room, participant, Role((member and member.role) or participant.ticket_role))
        elif not participant.ban_known:
            remove(room, Action.BAN, participant)


def _by_user(participants: Iterable[ParticipantState]) -> dict[str, ParticipantState]:
    """Return those whose user id is known."""
    return {one.user_id: one for one in participants if one.user_id is not None}


def take_role(room: LockedRoom, participant: ParticipantState, role: Role) -> None:
    """Record that somebody is now something else, if they are."""
    before = Role(participant.role)
    if role is before:
        return
    participant.role = role
    participant.release_forbidden_seats(room.state)
    room.record_of(Action.PROMOTE if role.covers(before) else Action.DEMOTE, participant)


def remove(room: LockedRoom, action: Action, participant: ParticipantState) -> None:
    """Record that somebody was made to leave; their socket, wherever it is, is closed."""
    closes = {participant.connection: Close.REMOVED} if participant.connection else {}
    was_present = participant.present
    participant.leave()
    participant.ban_known = participant.ban_known or action is Action.BAN
    room.record_of(action, participant, closes=closes, enforcement_id=_enforcement(room, action, participant))
    if action is Action.BAN:
        room.tell_app(Notice.PARTICIPANT_BANNED, participant)
    if was_present:
        reason = "banned" if action is Action.BAN else "kicked"
        room.tell_app(Notice.PARTICIPANT_LEFT, participant, reason=reason)


def _enforcement(room: LockedRoom, action: Action, participant: ParticipantState) -> str | None:
    """Return the act whose rules at Agora make this hold, None where there are none."""
    room_id, user_id = room.state.room_id, participant.user_id
    if user_id is None:
        return None
    if action is Action.BAN:  # requested by the ban itself, by whatever path it came
        return KickingRule.objects.enforcement_id_of_ban(room_id, user_id)
    return KickingRule.objects.kick(room_id, room.policy.channel, user_id)


def _follow_limits(room: LockedRoom) -> None:
    """Tell of changed limits. Lowering one throws nobody out."""
    state, policy = room.state, room.policy
    changed = {
        field: getattr(policy, field)
        for field in ("audio_limit", "video_limit")
        if getattr(policy, field) != getattr(state, field)
    }
    if changed:
        for field, value in changed.items():
            setattr(state, field, value)
        room.record(Action.CHANGE_LIMITS, {"room": changed})
