"""Starts the service as in production, and sends it requests."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPMessage
from pathlib import Path
from typing import Any

import jwt

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "SECRET_KEY": "a-key-for-system-tests-only-0123456789-0123456789-abcdef",
    "ROOM_SECRET": "the-first-room-secret-of-system-tests",
    "IDENTITY_JWT_SECRET": "an-identity-secret-of-system-tests",
    "AGORA_APP_ID": "970ca35de60c44645bbae8a215061b33",
    "AGORA_APP_CERTIFICATE": "5cfd2fd1755d40ecb72977518be15d3b",
    "ALLOWED_HOSTS": "127.0.0.1",
    "TRUSTED_PROXIES": "127.0.0.1/32",
    "TOKEN_RATE": "1000000/s",
    "DJANGO_SETTINGS_MODULE": "tokensvc.settings",
}
# The headers of a proxy that terminates TLS.
PROXIED = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
# The command of each kind of process: `web` answers HTTP, `live` also holds sockets.
KINDS = {
    "web": ("--interface", "wsgi", "--blocking-threads", "2", "--no-ws", "tokensvc.wsgi:application"),
    "live": ("--interface", "asgi", "--workers", "1", "tokensvc.asgi:application"),
}


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def environment(database: str, **changes: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "DATABASE_URL": database, **SETTINGS, **changes}


def migrate(database: str) -> None:
    manage(database, "migrate", "--verbosity", "0")


def manage(database: str, *command: str, **changes: str) -> str:
    """Run `manage.py` and return what it printed."""
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=environment(database, **changes),
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def api_key(database: str) -> str:
    key: str = json.loads(manage(database, "create_api_key", "system", "--json"))["key"]
    return f"Api-Key {key}"


def identity(user_id: str) -> str:
    claims = {"sub": user_id, "aud": "tokensvc", "exp": int(time.time()) + 3600}
    return f"Bearer {jwt.encode(claims, SETTINGS['IDENTITY_JWT_SECRET'], 'HS256')}"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: HTTPMessage
    json: Any


def _exchange(connection: HTTPConnection, method: str, path: str, authorization: str, body: Any) -> Answer:
    headers = {**PROXIED, "Authorization": authorization, "Content-Type": "application/json"}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    response = connection.getresponse()
    content = response.read()
    return Answer(response.status, response.headers, json.loads(content) if content else None)


class Server:
    """One Granian process, and a keep-alive connection to it."""

    def __init__(self, database: str, *, kind: str = "web", **changes: str) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", "--log-level", "warning", "--port", str(self.port)),
                *KINDS[kind],
            ],
            cwd=ROOT,
            env=environment(database, **changes),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # A process group, because Granian's worker survives a killed parent.
            start_new_session=True,
        )
        self._connection = HTTPConnection("127.0.0.1", self.port, timeout=20)

    def wait(self) -> "Server":
        """Return once the server answers."""
        for _ in range(200):
            try:
                if self("GET", "/healthz").status == 200:
                    return self
            except (OSError, HTTPException):
                self._connection.close()
            time.sleep(0.1)
        raise TimeoutError("the server did not start")

    def __call__(self, method: str, path: str, authorization: str = "", body: Any = None) -> Answer:
        return _exchange(self._connection, method, path, authorization, body)

    def aside(self, method: str, path: str, authorization: str = "", body: Any = None) -> Answer:
        """Send a request over a new connection; safe in threads."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            return _exchange(connection, method, path, authorization, body)

    def token(self, room: str, authorization: str) -> Answer:
        return self("POST", f"/api/v1/rooms/{room}/tokens/", authorization)

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the process and its worker."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Ask the server to stop and return its exit status."""
        self._connection.close()
        if self.process.poll() is None:
            self.terminate()
        return self.process.wait(timeout=30)
