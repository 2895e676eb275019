"""JSON logs: one object per line, with the request id."""

import json
import logging
import re
import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponseBase

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
_encode = json.JSONEncoder(default=str).encode
_VALID_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

# Source location, thread and process are not logged; collecting them takes longer than writing the line
# (docs.python.org, logging HOWTO, "Optimization").
logging._srcfile = None  # noqa: SLF001
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


class RequestIdMiddleware:
    """Uses the caller's `X-Request-ID`, or generates one, and returns it in the response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = request.META.get("HTTP_X_REQUEST_ID", "")
        if not _VALID_REQUEST_ID.fullmatch(request_id):
            request_id = secrets.token_hex(16)
        token = _request_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            _request_id.reset(token)
        response["X-Request-ID"] = request_id
        return response


class JsonFormatter(logging.Formatter):
    """Formats a record as JSON, with the fields of `extra={"fields": …}`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": time.strftime(f"%Y-%m-%dT%H:%M:%S.{int(record.msecs):03}Z", time.gmtime(record.created)),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": _request_id.get(),
        }
        line.update(getattr(record, "fields", ()))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _encode(line)
