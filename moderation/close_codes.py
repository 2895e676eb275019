"""The codes that the server closes a live socket with."""

from enum import IntEnum

ALL = "*"
"""Stands for every socket of a room where an update maps connection ids to close codes."""


class CloseCode(IntEnum):
    """Codes of the protocol `tokensvc.v1`, and two of IANA's registry for RFC 6455."""

    BAD_FRAMES = 4400
    BAD_TICKET = 4401
    REMOVED = 4403
    NO_ROOM = 4404
    TOO_SLOW = 4408
    REPLACED = 4409
    ENDED = 4410
    GOING_AWAY = 1012  # "service restart"
    TRY_AGAIN = 1013  # "try again later"
