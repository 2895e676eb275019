"""Many virtual users in one thread, which reads their sockets in the order of arrival."""

import resource
from collections.abc import Callable, Iterable, Iterator
from select import EPOLLIN, epoll
from time import perf_counter
from typing import Generic, Self

from bench.failure import BenchmarkError
from bench.live.virtual_users import MUTED, AnyUser

TIMEOUT = 30.0
# Every join is broadcast to the room: more concurrent joins would only delay each other.
_CONCURRENT_JOINS = 8


class Swarm(Generic[AnyUser]):
    """The virtual users of one contestant; their sockets are closed at the end of the block."""

    def __init__(self) -> None:
        self.users: list[AnyUser] = []
        self._by_file: dict[int, AnyUser] = {}
        # Not `selectors`: its overhead would count as the servers' time.
        self._poll = epoll()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._poll.close()
        for user in self.users:
            user.socket.close()

    def add(self, user: AnyUser) -> None:
        self.users.append(user)
        self._poll.register(user.socket, EPOLLIN)
        self._by_file[user.socket.fileno()] = user

    def join_all(self, connectors: Iterable[Callable[[], AnyUser]]) -> None:
        """Connect users, a few at a time, and wait until all have joined."""
        joining: list[AnyUser] = []

        def pending() -> int:
            joining[:] = [user for user in joining if not user.joined]
            return len(joining)

        for connect in connectors:
            joining.append(connect())
            self.add(joining[-1])
            self.until(lambda: pending() < _CONCURRENT_JOINS)
        self.until(lambda: not pending())

    def until(self, done: Callable[[], bool]) -> None:
        """Process frames until `done`. Raises `BenchmarkError` after `TIMEOUT`."""
        deadline = perf_counter() + TIMEOUT
        while not done():
            self._listen(TIMEOUT)
            if perf_counter() > deadline:
                raise BenchmarkError(f"some of {len(self.users)} sockets still wait after {TIMEOUT:.0f} s")

    def _listen(self, seconds: float) -> None:
        """Process the frames that arrive next, within `seconds`."""
        for user, _ in self._read(seconds):
            user.process_frames()

    def _read(self, seconds: float) -> Iterator[tuple[AnyUser, bytes]]:
        for file, _ in self._poll.poll(seconds):
            user = self._by_file[file]
            yield user, user.socket.read()

    def listen_for(self, seconds: float) -> None:
        """Process frames for `seconds`."""
        end = perf_counter() + seconds
        while (left := end - perf_counter()) > 0:
            self._listen(left)

    def mute_everyone(self, *, on: bool) -> float:
        """Mute or unmute as the host; return the seconds until all users have received the update."""
        waiting, expected = set(self.users), MUTED[on]
        started = perf_counter()
        deadline = started + TIMEOUT
        self.users[0].mute_everyone(on=on)
        while waiting and perf_counter() < deadline:
            for user, chunk in self._read(TIMEOUT):
                if expected in chunk:
                    waiting.discard(user)
        taken = perf_counter() - started
        if waiting:
            raise BenchmarkError(f"{len(waiting)} sockets received no update within {TIMEOUT:.0f} s")
        for user in self.users:  # outside the measured time, which is the servers'
            user.process_frames()
        return taken


def allow_sockets(count: int) -> None:
    """Raise the limit of open files for this process and the servers that it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = count + 200
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise BenchmarkError(f"only {hard} files may be open, {needed} are needed: see ulimit -Hn")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
