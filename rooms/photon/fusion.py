"""Room webhooks of Fusion 2 and Quantum 3.

Source: doc.photonengine.com, Fusion and Quantum, "Webhooks". Each is a POST of JSON; create and join carry
UserId, AuthCookie and GameId (`cloud:region:room`), create also RoomName. Create is also the creator's join.
HTTP 200 allows, 400 refuses, Photon retries 503 three times.
"""

from collections.abc import Mapping
from typing import Any

from rooms.photon.entry import Entry, name_in, required_cookie_in
from rooms.photon.parsers import Malformed

HOOKS = ("create", "join", "leave", "close")


def entry(call: Mapping[str, Any]) -> Entry:
    """Read who enters which room. Raises `Malformed`."""
    return Entry(_room_name(call), name_in(call, "UserId"), required_cookie_in(call))


def refusal(status: int, message: str) -> dict[str, Any]:
    """Return the body of a refusal."""
    return {"Status": status, "Error": "PlayerNotAllowed", "Message": message}


def _room_name(call: Mapping[str, Any]) -> str:
    """Return the room name that GameId and RoomName agree on."""
    names = {name_in(call, "RoomName")} if "RoomName" in call else set()
    *region, name = name_in(call, "GameId").split(":", 2)
    if len(region) == 2:
        names.add(name)
    if len(names) != 1:
        raise Malformed("GameId, as cloud:region:room, and RoomName must name one room.")
    return names.pop()
