"""PostgreSQL and Redis servers of one test, which it may stop."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.system.servers import free_port


class Cluster:
    def __init__(self, folder: Path) -> None:
        programs = subprocess.run(
            ["pg_config", "--bindir"], check=True, capture_output=True, text=True
        ).stdout
        self._programs, self._data = Path(programs.strip()), folder / "data"
        # PostgreSQL refuses to run as root.
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        port = free_port()
        self._options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self.address = f"postgres://postgres@127.0.0.1:{port}/postgres"
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust")

    def start(self) -> None:
        self._run(
            "pg_ctl", "-D", str(self._data), "-w", "-o", self._options, "-l", f"{self._data}.log", "start"
        )

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [*self._as, str(self._programs / program), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )


class RedisServer:
    def __init__(self) -> None:
        self._port = free_port()
        self.address = f"redis://127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start an empty server, and return once it answers."""
        self._process = subprocess.Popen(
            ["redis-server", "--port", str(self._port), "--bind", "127.0.0.1", "--save", ""],
            cwd="/",
            stdout=subprocess.DEVNULL,
        )
        with redis.Redis.from_url(self.address) as client:
            for _ in range(100):
                try:
                    client.ping()
                except redis.ConnectionError:
                    time.sleep(0.05)
                else:
                    return
        raise TimeoutError("Redis did not start")

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def freeze(self) -> None:
        """Have it accept connections and answer nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)


@contextmanager
def running_redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    try:
        yield server
    finally:
        server.kill()
