"""A server that answers every request with prepared bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event

from tests.serving import serving

CHUNK_INTERVAL = 0.05


class RawServer(ThreadingTCPServer):
    """Sends `chunks` at intervals, and then closes the connection unless `keeps_open`."""

    daemon_threads = True

    def __init__(self, *chunks: bytes, keeps_open: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.chunks = chunks
        self.keeps_open = keeps_open
        self.requests: list[list[str]] = []
        self.connections = 0
        self.stopped = Event()


class _Handler(StreamRequestHandler):
    server: RawServer

    def handle(self) -> None:
        self.server.connections += 1
        while lines := self._request():
            self.server.requests.append(lines)
            self._send()
            if not self.server.keeps_open:
                return

    def _request(self) -> list[str]:
        """Return the lines of a request without a body; none when the client has closed the connection."""
        lines = []
        while line := self.rfile.readline().strip():
            lines.append(line.decode())
        return lines

    def _send(self) -> None:
        try:
            for number, chunk in enumerate(self.server.chunks):
                if number and self.server.stopped.wait(CHUNK_INTERVAL):
                    return
                self.wfile.write(chunk)
        except OSError:
            pass  # the client did not wait


@contextmanager
def raw_server(*chunks: bytes, keeps_open: bool = False) -> Iterator[RawServer]:
    with serving(RawServer(*chunks, keeps_open=keeps_open)) as server:
        try:
            yield server
        finally:
            server.stopped.set()
