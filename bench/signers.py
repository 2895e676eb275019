"""Three ways to sign a token for audio, video and Signaling, each for the same thousand visitors.

Every token has the current time and its own salt. The signing process measures the time of a batch; the last
token of each batch is verified here.
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
"""Sign that many tokens; return the microseconds per token."""

Exchange = Callable[[object], str]
"""Send a message to a process; return the line of its response."""

_VISITORS = [(name_of("channel", number), name_of("user", number)) for number in range(1000)]
_TERMS = {
    "appId": APP.id,
    "certificate": APP.certificates[0],
    "expiresIn": EXPIRES_IN,
    "visitors": _VISITORS,
}


@contextmanager
def python(variables: Mapping[str, str]) -> Iterator[tuple[Batch, Batch]]:
    """Sign with tokensvc and with Agora's Python builder, in one process with these variables."""
    if find_spec("agoraiotools") is None:
        raise BenchmarkError("agoraiotools is missing: pip install -r requirements-dev.txt")
    with _signing([sys.executable, "-m", "bench.signing_process"], variables) as exchange:
        yield partial(_batch, exchange, signer="ours"), partial(_batch, exchange, signer="agoraiotools")


@contextmanager
def node() -> Iterator[Batch]:
    """Sign with Agora's Node builder."""
    npm.install()
    with _signing([programs.find("node"), str(npm.PEERS / "signing.js")], {}) as exchange:
        yield partial(_batch, exchange)


@contextmanager
def _signing(command: Sequence[str], variables: Mapping[str, str]) -> Iterator[Exchange]:
    """Run a signing process during the block, and send it the terms."""
    with programs.running(command, programs.environment(variables), piped=True) as process:
        if process.stdin is None or process.stdout is None:
            raise BenchmarkError(f"{command[0]} has no pipes")
        requests, responses = process.stdin, process.stdout

        def exchange(message: object) -> str:
            requests.write(json.dumps(message) + "\n")
            requests.flush()
            if not (line := responses.readline()):
                raise BenchmarkError(f"{command[0]} ended without a response; see its error output above")
            return line

        exchange(_TERMS)
        yield exchange


def _batch(exchange: Exchange, tokens: int, **which: str) -> float:
    response = json.loads(exchange({"tokens": tokens, **which}))
    channel, account = _VISITORS[(tokens - 1) % len(_VISITORS)]
    check(response["last"], Rtc.publisher(channel, account), Rtm(account))
    microseconds: float = response["microseconds"] / tokens
    return microseconds
