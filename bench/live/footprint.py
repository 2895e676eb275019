"""Memory and CPU time of processes, from Linux's /proc."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")


class Footprint(NamedTuple):
    """Proportional set size in bytes, and CPU seconds since the start of the processes."""

    memory: int
    cpu: float


def of_groups(groups: Iterable[int]) -> Footprint:
    """Return the sum over all processes of these process groups."""
    wanted = set(groups)
    return of_processes(pid for pid, fields in _all() if int(fields[_GROUP]) in wanted)


def of_processes(pids: Iterable[int]) -> Footprint:
    """Return the sum over these processes; ended processes count as zero."""
    memory, cpu = 0, 0.0
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = _fields(pid)
            cpu += (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS
            memory += _memory(pid)
    return Footprint(memory, cpu)


# Indexes of fields in proc_pid_stat(5), counted after the name.
_GROUP, _USER, _SYSTEM = 2, 11, 12


def _fields(pid: int) -> list[str]:
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _all() -> Iterator[tuple[int, list[str]]]:
    for entry in _PROC.iterdir():
        if entry.name.isdecimal():
            with suppress(FileNotFoundError, ProcessLookupError):
                yield int(entry.name), _fields(int(entry.name))


def _memory(pid: int) -> int:
    for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
        name, *value = line.split()
        if name == "Pss:":
            return int(value[0]) * 1024
    return 0
