"""The documentation's pages: their fenced blocks, headings, links and tables."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from tests.tokensvc.processes import ROOT

_FENCE = re.compile(
    r"(?:^<!-- not run: (?P<reason>.+?) -->\n)?^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CELLS = re.compile(r"(?<!\\)\|")


class Block(NamedTuple):
    """A fenced block. `info` is its language, and perhaps a word on what it shows."""

    place: str
    info: str
    text: str
    not_run: str | None


@dataclass(frozen=True)
class Page:
    name: str

    @cached_property
    def text(self) -> str:
        return (ROOT / self.name).read_text()

    @cached_property
    def prose(self) -> str:
        """The text without its fenced blocks."""
        return _FENCE.sub("", self.text)

    @property
    def folder(self) -> Path:
        return (ROOT / self.name).parent

    def blocks(self) -> list[Block]:
        found = _FENCE.finditer(self.text)
        return [
            Block(self._place(one.start("info")), one["info"], one["text"], one["reason"]) for one in found
        ]

    def _place(self, position: int) -> str:
        line = self.text.count("\n", 0, position) + 1
        return f"{self.name}:{line}"

    def headings(self) -> list[str]:
        return _HEADING.findall(self.prose)

    def anchors(self) -> set[str]:
        return {anchor(heading) for heading in self.headings()}

    def links(self) -> list[str]:
        return _LINK.findall(self.prose)

    def table(self, heading: str) -> list[dict[str, str]]:
        """Return the rows of the first table below a heading, by the names of its columns."""
        section = self.prose.partition(f"# {heading}\n")[2]
        lines = re.split(r"^#", section, maxsplit=1, flags=re.MULTILINE)[0].splitlines()
        first = next(number for number, line in enumerate(lines) if line.startswith("|"))
        rows = []
        for line in lines[first:]:
            if not line.startswith("|"):
                break
            rows.append([cell.strip() for cell in _CELLS.split(line)[1:-1]])
        names, _, *body = rows
        return [dict(zip(names, row, strict=True)) for row in body]


def anchor(heading: str) -> str:
    """Return the fragment that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def code(cell: str) -> list[str]:
    """Return what a table's cell has in backticks."""
    return re.findall(r"`([^`]+)`", cell)


README = Page("README.md")
PAGES = [
    README,
    Page("CONTRIBUTING.md"),
    Page("SECURITY.md"),
    *(Page(f"docs/{path.name}") for path in sorted((ROOT / "docs").glob("*.md"))),
]
