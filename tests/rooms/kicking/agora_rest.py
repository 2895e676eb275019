"""A stand-in for Agora's REST API on this machine. It stores kicking rules as documented."""

import json
import threading
import time
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.serving import serving

APP_ID = "970ca35de60c44645bbae8a215061b33"
CUSTOMER = ("a-customer-id", "a-customer-secret")

Answer = tuple[int, Any]

NOT_FOUND: Answer = (404, {"status": "failed", "message": "no such rule"})


@dataclass
class Call:
    """One request, and when it arrived by the stand-in's clock."""

    method: str
    body: Any
    at: float = field(default_factory=time.monotonic, compare=False)


class AgoraRest(ThreadingHTTPServer):
    """Each call takes one of `faults`, which decides whether the call is done and what is answered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.rules: dict[int, dict[str, Any]] = {}
        self.calls: list[Call] = []
        self.complaints: list[str] = []
        self.faults: deque[Fault] = deque()
        self.always: Fault | None = None
        self.calls_per_second: int | None = None
        self.refused_by_rate = 0
        # While cleared, calls are not answered.
        self.open = threading.Event()
        self.open.set()
        self._lock = threading.Lock()
        self._next_id = 1953

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def made(self) -> list[dict[str, Any]]:
        """The rules requested, whether created or not."""
        return [call.body for call in self.calls if call.method == "POST"]

    @property
    def blocked(self) -> list[tuple[str, int]]:
        """The channels and uids of all rules."""
        return sorted((rule["cname"], rule["uid"]) for rule in self.rules.values())

    def serve(self, method: str, query: str, authorization: str, body: Any) -> tuple[Answer, dict[str, str]]:
        with self._lock:
            self.calls.append(Call(method, body))
            if self._too_many():
                self.refused_by_rate += 1
                return (429, {"message": "Too many requests"}), {"Retry-After": "1"}
            fault = self.faults.popleft() if self.faults else self.always
        self.open.wait(10)
        if authorization != "Basic " + b64encode(":".join(CUSTOMER).encode()).decode():
            return (401, {"message": "Invalid authentication credentials"}), {}
        with self._lock:
            do = partial(self._do, method, query, body)  # a fault may not call it
            return (do(), {}) if fault is None else fault(do)

    def _too_many(self) -> bool:
        if self.calls_per_second is None:
            return False
        since = time.monotonic() - 1
        return len([call for call in self.calls if call.at > since]) > self.calls_per_second

    def _do(self, method: str, query: str, body: Any) -> Answer:
        if method == "GET":
            if parse_qs(query) != {"appid": [APP_ID]}:
                return self._complain(f"a query of {query}")
            return 200, {"status": "success", "rules": list(self.rules.values())}
        if body.get("appid") != APP_ID:
            return self._complain(f"an appid of {body.get('appid')}")
        do: dict[str, Callable[[dict[str, Any]], Answer]]
        do = {"POST": self._make, "PUT": self._change, "DELETE": self._remove}
        return do[method](body)

    def _make(self, body: dict[str, Any]) -> Answer:
        for fine, complaint in (
            (set(body) == {"appid", "cname", "uid", "ip", "time_in_seconds", "privileges"}, "other fields"),
            (isinstance(body.get("cname"), str) and body["cname"], "no cname: for every channel"),
            (type(body.get("uid")) is int and 1 <= body["uid"] < 2**32, "no uid: for everybody"),
            (_is_a_time(body.get("time_in_seconds")), f"a time of {body.get('time_in_seconds')}"),
            (body.get("privileges") == ["join_channel"], "other privileges"),
        ):
            if not fine:
                return self._complain(complaint)
        self._next_id += 1
        if body["time_in_seconds"]:  # 0 leaves no rule
            self.rules[self._next_id] = {"id": self._next_id, **body, "opid": 1406}
        return 200, {"status": "success", "id": self._next_id}

    def _change(self, body: dict[str, Any]) -> Answer:
        if body.get("id") not in self.rules:
            return NOT_FOUND
        self.rules[body["id"]]["time_in_seconds"] = body["time_in_seconds"]
        return 200, {"status": "success", "result": {"id": body["id"]}}

    def _remove(self, body: dict[str, Any]) -> Answer:
        if set(body) != {"appid", "id"} or type(body["id"]) is not int:
            return self._complain(f"a removal of {body}")
        if self.rules.pop(body["id"], None) is None:
            return NOT_FOUND
        return 200, {"status": "success", "id": body["id"]}

    def _complain(self, complaint: str) -> Answer:
        self.complaints.append(complaint)
        return 400, {"status": "failed", "message": complaint}


Fault = Callable[[Callable[[], Answer]], tuple[Answer, dict[str, str]]]


def _is_a_time(seconds: Any) -> bool:
    return type(seconds) is int and (seconds == 0 or 10 <= seconds <= 86430)


def fails(status: int, *, done: bool = False, body: Any = None, **headers: str) -> Fault:
    """Answer with a status; with `done`, the call is done as well."""

    def fault(do: Callable[[], Answer]) -> tuple[Answer, dict[str, str]]:
        if done:
            do()
        return (status, body), {name.replace("_", "-"): value for name, value in headers.items()}

    return fault


def works(do: Callable[[], Answer]) -> tuple[Answer, dict[str, str]]:
    return do(), {}


class Handler(BaseHTTPRequestHandler):
    server: AgoraRest

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length)) if length else None
        address = urlsplit(self.path)
        if address.path != "/dev/v1/kicking-rule" or self.headers["Content-Type"] != "application/json":
            self.server.complaints.append(f"{self.command} {self.path} of {self.headers['Content-Type']}")
        authorization = self.headers.get("Authorization", "")
        (status, answer), headers = self.server.serve(self.command, address.query, authorization, body)
        if status == 0:  # closes the connection
            self.close_connection = True
            return
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 (the names are the base class's)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name is the base class's)
        pass


@contextmanager
def running_agora() -> Iterator[AgoraRest]:
    """Serve while the context lasts; fail at its end if a request was not as documented."""
    with serving(AgoraRest()) as server:
        try:
            yield server
        finally:
            server.open.set()
    assert server.complaints == []
