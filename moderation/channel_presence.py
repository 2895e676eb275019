"""Who is really in the channel, by the word of Agora's own servers."""

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


def follow(notice: Notification, now: datetime) -> None:
    """Keep who is in a channel as a notification says; what changes nothing raises no version.

    A user's events count in the order of their `seq`. One that is not above the last known has been
    overtaken, or is that one once more, so there is no need to remember which notices have come. A destroyed
    channel has no `seq`: it is left by those of whom nothing later is known. Channels that are not, or no
    longer, those of a running room are ignored, and so are shared screens and numbers that are nobody's.
    """
    room_id = Room.objects.filter(channel=notice.channel).values_list("pk", flat=True).first()
    if room_id is None:
        _ignore(notice, "no room has this channel")
        return
    with locked_room(room_id, now) as room:
        if room.state.ended or room.policy.channel != notice.channel:
            _ignore(notice, "the room has ended or has moved to another channel")
        elif notice.became is Became.DESTROYED:
            _empty(room, notice)
        elif (participant := _participant(room, notice)) is None:
            _ignore(notice, "this is nobody of the room")
        elif participant.channel_seq is None or notice.seq > participant.channel_seq:
            _move(room, participant, notice)


def _ignore(notice: Notification, why: str) -> None:
    fields = {"notice": notice.notice_id, "channel": notice.channel, "why": why}
    _log.info("agora notification ignored", extra={"fields": fields})


def _empty(room: LockedRoom, notice: Notification) -> None:
    for participant in room.participants.filter(in_channel=True, channel_at__lte=notice.at):
        participant.in_channel = False
        room.record_participant(Action.LEAVE_CHANNEL, participant)


def _move(room: LockedRoom, participant: ParticipantState, notice: Notification) -> None:
    was_in, is_in = participant.in_channel, notice.became is not Became.ABSENT
    participant.in_channel = is_in
    participant.channel_seq, participant.channel_at = notice.seq, notice.at
    participant.channel_uid = notice.uid
    if is_in != was_in:
        if is_in:
            _enter(room, participant, notice)
        room.record_participant(Action.ENTER_CHANNEL if is_in else Action.LEAVE_CHANNEL, participant)
        return
    participant.save()
    # All that is known of the others' role is what Agora says.
    if is_in and participant.user_id is None:
        participant.ticket_role = _ROLES[notice.became]
        take_role(room, participant, _ROLES[notice.became])


def _enter(room: LockedRoom, participant: ParticipantState, notice: Notification) -> None:
    if participant.user_id is None:
        participant.role = participant.ticket_role = _ROLES[notice.became]
    else:
        membership = MembershipSnapshot.of(room.state.room_id, participant.user_id)
        # With an old token; the ban itself is no news.
        participant.ban_known = membership.is_banned(room.now)


def _participant(room: LockedRoom, notice: Notification) -> ParticipantState | None:
    """Return whom the notification is about, None when it is nobody who counts."""
    if room.policy.uid_type is UidType.UID:
        return _by_number(room, notice)
    if notice.account:
        return _by_account(room, notice)
    # Agora's own number for an account stays the same in a channel_keys.
    return room.participants.filter(channel_uid=notice.uid).first()


def _by_number(room: LockedRoom, notice: Notification) -> ParticipantState | None:
    uid = Uid.objects.filter(channel=notice.channel, number=notice.uid, screen=False).first()
    if uid is None:
        return None
    alias = room.alias_of(uid.user_id)
    return room.participants.filter(alias=alias).first() or _newcomer(room, alias, notice, uid.user_id)


def _by_account(room: LockedRoom, notice: Notification) -> ParticipantState | None:
    known = room.participants.filter(alias=notice.account).first()
    if known is not None or not _may_be_somebody(room, notice.account):
        return known
    return _newcomer(room, notice.account, notice)


def _may_be_somebody(room: LockedRoom, account: str) -> bool:
    """Tell whether this may be a person's alias: not the shared screen of somebody who is known here."""
    users = room.participants.filter(user_id__isnull=False).values_list("user_id", flat=True)
    secret = room.policy.channel_secret
    screens = (channel_keys.screen_alias(secret, user_id) for user_id in users if user_id is not None)
    return len(account) <= channel_keys.ALIAS_LENGTH and account not in screens


def _newcomer(
    room: LockedRoom, alias: str, notice: Notification, user_id: str | None = None
) -> ParticipantState:
    """Return somebody who has never been on the socket, as what the room or else Agora knows them."""
    said = _ROLES.get(notice.became, Role.SUBSCRIBER)
    membership = None if user_id is None else MembershipSnapshot.of(room.state.room_id, user_id)
    return ParticipantState(
        room_id=room.state.room_id,
        user_id=user_id,
        alias=alias,
        role=(membership and membership.role) or said,
        ticket_role=said,
    )
