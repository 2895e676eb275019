"""Refusals that more than one module raises."""

from tokensvc.web.refusals import Refusal


def room_not_found() -> Refusal:
    return Refusal("room_not_found", "There is no room with this id.")


def room_ended() -> Refusal:
    return Refusal("room_ended", "This room has ended.")


def banned() -> Refusal:
    return Refusal("banned", "You are banned from this room.")
