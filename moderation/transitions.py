"""Changes that more than one act or cause makes to a locked room: leave, remove, take a role, close."""

from moderation.close_codes import ALL, CloseCode
from moderation.models import Action, Notice, ParticipantState
from moderation.recorder import Recorder
from rooms.roles import Role


def expire_leases(recorder: Recorder) -> None:
    """Have every participant leave whose lease has expired."""
    for participant in recorder.participants.lapsed(recorder.now):
        # If the socket is still open, its client has to enter again.
        closes = {participant.connection: CloseCode.GOING_AWAY} if participant.connection else {}
        participant.leave()
        recorder.record_participant(Action.LEAVE, participant, closes=closes)
        recorder.notify_app(Notice.PARTICIPANT_LEFT, participant, reason="left")


def take_role(recorder: Recorder, participant: ParticipantState, role: Role) -> None:
    """Give a participant a role, unless it is theirs already."""
    before = Role(participant.role)
    if role is before:
        return
    participant.role = role
    participant.release_forbidden_seats(recorder.state)
    recorder.record_participant(Action.PROMOTE if role.covers(before) else Action.DEMOTE, participant)


def remove(
    recorder: Recorder, action: Action, participant: ParticipantState, enforcement_id: str | None
) -> None:
    """Kick or ban a participant: close their socket and record the removal.

    `enforcement_id` is that of the kicking rules requested at Agora, None if there are none.
    """
    closes = {participant.connection: CloseCode.REMOVED} if participant.connection else {}
    was_present = participant.present
    participant.leave()
    participant.ban_known = participant.ban_known or action is Action.BAN
    recorder.record_participant(action, participant, closes=closes, enforcement_id=enforcement_id)
    if action is Action.BAN:
        recorder.notify_app(Notice.PARTICIPANT_BANNED, participant)
    if was_present:
        reason = "banned" if action is Action.BAN else "kicked"
        recorder.notify_app(Notice.PARTICIPANT_LEFT, participant, reason=reason)


def close(recorder: Recorder) -> None:
    """Record that the room has ended: every participant leaves, and every socket is closed."""
    recorder.state.ended = True
    for participant in recorder.participants.present():
        recorder.notify_app(Notice.PARTICIPANT_LEFT, participant, reason="room_ended")
    recorder.participants.shown().clear()
    recorder.record(Action.END, {"room": {}}, closes={ALL: CloseCode.ENDED})
    recorder.notify_app(Notice.ROOM_ENDED)
