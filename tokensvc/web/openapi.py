"""What drf-spectacular cannot derive from views and serializers: refusals, required fields and bodies."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from tokensvc.web.refusals import CODES

_ALWAYS = ("invalid", "throttled", "unavailable")
_CREDENTIALS = ("not_authenticated", "invalid_credentials", "expired_credentials")
# Components with optional fields; their serializers declare which.
_PARTIAL = ("Request", "List", "Problem", "Event")


class InvalidField(serializers.Serializer[None]):
    pointer = serializers.CharField(help_text="A JSON pointer into the request (RFC 6901).")
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[None]):
    """A problem document (RFC 9457)."""

    status = serializers.IntegerField()
    title = serializers.CharField()
    detail = serializers.CharField()
    code = serializers.CharField(help_text="A stable code for programs.")
    errors = InvalidField(many=True, required=False)  # type: ignore[assignment]  # the field's name on the wire


def refusals(*codes: str, anonymous: bool = False) -> dict[tuple[int, str], OpenApiResponse]:
    """Return `responses` for `extend_schema`: these codes and those that all operations share."""
    by_status = defaultdict(list)
    for code in (*_ALWAYS, *(() if anonymous else _CREDENTIALS), *codes):
        by_status[CODES[code]].append(f"`{code}`")
    return {
        (status, "application/problem+json"): OpenApiResponse(Problem, " or ".join(names))
        for status, names in by_status.items()
    }


class AtLeastOneExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # its base registers subclasses
    """Adds `anyOf` to request bodies that require at least one of several fields."""

    target_class = "tokensvc.web.validation.AtLeastOneSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)  # noqa: SLF001 (as its documentation says)
        return {**schema, "anyOf": [{"required": [name]} for name in self.target.choices]}


def close_requests(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Set `additionalProperties: false` on every request body: unknown fields are refused."""
    for component in _objects(result, lambda name: name.endswith("Request")):
        component["additionalProperties"] = False
    return result


def require_response_fields(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Mark every field of a response as required, except in `_PARTIAL` components."""
    for component in _objects(result, lambda name: not name.endswith(_PARTIAL)):
        component["required"] = sorted(component["properties"])
    return result


def require_bodies(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Mark a request body as required if at least one of its fields is."""
    schemas = result["components"]["schemas"]
    for operation in (operation for path in result["paths"].values() for operation in path.values()):
        body = operation.get("requestBody", {"content": {}})
        if any("anyOf" in schemas[name] for name in _component_names(body)):
            body["required"] = True
    return result


def _objects(result: dict[str, Any], wanted: Callable[[str], bool]) -> list[dict[str, Any]]:
    components = result["components"]["schemas"].items()
    return [component for name, component in components if wanted(name) and "properties" in component]


def _component_names(body: dict[str, Any]) -> list[str]:
    return [medium["schema"]["$ref"].rpartition("/")[2] for medium in body["content"].values()]
