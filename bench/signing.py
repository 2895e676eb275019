"""Signing: one 007 token for RTC and RTM, against Agora's own builders for Python and for Node."""

from dataclasses import dataclass
from functools import partial
from statistics import median

from bench import signers
from bench.report import Report
from bench.rounds import RATIO, alternate, ratio

OURS, PYTHON, NODE = "rooms.agora (Python)", "agoraiotools (Python)", "agora-token (Node)"
TARGETS = {PYTHON: 6.0, NODE: 2.5}


@dataclass(frozen=True)
class Size:
    rounds: int
    tokens: int
    warm_up: int


FULL = Size(rounds=21, tokens=5000, warm_up=20_000)
SHORT = Size(rounds=3, tokens=1000, warm_up=2000)


def run(*, short: bool) -> Report:
    """Return the microseconds a token takes with each, and how many times ours the peers take."""
    size = SHORT if short else FULL
    with signers.agora_token() as node:
        batches = {OURS: signers.ours(), PYTHON: signers.agoraiotools(), NODE: node}
        for batch in batches.values():
            batch(size.warm_up)
        rounds = alternate(
            size.rounds, {name: partial(batch, size.tokens) for name, batch in batches.items()}
        )
    return _report(rounds, size)


def _report(rounds: dict[str, list[float]], size: Size) -> Report:
    micros = {name: median(taken) for name, taken in rounds.items()}
    ratios = {peer: ratio(rounds[peer], rounds[OURS]) for peer in TARGETS}
    rows = [(OURS, f"{micros[OURS]:.1f}", "", "")]
    rows += [(peer, f"{micros[peer]:.1f}", f"{ratios[peer]:.2f}", f"{TARGETS[peer]:.1f}") for peer in TARGETS]
    return Report(
        title="signing: a 007 token that opens RTC and RTM",
        columns=("", "µs a token", "times ours", "target"),
        rows=rows,
        notes=[f"Medians of {size.rounds} rounds of {size.tokens} tokens, 1000 visitors in turn.", RATIO],
        figures={"microseconds": micros, "ratio": ratios, "target": TARGETS},
        rounds={name: list(taken) for name, taken in rounds.items()},
    )
