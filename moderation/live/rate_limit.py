"""How much a connection may do: so many at once, so many a second in the long run."""

from time import monotonic


class TokenBucket:
    """A token bucket."""

    def __init__(self, burst: int, per_second: float) -> None:
        self._burst, self._per_second = burst, per_second
        self._left, self._at = float(burst), monotonic()

    def use(self) -> bool:
        """Use one; False when there is none left."""
        now = monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
