"""Signs with tokensvc or Agora's Python builder in a separate process.

`bench/peers/signing.js` is its counterpart in Node. Both read one JSON object per line. The first has the
terms; the response is {}. Each further one is {tokens, signer}; the response has the microseconds for that
many tokens and the last token.
"""

import json
import sys
import time
from collections.abc import Callable
from itertools import cycle, islice
from os import urandom
from typing import Any

from agoraiotools.RtcTokenBuilder2 import Role_Publisher, RtcTokenBuilder2

from rooms.agora import MAX_SALT, App, Rtc, Rtm, sign

Signer = Callable[[str, str], str]
"""Return the token for this channel and this account."""


def main() -> None:
    """Respond until the end of the input."""
    terms = json.loads(sys.stdin.readline())
    signers = {"ours": _ours(terms), "agoraiotools": _agoraiotools(terms)}
    _respond({})
    for line in sys.stdin:
        message = json.loads(line)
        _respond(_timed(signers[message["signer"]], terms["visitors"], message["tokens"]))


def _respond(message: object) -> None:
    print(json.dumps(message), flush=True)


def _timed(signer: Signer, visitors: list[tuple[str, str]], tokens: int) -> dict[str, Any]:
    last = ""
    started = time.perf_counter()
    for channel, account in islice(cycle(visitors), tokens):
        last = signer(channel, account)
    return {"microseconds": (time.perf_counter() - started) * 1_000_000, "last": last}


def _ours(terms: dict[str, Any]) -> Signer:
    app, expires_in = App(terms["appId"], (terms["certificate"],)), terms["expiresIn"]

    def token(channel: str, account: str) -> str:
        services = Rtc.publisher(channel, account), Rtm(account)
        issued_at = int(time.time())
        return sign(app, *services, issued_at=issued_at, expires_in=expires_in, salt=_salt())[0]

    return token


def _salt() -> int:
    # As in rooms.credentials, whose import requires Django's settings.
    return 1 + int.from_bytes(urandom(4)) % MAX_SALT


def _agoraiotools(terms: dict[str, Any]) -> Signer:
    app_id, certificate, expires_in = terms["appId"], terms["certificate"], terms["expiresIn"]

    def token(channel: str, account: str) -> str:
        signed: str = RtcTokenBuilder2.build_token_with_rtm(
            app_id, certificate, channel, account, Role_Publisher, expires_in, expires_in
        )
        return signed

    return token


if __name__ == "__main__":
    main()
