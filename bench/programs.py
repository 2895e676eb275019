"""Programs from outside: finding them, running them, and leaving none behind."""

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
    """Return the path of a program; a `BenchmarkError` says what to install."""
    path = shutil.which(name, path=_PATH)
    if path is None:
        raise BenchmarkError(f"{name} is missing: install {_PACKAGES[name]}")
    return path


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return these variables and nothing of ours but `PATH`, so that a run means the same everywhere."""
    return {"PATH": _PATH, **variables}


def run(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path = ROOT, seconds: int = 300
) -> str:
    """Run a program to its end and return what it printed; its complaint becomes a `BenchmarkError`."""
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
    command: Sequence[str], env: Mapping[str, str], *, talking: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """Keep a program running in a process group of its own, and end the whole group afterwards.

    Its input and output are pipes when it is `talking`; else there are none.
    """
    stream, complaints = (subprocess.PIPE, None) if talking else (subprocess.DEVNULL, subprocess.DEVNULL)
    with subprocess.Popen(
        command, env=env, cwd=ROOT, text=True, stdin=stream, stdout=stream, stderr=complaints, process_group=0
    ) as process:
        try:
            yield process
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=5)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
