"""Finds, runs and stops external programs."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.failure import BenchmarkError

ROOT = Path(__file__).parent.parent
_PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
_PACKAGES = {
    "wrk": "wrk (apt-get install wrk)",
    "node": "Node.js 20 or later",
    "npm": "npm, which comes with Node.js 20 or later",
    "granian": "the development requirements (pip install -r requirements-dev.txt)",
}


def find(name: str) -> str:
    """Return the path of a program. Raises `BenchmarkError` that names what to install."""
    path = shutil.which(name, path=_PATH)
    if path is None:
        raise BenchmarkError(f"{name} is missing: install {_PACKAGES[name]}")
    return path


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return these variables and `PATH` only, so that runs are comparable."""
    return {"PATH": _PATH, **variables}


def run(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path = ROOT, seconds: int = 300
) -> str:
    """Run a program to completion and return its output. Raises `BenchmarkError` with its error output."""
    shown = " ".join(command).splitlines()[0]
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, env=env, cwd=cwd, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        raise BenchmarkError(f"{shown} took longer than {seconds} s") from None
    if done.returncode != 0:
        raise BenchmarkError(f"{shown} ended with status {done.returncode}:\n{done.stderr or done.stdout}")
    return done.stdout


@contextmanager
def running(
    command: Sequence[str], env: Mapping[str, str], *, piped: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """Run a program in its own process group during the block, then stop the group.

    Input and output are pipes if `piped`, else discarded.
    """
    stream, errors = (subprocess.PIPE, None) if piped else (subprocess.DEVNULL, subprocess.DEVNULL)
    with subprocess.Popen(
        command, env=env, cwd=ROOT, text=True, stdin=stream, stdout=stream, stderr=errors, process_group=0
    ) as process:
        try:
            yield process
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=5)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
