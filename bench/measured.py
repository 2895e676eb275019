"""The result of one round of load, and the medians of several."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

COLUMNS = ("", "requests/s", "p50 ms", "p99 ms", "errors")


@dataclass(frozen=True)
class Measured:
    """Requests per second, latencies in milliseconds, and the number of failed requests."""

    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int

    def row(self, label: str) -> tuple[str, ...]:
        """Return the cells under `COLUMNS`."""
        return label, f"{self.per_second:.0f}", f"{self.p50_ms:.2f}", f"{self.p99_ms:.2f}", str(self.errors)


def medians(rounds: Sequence[Measured]) -> Measured:
    """Return the medians over the rounds, and the sum of the errors."""
    return Measured(
        per_second=median(one.per_second for one in rounds),
        p50_ms=median(one.p50_ms for one in rounds),
        p99_ms=median(one.p99_ms for one in rounds),
        errors=sum(one.errors for one in rounds),
    )
