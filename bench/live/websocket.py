"""A minimal WebSocket client (RFC 6455), cheap enough for thousands of connections."""

from collections.abc import Sequence
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection

from bench.failure import BenchmarkError

_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_FINAL, _MASKED = 0x80, 0x80
# A zero mask leaves the payload unchanged; unpredictable masks matter for browsers only.
_NO_MASK = bytes(4)
_CHUNK = 1 << 16
TIMEOUT = 30.0


class WebSocket:
    """Text frames to and from a local server, which must not fragment messages or close."""

    def __init__(self, port: int, path: str, protocols: Sequence[str] = ()) -> None:
        self._socket = create_connection(("127.0.0.1", port), TIMEOUT)
        self._socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        self._socket.sendall(_opening(path, protocols))
        self._socket.setblocking(False)
        self._is_open = False
        self._rest = b""

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def send(self, text: str) -> None:
        self._send(_TEXT, text.encode())

    def read(self) -> bytes:
        """Return the bytes available now, and buffer them for `texts`."""
        try:
            chunk = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return b""
        except ConnectionError as error:
            raise BenchmarkError(f"a WebSocket broke: {error!r}") from error
        if not chunk:
            raise BenchmarkError("a server closed a connection")
        self._rest += chunk
        return chunk

    def texts(self) -> list[bytes]:
        """Return the buffered text frames, and answer pings. A close frame raises `BenchmarkError`."""
        if not self._is_open and not self._opened():
            return []
        frames, self._rest = _split(self._rest)
        return [body for kind, body in frames if self._is_text(kind, body)]

    def _opened(self) -> bool:
        """Consume the server's handshake response once it is complete."""
        answer, end, self._rest = self._rest.partition(b"\r\n\r\n")
        if not end:
            self._rest = answer
        elif not answer.startswith(b"HTTP/1.1 101"):
            raise BenchmarkError(f"a server refused a WebSocket: {answer[:100]!r}")
        self._is_open = bool(end)
        return self._is_open

    def _is_text(self, kind: int, body: bytes) -> bool:
        if kind == _TEXT:
            return True
        if kind == _PING:
            self._send(_PONG, body)
            return False
        if kind == _CLOSE:
            raise BenchmarkError(f"a server closed a WebSocket with code {int.from_bytes(body[:2])}")
        raise BenchmarkError(f"a server sent an unsupported frame of kind {kind:#x}")

    def _send(self, kind: int, body: bytes) -> None:
        size = len(body)
        length = bytes([_MASKED | size]) if size < 126 else bytes([_MASKED | 126, *size.to_bytes(2)])
        self._socket.sendall(bytes([_FINAL | kind]) + length + _NO_MASK + body)


def _opening(path: str, protocols: Sequence[str]) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        *([f"Sec-WebSocket-Protocol: {', '.join(protocols)}"] if protocols else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def _split(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Return the kinds and bodies of complete frames, and the remaining bytes."""
    frames, start, size = [], 0, len(data)
    while start + 2 <= size:
        body, length = start + 2, data[start + 1]
        if length >= 126:
            body += 2 if length == 126 else 8
            length = int.from_bytes(data[start + 2 : body])
        end = body + length
        if body > size or end > size:
            break
        frames.append((data[start] ^ _FINAL, data[body:end]))
        start = end
    return frames, data[start:]
