"""The log comes in pages, each with the address of the next."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from rooms.errors import invalid

PAGE = 200
_LARGEST = 2**63 - 1


class SinceVersion(BasePagination):
    """What comes after the version `since`, oldest first; `next` is null at the end."""

    _next: str | None

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any]:
        assert isinstance(queryset, QuerySet)  # noqa: S101 (the base class allows more)
        since = request.query_params.get("since", "0")
        if not (since.isdecimal() and since.isascii() and len(since) < 20 and int(since) <= _LARGEST):
            raise invalid("since", "out_of_range", f"This must be from 0 to {_LARGEST}.")
        found = list(queryset.filter(version__gt=int(since)).order_by("version")[: PAGE + 1])
        page = found[:PAGE]
        self._next = None
        if len(found) > PAGE:
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
        schema = {"type": "integer", "minimum": 0, "maximum": _LARGEST}
        return [{"name": "since", "in": "query", "required": False, "schema": schema}]
