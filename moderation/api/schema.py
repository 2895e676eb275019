"""What drf-spectacular cannot read off the serializers and views of moderation."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.utils import OpenApiResponse, extend_schema_serializer

from moderation.api.answers import VersionConflictProblem
from moderation.serializers import RoomChange

CONFLICT = {(409, "application/problem+json"): OpenApiResponse(VersionConflictProblem, "`version_conflict`")}

# Another `RoomChange` is what `PATCH rooms/{id}/` takes.
extend_schema_serializer(component_name="ModerationChange")(RoomChange)


class AtLeastOneShape(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # its base registers subclasses
    """Bodies in which something to do has to be given."""

    target_class = "moderation.serializers._AtLeastOne"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        shape = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)  # noqa: SLF001 (as its documentation says)
        return {**shape, "anyOf": [{"required": [name]} for name in self.target.choices]}


def require_something(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Say that a body has to be sent where one of several fields has to be given."""
    shapes = result["components"]["schemas"]
    for operation in (operation for path in result["paths"].values() for operation in path.values()):
        body = operation.get("requestBody", {"content": {}})
        if any("anyOf" in shapes[name] for name in _shapes_of(body)):
            body["required"] = True
    return result


def _shapes_of(body: dict[str, Any]) -> list[str]:
    return [medium["schema"]["$ref"].rpartition("/")[2] for medium in body["content"].values()]
