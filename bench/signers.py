"""Three ways to sign a token for audio, video and Signaling, each for the same thousand visitors.

Every token gets the current time and a salt of its own. A batch is timed where it is signed, and its last
token is checked.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from secrets import randbelow

from bench import npm, programs
from bench.failure import BenchmarkError
from bench.targets import name_of
from bench.tokens import APP, EXPIRES_IN, check
from rooms.agora import MAX_SALT, Rtc, Rtm, sign

Batch = Callable[[int], float]
"""Sign that many tokens; return the microseconds one took."""

_VISITORS = [(name_of("channel", number), name_of("user", number)) for number in range(1000)]


def ours() -> Batch:
    """Sign as tokensvc does."""

    def token(channel: str, account: str) -> str:
        services = Rtc.publisher(channel, account), Rtm(account)
        salt = 1 + randbelow(MAX_SALT)
        return sign(APP, *services, issued_at=int(time.time()), expires_in=EXPIRES_IN, salt=salt)[0]

    return _in_this_process(token)


def agoraiotools() -> Batch:
    """Sign with Agora's builder for Python."""
    try:
        from agoraiotools import RtcTokenBuilder2  # noqa: PLC0415 (its absence gets its own message)
        from agoraiotools.RtcTokenBuilder2 import Role_Publisher  # noqa: PLC0415
    except ImportError:
        raise BenchmarkError("agoraiotools is missing: pip install -r requirements-dev.txt") from None

    def token(channel: str, account: str) -> str:
        signed: str = RtcTokenBuilder2.build_token_with_rtm(
            APP.id, APP.certificates[0], channel, account, Role_Publisher, EXPIRES_IN, EXPIRES_IN
        )
        return signed

    return _in_this_process(token)


@contextmanager
def agora_token() -> Iterator[Batch]:
    """Sign with Agora's builder for Node, in one Node process that waits for its turns."""
    npm.install()
    command = [programs.find("node"), str(npm.PEERS / "signing.js")]
    with programs.running(command, programs.environment({}), talking=True) as process:
        if process.stdin is None or process.stdout is None:
            raise BenchmarkError("node has no pipes to talk through")
        ask, answers = process.stdin, process.stdout

        def exchange(message: object) -> str:
            ask.write(json.dumps(message) + "\n")
            ask.flush()
            if not (line := answers.readline()):
                raise BenchmarkError("node ended before it answered; see its complaint above")
            return line

        def batch(tokens: int) -> float:
            answer = json.loads(exchange({"tokens": tokens}))
            _check_last(answer["last"], tokens)
            microseconds: float = answer["microseconds"] / tokens
            return microseconds

        certificate, visitors = APP.certificates[0], _VISITORS
        exchange({"appId": APP.id, "certificate": certificate, "expiresIn": EXPIRES_IN, "visitors": visitors})
        yield batch


def _in_this_process(token: Callable[[str, str], str]) -> Batch:
    def batch(tokens: int) -> float:
        last = ""
        started = time.perf_counter()
        for channel, account in islice(cycle(_VISITORS), tokens):
            last = token(channel, account)
        seconds = time.perf_counter() - started
        _check_last(last, tokens)
        return seconds / tokens * 1_000_000

    return batch


def _check_last(token: str, tokens: int) -> None:
    channel, account = _VISITORS[(tokens - 1) % len(_VISITORS)]
    check(token, Rtc.publisher(channel, account), Rtm(account))
