"""What drf-spectacular cannot derive from the views: the authentication schemes, and a field of two types."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension

from rooms.api.permissions import IsBackend


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
            _header("`Ticket <ticket>`: a user who was admitted before"),
        ]


class UidFieldShape(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # as above
    target_class = "rooms.credentials.agora.UidField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {
            "oneOf": [{"type": "string"}, {"type": "integer", "minimum": 1, "maximum": 2**32 - 1}],
            "description": self.target.__doc__,
        }


def _header(description: str) -> dict[str, str]:
    return {"type": "apiKey", "in": "header", "name": "Authorization", "description": description}
