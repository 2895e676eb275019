"""Pagination by cursor and by version."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import BasePagination, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from tokensvc.web.refusals import invalid

_MAX_VERSION = 2**63 - 1


class NewestFirst(CursorPagination):
    ordering = "-created_at"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int:
        size = request.query_params.get("page_size")
        if size is None:
            return self.page_size
        if not _is_number(size, 1, self.max_page_size):
            raise invalid("page_size", "out_of_range", f"This must be from 1 to {self.max_page_size}.")
        return int(size)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        cursor, size = super().get_schema_operation_parameters(view)
        return [cursor, {**size, "schema": {"type": "integer", "minimum": 1, "maximum": self.max_page_size}}]

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, ValidationError, ValueError):
            raise invalid("cursor", "invalid", "This cursor is not one of ours.") from None


class ByUserId(NewestFirst):
    ordering = "user_id"


class SinceVersion(BasePagination):
    """Rows with a version above the parameter `since`, oldest first; `next` is null on the last page."""

    page_size = 200
    _next: str | None

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any]:
        assert isinstance(queryset, QuerySet)  # noqa: S101 (the base class also allows sequences)
        since = request.query_params.get("since", "0")
        if not _is_number(since, 0, _MAX_VERSION):
            raise invalid("since", "out_of_range", f"This must be from 0 to {_MAX_VERSION}.")
        found = list(queryset.filter(version__gt=int(since)).order_by("version")[: self.page_size + 1])
        page = found[: self.page_size]
        self._next = None
        if len(found) > self.page_size:
            self._next = replace_query_param(request.build_absolute_uri(), "since", page[-1].version)
        return page

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._next, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": "string", "nullable": True, "format": "uri"},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        schema = {"type": "integer", "minimum": 0, "maximum": _MAX_VERSION}
        return [{"name": "since", "in": "query", "required": False, "schema": schema}]


def _is_number(text: str, least: int, most: int) -> bool:
    return text.isdecimal() and text.isascii() and len(text) < 20 and least <= int(text) <= most
