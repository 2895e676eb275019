"""Rate limits of one connection."""

from time import monotonic


class TokenBucket:
    """Allows `burst` uses at once, and `per_second` in the long run."""

    def __init__(self, burst: int, per_second: float) -> None:
        self._burst, self._per_second = burst, per_second
        self._left, self._at = float(burst), monotonic()

    def use(self) -> bool:
        """Take one token; return False if there is none."""
        now = monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
