"""Room webhooks of Realtime and PUN.

Source: doc.photonengine.com, Realtime, "Webhooks". Each is a POST of JSON with AppId, AppVersion, Region,
GameId (the room's name), Type, ActorNr, UserId and NickName (or Nickname); PathClose has no user.
Only refusing PathBeforeJoin keeps a client out; it carries AuthCookie. The answer is HTTP 200 with a
ResultCode; any but 0 refuses.
"""

from collections.abc import Mapping
from typing import Any

from rooms.photon.entry import Entry, cookie_in, name_in, required_cookie_in

HOOKS = ("before-join", "create", "join", "leave", "close")

ACCEPTED, REFUSED = 0, 1


def entry(hook: str, call: Mapping[str, Any]) -> Entry:
    """Read who enters which room. Raises `Malformed`."""
    cookie = required_cookie_in(call) if hook == "before-join" else cookie_in(call)
    return Entry(name_in(call, "GameId"), name_in(call, "UserId"), cookie)


def answer(message: str | None = None) -> dict[str, Any]:
    """Return the answer that accepts a call or, with a message, refuses it."""
    return {"ResultCode": ACCEPTED if message is None else REFUSED, "Message": message or ""}
