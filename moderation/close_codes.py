"""The close codes of the live socket."""


class CloseCode:
    BAD_FRAMES = 4400
    BAD_TICKET = 4401
    REMOVED = 4403
    NO_ROOM = 4404
    TOO_SLOW = 4408
    REPLACED = 4409
    ENDED = 4410
    # From IANA's registry for RFC 6455: "service restart", "try again later".
    GOING_AWAY = 1012
    TRY_AGAIN = 1013


ALL = "*"
"""Stands for every connection of a room where connection ids are mapped to close codes."""
