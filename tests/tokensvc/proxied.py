"""Calls the production application like a proxy and prints the statuses; run as a separate process."""

import io
import json
import logging
import sys
from collections.abc import Callable
from typing import Any

from tokensvc.wsgi import application

logging.disable(logging.CRITICAL)


def call(address: str, **headers: str) -> str:
    """Send a request with an API key and return the status."""
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/api/v1/rooms/",
        "SERVER_NAME": "tokens.example",
        "SERVER_PORT": "80",
        "HTTP_HOST": "tokens.example",
        "HTTP_AUTHORIZATION": "Api-Key x.y",
        "REMOTE_ADDR": address,
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        **headers,
    }
    status: list[str] = []

    def start_response(line: str, _headers: Any, _exc_info: Any = None, /) -> Callable[[bytes], object]:
        status.append(line)
        return lambda _body: None

    b"".join(application(environ, start_response))
    return status[0]


# Each argument is the sender's address, optionally followed by `=` and its X-Forwarded-For.
statuses = []
for argument in sys.argv[1:]:
    address, _, client = argument.partition("=")
    forwarded = {"HTTP_X_FORWARDED_FOR": client, "HTTP_X_FORWARDED_PROTO": "https"} if client else {}
    statuses.append(call(address, **forwarded))
json.dump(statuses, sys.stdout)
