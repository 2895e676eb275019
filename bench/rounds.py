"""Alternating rounds, and ratios over them."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import TypeVar

RATIO = "A ratio is the median of the ratios of the rounds."

Name = TypeVar("Name")
Result = TypeVar("Result")


def alternate(count: int, contestants: Mapping[Name, Callable[[], Result]]) -> dict[Name, list[Result]]:
    """Run each contestant once per round, in reverse order every other round; return all results."""
    results: dict[Name, list[Result]] = {name: [] for name in contestants}
    names = list(contestants)
    for _ in range(count):
        for name in names:
            results[name].append(contestants[name]())
        names.reverse()
    return results


def ratio(numerators: Sequence[float], denominators: Sequence[float]) -> float:
    """Return the median of the rounds' ratios: what slows a whole round cancels out."""
    return median(upper / lower for upper, lower in zip(numerators, denominators, strict=True))
