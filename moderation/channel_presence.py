"""Who is in the Agora channel, as Agora's notifications report it."""

import logging
from collections.abc import Mapping
from datetime import datetime

from moderation.locked_room import LockedRoom, locked_room
from moderation.models import Action, ParticipantState
from moderation.transitions import take_role
from rooms import channel_keys
from rooms.agora.notifications import Became, Notification
from rooms.models import MembershipSnapshot, Room, Uid, UidType
from rooms.roles import Role

_ROLES: Mapping[Became, Role] = {Became.BROADCASTER: Role.PUBLISHER, Became.AUDIENCE: Role.SUBSCRIBER}

_log = logging.getLogger(__name__)


def apply(notification: Notification, now: datetime) -> None:
    """Update who is in a channel. A notification that changes nothing raises no version.

    A `clientSeq` not above the stored one is stale or a duplicate: it is dropped. A destroyed channel has no
    `clientSeq`: everybody without a later notification leaves it. Notifications about channels of no running
    room, shared screens and unknown numbers are ignored.
    """
    room_id = Room.objects.filter(channel=notification.channel).values_list("pk", flat=True).first()
    if room_id is None:
        _ignore(notification, "no room has this channel")
        return
    with locked_room(room_id, now) as room:
        if room.state.ended or room.policy.channel != notification.channel:
            _ignore(notification, "the room has ended or has moved to another channel")
        elif notification.became is Became.DESTROYED:
            _leave_destroyed(room, notification)
        elif (participant := _participant(room, notification)) is None:
            _ignore(notification, "the user is unknown in the room")
        elif participant.channel_seq is None or notification.seq > participant.channel_seq:
            _update(room, participant, notification)


def _ignore(notification: Notification, why: str) -> None:
    fields = {"notice": notification.notice_id, "channel": notification.channel, "why": why}
    _log.info("agora notification ignored", extra={"fields": fields})


def _leave_destroyed(room: LockedRoom, notification: Notification) -> None:
    for participant in room.participants.filter(in_channel=True, channel_at__lte=notification.at):
        participant.in_channel = False
        room.record_participant(Action.LEAVE_CHANNEL, participant)


def _update(room: LockedRoom, participant: ParticipantState, notification: Notification) -> None:
    was_in, is_in = participant.in_channel, notification.became is not Became.ABSENT
    participant.in_channel = is_in
    participant.channel_seq, participant.channel_at = notification.seq, notification.at
    participant.channel_uid = notification.uid
    if is_in != was_in:
        if is_in:
            _enter(room, participant, notification)
        room.record_participant(Action.ENTER_CHANNEL if is_in else Action.LEAVE_CHANNEL, participant)
        return
    participant.save()
    # Without a user id, Agora's role is all that is known.
    if is_in and participant.user_id is None:
        participant.ticket_role = _ROLES[notification.became]
        take_role(room, participant, _ROLES[notification.became])


def _enter(room: LockedRoom, participant: ParticipantState, notification: Notification) -> None:
    if participant.user_id is None:
        participant.role = participant.ticket_role = _ROLES[notification.became]
    else:
        membership = MembershipSnapshot.of(room.state.room_id, participant.user_id)
        # The token is older than the ban, which is recorded already.
        participant.ban_known = membership.is_banned(room.now)


def _participant(room: LockedRoom, notification: Notification) -> ParticipantState | None:
    """Return the participant that the notification is about, None if it is to be ignored."""
    if room.policy.uid_type is UidType.UID:
        return _by_number(room, notification)
    if notification.account:
        return _by_account(room, notification)
    # Agora's own number for an account stays the same in a channel_keys.
    return room.participants.filter(channel_uid=notification.uid).first()


def _by_number(room: LockedRoom, notification: Notification) -> ParticipantState | None:
    uid = Uid.objects.filter(channel=notification.channel, number=notification.uid, screen=False).first()
    if uid is None:
        return None
    alias = room.alias_of(uid.user_id)
    return room.participants.filter(alias=alias).first() or _newcomer(room, alias, notification, uid.user_id)


def _by_account(room: LockedRoom, notification: Notification) -> ParticipantState | None:
    known = room.participants.filter(alias=notification.account).first()
    if known is not None or not _may_be_alias(room, notification.account):
        return known
    return _newcomer(room, notification.account, notification)


def _may_be_alias(room: LockedRoom, account: str) -> bool:
    """Tell whether this may be an alias: not the shared screen of a known participant."""
    users = room.participants.filter(user_id__isnull=False).values_list("user_id", flat=True)
    secret = room.policy.channel_secret
    screens = (channel_keys.screen_alias(secret, user_id) for user_id in users if user_id is not None)
    return len(account) <= channel_keys.ALIAS_LENGTH and account not in screens


def _newcomer(
    room: LockedRoom, alias: str, notification: Notification, user_id: str | None = None
) -> ParticipantState:
    """Return a participant who has never been on the socket, with the role of the room or else of Agora."""
    reported_role = _ROLES.get(notification.became, Role.SUBSCRIBER)
    membership = None if user_id is None else MembershipSnapshot.of(room.state.room_id, user_id)
    return ParticipantState(
        room_id=room.state.room_id,
        user_id=user_id,
        alias=alias,
        role=(membership and membership.role) or reported_role,
        ticket_role=reported_role,
    )
