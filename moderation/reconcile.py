"""Reconciling a running room with its members, limits, channel and end, which change elsewhere.

The API, the admin and commands change them in any process. Every such change raises the room's version, so
comparing two numbers tells whether there is anything to reconcile.
"""

from collections.abc import Iterable

from moderation import transitions
from moderation.close_codes import ALL, CloseCode
from moderation.models import Action, ParticipantState
from moderation.recorder import Recorder
from rooms.models import KickingRule, Member
from rooms.roles import Role


def reconcile(recorder: Recorder, room_version: int) -> None:
    """Record what has changed in the room and its members up to `room_version`, and whether it has ended."""
    state = recorder.state
    if state.reconciled_version != room_version:
        if state.channel != recorder.policy.channel:
            _reconcile_channel(recorder)
        _reconcile_members(recorder)
        _reconcile_limits(recorder)
        state.reconciled_version = room_version
    over = recorder.policy.is_over(recorder.now)
    if over and not state.ended:
        transitions.close(recorder)
    state.ended = over


def _reconcile_channel(recorder: Recorder) -> None:
    """Give every user their alias of the new channel, and have clients fetch new credentials.

    Nobody is in the new channel yet. A participant without a user id cannot be identified there.
    """
    recorder.state.channel = recorder.policy.channel
    recorder.participants.filter(user_id=None).delete()
    recorder.participants.forget_channel()
    participants = _by_user(recorder.participants)
    for user_id, participant in participants.items():
        participant.alias = recorder.alias_of(user_id)
        if participant.connection is not None:
            participant.disconnect(recorder.now)
    ParticipantState.objects.bulk_update(participants.values(), ["alias", "connection", "process", "gone_at"])
    recorder.record(Action.ROTATE_CHANNEL, {"room": {}}, closes={ALL: CloseCode.BAD_TICKET})


def _reconcile_members(recorder: Recorder) -> None:
    participants = _by_user(recorder.participants.shown())
    room_id = recorder.state.room_id
    members = {
        member.user_id: member for member in Member.objects.filter(room_id=room_id, user_id__in=participants)
    }
    for user_id, participant in participants.items():
        member = members.get(user_id)
        if member is None or not member.is_banned(recorder.now):
            participant.forget_ban()
            role = Role((member and member.role) or participant.ticket_role)
            transitions.take_role(recorder, participant, role)
        elif not participant.ban_known:
            enforcement_id = KickingRule.objects.enforcement_id_of_ban(room_id, user_id)
            transitions.remove(recorder, Action.BAN, participant, enforcement_id)


def _reconcile_limits(recorder: Recorder) -> None:
    """Record changed limits. A lower limit takes no seat from anybody."""
    state, policy = recorder.state, recorder.policy
    changed = {
        field: getattr(policy, field)
        for field in ("audio_limit", "video_limit")
        if getattr(policy, field) != getattr(state, field)
    }
    if changed:
        for field, value in changed.items():
            setattr(state, field, value)
        recorder.record(Action.CHANGE_LIMITS, {"room": changed})


def _by_user(participants: Iterable[ParticipantState]) -> dict[str, ParticipantState]:
    """Return the participants whose user id is known, by it."""
    return {one.user_id: one for one in participants if one.user_id is not None}
