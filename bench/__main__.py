"""Runs benchmarks one after another: `python -m bench [--short] [NAME …]`."""

import argparse
import signal
import sys
import time
from typing import Protocol

from bench import fanout, growth, idle, issuing, join_storm, purge, room100, signing
from bench.failure import BenchmarkError
from bench.programs import ROOT
from bench.report import Report, save, show


class Benchmark(Protocol):
    def __call__(self, *, short: bool) -> Report: ...


BENCHMARKS: dict[str, Benchmark] = {
    "signing": signing.run,
    "issuing": issuing.run,
    "join_storm": join_storm.run,
    "growth": growth.run,
    "purge": purge.run,
    "fanout": fanout.run,
    "idle": idle.run,
    "room100": room100.run,
}


def main() -> int:
    """Run the named benchmarks, or all. Return 1 if any failed; slow results are not failures."""
    # Exit by exception, so that child processes are stopped.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: sys.exit(128 + received))
    options = _options()
    passed = [_run(name, short=options.short) for name in options.names or BENCHMARKS]
    return 0 if all(passed) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Benchmarks against peers.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}; default: all"
    )
    parser.add_argument(
        "--short",
        action="store_true",
        help="a short run to check that they work; the figures are not reliable",
    )
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    return options


def _run(name: str, *, short: bool) -> bool:
    print(f"==> {name}", flush=True)
    started = time.monotonic()
    try:
        report = BENCHMARKS[name](short=short)
    except BenchmarkError as error:
        print(f"{name}: {error}", file=sys.stderr, flush=True)
        return False
    path = save(name, report, short=short).relative_to(ROOT)
    print(f"{show(report)}\n{path}, after {time.monotonic() - started:.0f} s\n", flush=True)
    if report.errors:
        print(f"{name}: {report.errors} requests failed", file=sys.stderr, flush=True)
    return not report.errors


if __name__ == "__main__":
    sys.exit(main())
