"""What hosts and participants do in a running room: one module each, with its input, command and operation.

Each act is one transaction under the room's lock. An act that changes nothing raises no version and is not
announced.
"""

from moderation.actions.ending import END, end
from moderation.actions.participant_overrides import SET_PARTICIPANT, set_participant
from moderation.actions.removal import KICK, kick
from moderation.actions.room_document import READ, read
from moderation.actions.room_flags import SET_ROOM, set_room
from moderation.actions.seats import RELEASE_SEAT, REQUEST_SEAT

__all__ = ["OPERATIONS", "VERBS", "end", "kick", "read", "set_participant", "set_room"]

VERBS = (REQUEST_SEAT, RELEASE_SEAT, SET_ROOM, SET_PARTICIPANT, KICK, END)
OPERATIONS = (READ, *(verb.operation for verb in VERBS if verb.operation is not None))
