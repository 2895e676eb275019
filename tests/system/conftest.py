"""Tests with real processes. They need PostgreSQL, and run when `DATABASE_URL` names one.

They measure time, so they never run beside others: pytest-xdist's workers ignore them.
Their servers use a database of their own beside it, `<name>_system`.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

from tests.system.servers import Server, api_key, migrate
from tests.system.services import Cluster, RedisServer, running_redis

pytest.register_assert_rewrite("tests.system.live", "tests.system.load")

ADDRESS = os.environ.get("DATABASE_URL", "")
IN_PARALLEL = "PYTEST_XDIST_WORKER" in os.environ
collect_ignore_glob = [] if ADDRESS.startswith("postgres") and not IN_PARALLEL else ["test_*.py"]


@contextmanager
def fresh_database(suffix: str) -> Iterator[str]:
    """The address of a fresh, migrated PostgreSQL database."""
    parts = urlsplit(ADDRESS)
    name = f"{parts.path.strip('/')}_{suffix}"
    admin = psycopg2.connect(urlunsplit(parts._replace(path="/postgres")))
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')
    address = urlunsplit(parts._replace(path=f"/{name}"))
    migrate(address)
    yield address
    with admin.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    admin.close()


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    """One database for all system tests; it keeps what earlier tests wrote."""
    with fresh_database("system") as address:
        yield address


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start servers that are stopped after the test; takes a database and settings."""
    started: list[Server] = []

    def start(database: str, **settings: str) -> Server:
        started.append(Server(database, **settings))
        return started[-1].wait()

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="module")
def four_servers(database: str) -> Iterator[list[Server]]:
    """Four processes on one database, as behind a load balancer."""
    servers = [Server(database) for _ in range(4)]
    for server in servers:
        server.wait()
    yield servers
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def backend(database: str) -> str:
    """The `Authorization` header of the app's backend."""
    return api_key(database)


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


@pytest.fixture(scope="module")
def redis_server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A Redis server to stop, freeze and kill."""
    with running_redis() as server:
        yield server


@pytest.fixture(scope="module")
def two_live(database: str, redis_server: RedisServer) -> Iterator[list[Server]]:
    """Two live processes on one database and one Redis."""
    servers = [Server(database, kind="live", REDIS_URL=redis_server.address) for _ in range(2)]
    for server in servers:
        server.wait()
    yield servers
    for server in servers:
        server.stop()
