"""How long to wait between tries."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential backoff: doubling from `first` to `longest`, times a random factor.

    `jitter` holds the factors for a chance of 0 and of 1. It spreads the tries of many jobs.
    """

    first: timedelta
    longest: timedelta
    jitter: tuple[float, float]

    def pause_after(self, attempts: int, chance: float) -> timedelta:
        """Return the pause after so many failed tries; `chance` is from 0 to 1."""
        doubled: timedelta = self.first * 2 ** min(attempts - 1, 20)
        start, end = self.jitter
        return min(doubled, self.longest) * (start + (end - start) * chance)
