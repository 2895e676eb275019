"""Rounds: everybody's turn in each, and what is said about all of them."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import TypeVar

RATIO = "A ratio is the median of the rounds' own ratios."

Name = TypeVar("Name")
Result = TypeVar("Result")


def alternate(count: int, contestants: Mapping[Name, Callable[[], Result]]) -> dict[Name, list[Result]]:
    """Let each contestant have its turn in each round, every other round backwards; return all results."""
    results: dict[Name, list[Result]] = {name: [] for name in contestants}
    names = list(contestants)
    for _ in range(count):
        for name in names:
            results[name].append(contestants[name]())
        names.reverse()
    return results


def ratio(these: Sequence[float], those: Sequence[float]) -> float:
    """Return these by those, as the median over the rounds: what slows a whole round cancels out."""
    return median(this / that for this, that in zip(these, those, strict=True))
