"""Results: a table for people, JSON for programs."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Report:
    """A benchmark's result: `figures` are medians and ratios, `rounds` the values they are computed from."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    notes: Sequence[str]
    figures: dict[str, Any]
    rounds: dict[str, list[Any]]
    errors: int = 0


def show(report: Report) -> str:
    """Return the report as text: its title, the table and the notes."""
    lines = [report.columns, *report.rows]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    table = [_line(line, widths) for line in lines]
    table.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([report.title, "", *table, "", *report.notes])


def save(name: str, report: Report, *, short: bool) -> Path:
    """Write the report to `bench/results/<name>.json` and return the path."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    document = {
        "benchmark": name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "short": short,
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
        "errors": report.errors,
        "figures": report.figures,
        "rounds": report.rounds,
    }
    path.write_text(json.dumps(document, indent=2) + "\n")
    return path


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    label, *figures = (
        cell.rjust(width) if number else cell.ljust(width)
        for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([label, *figures])
