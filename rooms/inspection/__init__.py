"""Decode a token of any format we issue, and say what is wrong with it."""

from collections.abc import Mapping
from typing import Any

from rooms.agora import Malformed, access_token, access_token2
from rooms.credentials.agora_config import agora_app
from rooms.inspection.ticket import inspect_ticket
from rooms.inspection.token_006 import inspect_006
from rooms.inspection.token_007 import inspect_007


def inspect(
    token: str, *, now: int, channel: str | None = None, uid: str | None = None
) -> Mapping[str, Any] | None:
    """Return the token's content and its `problems`, None if its format is unknown.

    `now` is Unix time; `channel` and `uid` are those the token should be for.
    """
    app = agora_app()
    try:
        if token.startswith(access_token2.VERSION):
            return inspect_007(access_token2.parse(token), app, now, channel, uid)
        if token.startswith(access_token.VERSION):
            return inspect_006(access_token.parse(token), app, now, channel, uid)
    except Malformed as error:
        return {"format": token[:3], "problems": [f"The token cannot be read: {error}."]}
    return inspect_ticket(token, now, uid)
