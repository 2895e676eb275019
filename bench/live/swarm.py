"""Many guests in one thread: what they hear, in the order in which it comes."""

import resource
from collections.abc import Callable, Iterable, Iterator
from select import EPOLLIN, epoll
from time import perf_counter
from typing import Generic, Self

from bench.failure import BenchmarkError
from bench.live.guests import MUTED, AnyGuest

TIMEOUT = 30.0
# A join is told to everybody in the room: more at once would only wait for each other.
_AT_ONCE = 8


class Swarm(Generic[AnyGuest]):
    """The guests of one contestant, until the block ends."""

    def __init__(self) -> None:
        self.guests: list[AnyGuest] = []
        self._by_file: dict[int, AnyGuest] = {}
        # What `selectors` adds to it would count as the servers' time.
        self._poll = epoll()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._poll.close()
        for guest in self.guests:
            guest.socket.close()

    def add(self, guest: AnyGuest) -> None:
        self.guests.append(guest)
        self._poll.register(guest.socket, EPOLLIN)
        self._by_file[guest.socket.fileno()] = guest

    def gather(self, entrances: Iterable[Callable[[], AnyGuest]]) -> None:
        """Let guests in, a few at a time, until all are there."""
        coming: list[AnyGuest] = []

        def outside() -> int:
            coming[:] = [guest for guest in coming if not guest.is_in]
            return len(coming)

        for enter in entrances:
            coming.append(enter())
            self.add(coming[-1])
            self.until(lambda: outside() < _AT_ONCE)
        self.until(lambda: not outside())

    def until(self, done: Callable[[], bool]) -> None:
        """Listen until something has come true. A `BenchmarkError` when it does not within `TIMEOUT`."""
        deadline = perf_counter() + TIMEOUT
        while not done():
            self._listen(TIMEOUT)
            if perf_counter() > deadline:
                raise BenchmarkError(f"of {len(self.guests)} sockets, some still wait after {TIMEOUT:.0f} s")

    def _listen(self, seconds: float) -> None:
        """Hear what comes in next; nothing when that takes longer."""
        for guest, _ in self._read(seconds):
            guest.catch_up()

    def _read(self, seconds: float) -> Iterator[tuple[AnyGuest, bytes]]:
        for file, _ in self._poll.poll(seconds):
            guest = self._by_file[file]
            yield guest, guest.socket.read()

    def rest(self, seconds: float) -> None:
        """Only listen for so long."""
        end = perf_counter() + seconds
        while (left := end - perf_counter()) > 0:
            self._listen(left)

    def mute_everyone(self, *, on: bool) -> float:
        """Have the first guest, who is the host, say so; return the seconds until the last one has heard."""
        waiting, told = set(self.guests), MUTED[on]
        started = perf_counter()
        deadline = started + TIMEOUT
        self.guests[0].mute_everyone(on=on)
        while waiting and perf_counter() < deadline:
            for guest, chunk in self._read(TIMEOUT):
                if told in chunk:
                    waiting.discard(guest)
        taken = perf_counter() - started
        if waiting:
            raise BenchmarkError(f"{len(waiting)} sockets heard nothing within {TIMEOUT:.0f} s")
        for guest in self.guests:  # only now, for what a client does with it is not the servers' time
            guest.catch_up()
        return taken


def allow_sockets(count: int) -> None:
    """Let this process, and the servers that it starts, have so many sockets open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = count + 200
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise BenchmarkError(f"only {hard} files may be open, {needed} are needed: see ulimit -Hn")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
