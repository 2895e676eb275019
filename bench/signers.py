"""Three ways to sign a token for audio, video and Signaling, each for the same thousand visitors.

Every token gets the current time and a salt of its own. A batch is timed in the process that signs it, and
its last token is checked here.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec

from bench import npm, programs
from bench.failure import BenchmarkError
from bench.targets import name_of
from bench.tokens import APP, EXPIRES_IN, check
from rooms.agora import Rtc, Rtm

Batch = Callable[[int], float]
"""Sign that many tokens; return the microseconds one took."""

Exchange = Callable[[object], str]
"""Send a message to a process; return the line it answers."""

_VISITORS = [(name_of("channel", number), name_of("user", number)) for number in range(1000)]
_TERMS = {
    "appId": APP.id,
    "certificate": APP.certificates[0],
    "expiresIn": EXPIRES_IN,
    "visitors": _VISITORS,
}


@contextmanager
def python(variables: Mapping[str, str]) -> Iterator[tuple[Batch, Batch]]:
    """Sign as tokensvc does, and with Agora's builder for Python: in one process with these variables."""
    if find_spec("agoraiotools") is None:
        raise BenchmarkError("agoraiotools is missing: pip install -r requirements-dev.txt")
    with _signing([sys.executable, "-m", "bench.signing_process"], variables) as exchange:
        yield partial(_batch, exchange, signer="ours"), partial(_batch, exchange, signer="agoraiotools")


@contextmanager
def node() -> Iterator[Batch]:
    """Sign with Agora's builder for Node."""
    npm.install()
    with _signing([programs.find("node"), str(npm.PEERS / "signing.js")], {}) as exchange:
        yield partial(_batch, exchange)


@contextmanager
def _signing(command: Sequence[str], variables: Mapping[str, str]) -> Iterator[Exchange]:
    """Keep a process that waits for its turns to sign and knows for whom."""
    with programs.running(command, programs.environment(variables), talking=True) as process:
        if process.stdin is None or process.stdout is None:
            raise BenchmarkError(f"{command[0]} has no pipes to talk through")
        ask, answers = process.stdin, process.stdout

        def exchange(message: object) -> str:
            ask.write(json.dumps(message) + "\n")
            ask.flush()
            if not (line := answers.readline()):
                raise BenchmarkError(f"{command[0]} ended before it answered; see its complaint above")
            return line

        exchange(_TERMS)
        yield exchange


def _batch(exchange: Exchange, tokens: int, **which: str) -> float:
    answer = json.loads(exchange({"tokens": tokens, **which}))
    channel, account = _VISITORS[(tokens - 1) % len(_VISITORS)]
    check(answer["last"], Rtc.publisher(channel, account), Rtm(account))
    microseconds: float = answer["microseconds"] / tokens
    return microseconds
