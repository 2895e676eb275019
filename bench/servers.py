"""The measured servers, each with two workers or processes and without logs."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from socket import create_server
from subprocess import Popen
from typing import NamedTuple

from bench import npm, programs
from bench.failure import BenchmarkError
from bench.settings import settings
from bench.tokens import APP, EXPIRES_IN

TOKENSVC = "granian --interface wsgi --workers 2 --blocking-threads 2 --no-ws tokensvc.wsgi:application"
EXPRESS = "node bench/peers/server.js"
LIVE = "granian --interface asgi --workers 1 tokensvc.asgi:application"
SOCKET_IO = "node bench/peers/live.js"

TIMEOUT = 30
_PROCESSES = 2


class Server(NamedTuple):
    """A server's port and the process group of its processes."""

    port: int
    group: int


@contextmanager
def tokensvc(database_url: str) -> Iterator[int]:
    """Serve tokensvc from this database; yield the port."""
    port = _free_port()
    with _serving(f"{TOKENSVC} --port {port}", settings(database_url), port):
        yield port


@contextmanager
def express() -> Iterator[int]:
    """Serve `agora-token` by Express, without authentication or database; yield the port."""
    npm.install()
    port = _free_port()
    variables = {
        "NODE_ENV": "production",
        "PORT": str(port),
        "AGORA_APP_ID": APP.id,
        "AGORA_APP_CERTIFICATE": APP.certificates[0],
        "EXPIRES_IN": str(EXPIRES_IN),
    }
    with _serving(EXPRESS, variables, port):
        yield port


@contextmanager
def live(database_url: str, redis_url: str) -> Iterator[list[Server]]:
    """Serve tokensvc's live socket by two processes with a shared database and Redis."""
    with ExitStack() as servers:
        variables = {**settings(database_url), "REDIS_URL": redis_url}
        yield [servers.enter_context(_live(variables)) for _ in range(_PROCESSES)]


@contextmanager
def socket_io(redis_url: str) -> Iterator[list[Server]]:
    """Serve Socket.IO by two processes with a shared Redis."""
    npm.install()
    with ExitStack() as servers:
        yield [servers.enter_context(_socket_io(redis_url)) for _ in range(_PROCESSES)]


@contextmanager
def _live(variables: Mapping[str, str]) -> Iterator[Server]:
    port = _free_port()
    with _serving(f"{LIVE} --port {port}", variables, port) as group:
        yield Server(port, group)


@contextmanager
def _socket_io(redis_url: str) -> Iterator[Server]:
    port = _free_port()
    variables = {"NODE_ENV": "production", "PORT": str(port), "REDIS_URL": redis_url}
    with _serving(SOCKET_IO, variables, port) as group:
        yield Server(port, group)


@contextmanager
def _serving(command: str, variables: Mapping[str, str], port: int) -> Iterator[int]:
    """Yield the process group."""
    name, *arguments = command.split()
    with programs.running([programs.find(name), *arguments], programs.environment(variables)) as process:
        _wait_for(process, command, port)
        yield process.pid


def _wait_for(process: Popen[str], command: str, port: int) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not _responds(port):
        if process.poll() is not None:
            raise BenchmarkError(f"{command} ended with status {process.returncode} instead of serving")
        if time.monotonic() > deadline:
            raise BenchmarkError(f"{command} was not ready within {TIMEOUT} s")
        time.sleep(0.1)


def _responds(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
