"""Requests that can be made of whatever content type a client sends.

Django takes over its charset without trying it, and then fails before any view is asked. Here an unusable
one is as good as none.
"""

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest


class AnyContentType(HttpRequest):
    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]  # Django's own hook, not in the stubs
        except (LookupError, ValueError, SuspiciousOperation):
            self.content_type = meta["CONTENT_TYPE"].partition(";")[0].strip().lower()
            self.content_params = {}
            self._encoding = None


class WsgiRequest(AnyContentType, WSGIRequest): ...


class AsgiRequest(AnyContentType, ASGIRequest): ...
