"""Signing: a 007 token for RTC and RTM, compared with Agora's builders for Python and Node."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median

from bench import signers
from bench.report import Report
from bench.rounds import RATIO, alternate, ratio

OURS, PYTHON, NODE = "rooms.agora (Python)", "agoraiotools (Python)", "agora-token (Node)"
TARGETS = {PYTHON: 6.0, NODE: 2.5}

RETURNED = "memory returned after each token: glibc's defaults"
KEPT = "memory kept: grown heap"
# 128 KiB is glibc's initial threshold; setting it disables the dynamic adjustment.
TRIM_THRESHOLDS = {RETURNED: 128 << 10, KEPT: 64 << 20}
WHY = (
    "agoraiotools compresses each token with zlib, which allocates 256 KiB. glibc returns them to the\n"
    "kernel after each token, until the process has freed a larger block once; from then on it keeps them.\n"
    "A script that only signs returns the memory; a process that has loaded Django keeps it.\n"
    "MALLOC_TRIM_THRESHOLD_ selects the behaviour here: one Python process for each. Node is hardly\n"
    "affected: it runs once, with its defaults, and is shown in both parts."
)


@dataclass(frozen=True)
class Size:
    rounds: int
    tokens: int
    warm_up: int


FULL = Size(rounds=21, tokens=5000, warm_up=20_000)
SHORT = Size(rounds=3, tokens=1000, warm_up=2000)

Rounds = Mapping[str, list[float]]
"""Microseconds per token of each signer, in each round."""


def run(*, short: bool) -> Report:
    """Return the microseconds per token of each signer, and the ratios of the peers to ours."""
    size = SHORT if short else FULL
    with _batches() as batches:
        for batch in batches.values():
            batch(size.warm_up)
        turns = {turn: partial(batch, size.tokens) for turn, batch in batches.items()}
        rounds = alternate(size.rounds, turns)
    by_memory = {
        memory: {OURS: rounds[memory, OURS], PYTHON: rounds[memory, PYTHON], NODE: rounds["", NODE]}
        for memory in TRIM_THRESHOLDS
    }
    return _report(by_memory, size)


@contextmanager
def _batches() -> Iterator[dict[tuple[str, str], signers.Batch]]:
    """Yield the batches by memory behaviour (empty for Node) and signer."""
    batches: dict[tuple[str, str], signers.Batch] = {}
    with ExitStack() as processes:
        for memory, threshold in TRIM_THRESHOLDS.items():
            python = signers.python({"MALLOC_TRIM_THRESHOLD_": str(threshold)})
            batches[memory, OURS], batches[memory, PYTHON] = processes.enter_context(python)
        batches["", NODE] = processes.enter_context(signers.node())
        yield batches


def _report(by_memory: Mapping[str, Rounds], size: Size) -> Report:
    micros = {memory: _medians(rounds) for memory, rounds in by_memory.items()}
    ratios = {memory: _ratios(rounds) for memory, rounds in by_memory.items()}
    rows = [row for memory in by_memory for row in _rows(memory, micros[memory], ratios[memory])]
    return Report(
        title="signing: a 007 token for RTC and RTM",
        columns=("", "µs per token", "times ours", "target"),
        rows=rows,
        notes=[
            f"Medians of {size.rounds} rounds of {size.tokens} tokens, for 1000 visitors in turn.",
            RATIO,
            WHY,
        ],
        figures={"microseconds": micros, "ratio": ratios, "target": TARGETS},
        rounds={
            f"{name}, {memory}": taken
            for memory, rounds in by_memory.items()
            for name, taken in rounds.items()
        },
    )


def _medians(rounds: Rounds) -> dict[str, float]:
    return {name: median(taken) for name, taken in rounds.items()}


def _ratios(rounds: Rounds) -> dict[str, float]:
    return {peer: ratio(rounds[peer], rounds[OURS]) for peer in TARGETS}


def _rows(memory: str, micros: Mapping[str, float], ratios: Mapping[str, float]) -> Iterator[tuple[str, ...]]:
    yield memory, "", "", ""
    yield f"  {OURS}", f"{micros[OURS]:.1f}", "", ""
    for peer, target in TARGETS.items():
        yield f"  {peer}", f"{micros[peer]:.1f}", f"{ratios[peer]:.2f}", f"{target:.1f}"
