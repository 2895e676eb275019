"""Kick a participant, and with `ban` keep them out."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from rest_framework import serializers

from moderation.act_context import ActContext
from moderation.actions.verb import ACT_REFUSALS, Operation, Verb
from moderation.locked_room import LockedRoom, host_act
from moderation.models import Action, ParticipantState
from moderation.responses import RemovedParticipant
from moderation.transitions import remove
from rooms.models import KickingRule, Member, Room
from tokensvc.web.refusals import Refusal
from tokensvc.web.validation import YEAR, StrictSerializer


class Kick(StrictSerializer):
    ban = serializers.BooleanField(default=False, help_text="Also keep them out.")
    seconds = serializers.IntegerField(
        default=None,
        allow_null=True,
        min_value=1,
        max_value=YEAR,
        help_text="For how long; null is for good.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["seconds"] is not None and not attrs["ban"]:
            raise serializers.ValidationError({"seconds": "Only a ban can have an end."}, "not_a_ban")
        return attrs


class KickCommand(Kick):
    alias = serializers.CharField(max_length=20)


def kick(context: ActContext, alias: str, *, ban: bool = False, seconds: int | None = None) -> dict[str, Any]:
    """Remove a participant, and with `ban` keep them out for so many seconds or for good.

    Returns `{"version", "left"}`. A participant in the Agora channel is shown there until Agora reports that
    they left. Refuses with `participant_not_found`, with `forbidden` to remove oneself or to ban somebody
    whose user id is not known yet, and as `host_act` does.
    """
    with host_act(context) as room:
        participant = room.find_participant(alias)
        if participant.user_id is not None and participant.user_id == context.user_id:
            raise Refusal("forbidden", "You cannot remove yourself from the room.")
        if ban:
            remove(room, Action.BAN, participant, _ban(context, participant, seconds))
        elif participant.is_shown:
            remove(room, Action.KICK, participant, _kick(room, participant))
        return {"version": room.state.version, "left": participant.alias}


def _ban(context: ActContext, participant: ParticipantState, seconds: int | None) -> str | None:
    if participant.user_id is None:
        raise Refusal("forbidden", "Who this is will be known once they have been on the socket.")
    until = None if seconds is None else context.now + timedelta(seconds=seconds)
    room = Room.objects.get_or_refuse(context.room_id)
    return Member.objects.ban(room, participant.user_id, until).enforcement_id


def _kick(room: LockedRoom, participant: ParticipantState) -> str | None:
    if participant.user_id is None:
        return None
    return KickingRule.objects.kick(room.state.room_id, room.policy.channel, participant.user_id)


def _act(context: ActContext, fields: Mapping[str, Any]) -> dict[str, Any]:
    return kick(context, fields["alias"], ban=fields["ban"], seconds=fields["seconds"])


KICK = Verb(
    command="participant.kick",
    fields=KickCommand(),
    act=_act,
    operation=Operation(
        method="post",
        path="moderation/participants/<str:alias>/kick/",
        act=_act,
        body=Kick,
        response=RemovedParticipant,
        summary="Make somebody leave, and with `ban` keep them out",
        description="A kick alone lets them come back. A ban also means that no further token is issued.",
        refusals=(*ACT_REFUSALS, "participant_not_found", "forbidden"),
    ),
)
