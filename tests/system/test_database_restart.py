"""PostgreSQL goes away and comes back; the service says so meanwhile, and is right at once afterwards."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.system.servers import Server, api_key, identity, migrate


class Cluster:
    """A PostgreSQL of the test's own, so that stopping it hurts nobody."""

    def __init__(self, folder: Path) -> None:
        programs = subprocess.run(
            ["pg_config", "--bindir"], check=True, capture_output=True, text=True
        ).stdout
        self._programs, self._data = Path(programs.strip()), folder / "data"
        # PostgreSQL refuses to run as root.
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
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


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = Path("/tmp") / f"tokensvc-test-{os.getpid()}"  # noqa: S108 (a socket's path must be short)
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    cluster = Cluster(folder)
    cluster.start()
    yield cluster
    cluster.stop()
    shutil.rmtree(folder)


def test_database_restart_is_answered_503_and_survived_at_once(
    cluster: Cluster, serve: Callable[..., Server]
) -> None:
    migrate(cluster.address)
    backend = api_key(cluster.address)
    server = serve(cluster.address)
    room = server("POST", "/api/v1/rooms/", backend, {}).json["id"]
    user = identity("bob")
    assert [server.token(room, user).status for _ in range(8)] == [200] * 8

    cluster.stop()
    for away in [
        server.token(room, user),
        server("GET", "/api/v1/rooms/", backend),
        server("GET", "/readyz"),
    ]:
        assert (away.status, away.json["code"], away.headers["Retry-After"]) == (503, "unavailable", "2")
        assert away.headers["Content-Type"] == "application/problem+json"
    assert server("GET", "/healthz").status == 200

    cluster.start()
    assert [server.token(room, user).status for _ in range(20)] == [200] * 20
    assert server.stop() == 0


def test_database_restart_between_requests_fails_none(cluster: Cluster, serve: Callable[..., Server]) -> None:
    migrate(cluster.address)
    server = serve(cluster.address)
    room = server("POST", "/api/v1/rooms/", api_key(cluster.address), {}).json["id"]
    user = identity("bob")
    assert [server.token(room, user).status for _ in range(8)] == [200] * 8
    cluster.stop()
    cluster.start()
    assert [server.token(room, user).status for _ in range(20)] == [200] * 20
