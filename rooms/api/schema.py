"""What drf-spectacular cannot read off the views: how callers prove who they are, and what is refused."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.utils import OpenApiResponse

from rooms.api.answers import Problem
from rooms.api.permissions import IsBackend
from rooms.errors import CODES

_ALWAYS = ("invalid", "throttled", "unavailable")
_CREDENTIALS = ("not_authenticated", "invalid_credentials", "expired_credentials")


def refusals(*codes: str, anonymous: bool = False) -> dict[tuple[int, str], OpenApiResponse]:
    """Describe the refusals of an operation for `extend_schema(responses=…)`, with those all share."""
    by_status = defaultdict(list)
    for code in (*_ALWAYS, *(() if anonymous else _CREDENTIALS), *codes):
        by_status[CODES[code]].append(f"`{code}`")
    return {
        (status, "application/problem+json"): OpenApiResponse(Problem, " or ".join(names))
        for status, names in by_status.items()
    }


class CallerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its base registers subclasses
    target_class = "rooms.api.authentication.CallerAuthentication"
    name = ["backend", "user", "participant"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        if IsBackend in auto_schema.view.permission_classes:
            return [{"backend": []}]
        return [{name: []} for name in self.name]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            _header("`Api-Key <key>`: the app's backend"),
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            _header("`Ticket <ticket>`: somebody who was admitted before"),
        ]


class UidFieldShape(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # as above
    target_class = "rooms.api.answers.UidField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {
            "oneOf": [{"type": "string"}, {"type": "integer", "minimum": 1, "maximum": 2**32 - 1}],
            "description": self.target.__doc__,
        }


def close_requests(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Say of every request's body that unknown fields are refused."""
    for component in _objects(result, lambda name: name.endswith("Request")):
        component["additionalProperties"] = False
    return result


# Not all fields of these are always there; their serializers say which are.
_PARTIAL = ("Request", "List", "Problem", "Event")


def complete_answers(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Say of every other answer that each of its fields is there."""
    for component in _objects(result, lambda name: not name.endswith(_PARTIAL)):
        component["required"] = sorted(component["properties"])
    return result


def _objects(result: dict[str, Any], wanted: Callable[[str], bool]) -> list[dict[str, Any]]:
    components = result["components"]["schemas"].items()
    return [component for name, component in components if wanted(name) and "properties" in component]


def _header(description: str) -> dict[str, str]:
    return {"type": "apiKey", "in": "header", "name": "Authorization", "description": description}
