"""A client of the HTTP API, and the documents it is expected to answer with."""

import json
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.test import Client

from rooms.models import Room

NO_ROOM = "There is no room with this id."
FOR_BACKEND = "Only the app's backend may do this, with its API key."
FOR_HOST = "Only a host of this room may do this."
INVALID = "The request has invalid fields."
WRONG_TYPE = ("wrong_type", "This is of the wrong JSON type.")


# Shared: a new one loads the middleware again, which scans all static files.
_client = Client(raise_request_exception=False)


@dataclass(frozen=True)
class Api:
    """A JSON client with the credentials of one caller."""

    authorization: str | None = None

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        if self.authorization:
            headers.setdefault("authorization", self.authorization)
        if body is None:
            return _client.generic(method, f"/api/v1/{path}", headers=headers)
        return _client.generic(
            method, f"/api/v1/{path}", _encode(body), content_type="application/json", headers=headers
        )

    def get(self, path: str) -> Any:
        return self("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self("POST", path, body)


def _encode(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def problem(status: int, code: str, detail: str, *errors: dict[str, str]) -> dict[str, Any]:
    """A problem document (RFC 9457)."""
    document: dict[str, Any] = {
        "status": status,
        "title": HTTPStatus(status).phrase,
        "detail": detail,
        "code": code,
    }
    return {**document, "errors": list(errors)} if errors else document


def invalid(*errors: dict[str, str]) -> dict[str, Any]:
    return problem(400, "invalid", INVALID, *errors)


def wrong(pointer: str, code: str, detail: str) -> dict[str, str]:
    return {"pointer": f"#{pointer}", "code": code, "detail": detail}


def unknown(*names: str) -> dict[str, Any]:
    return invalid(*(wrong(f"/{name}", "unknown", "This field cannot be set.") for name in names))


def refused(response: Any) -> Any:
    """The problem document of a response, whose headers must agree with it."""
    assert response.headers["Content-Type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == response.status_code
    assert ("WWW-Authenticate" in response.headers) == (response.status_code == 401)
    assert ("Retry-After" in response.headers) == (response.status_code in {429, 503})
    return document


def iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat().replace("+00:00", "Z")


def room_document(room: Room) -> dict[str, Any]:
    """The room as shown to the backend, read from the database."""
    room = Room.objects.get(pk=room.pk)
    return {
        "id": room.id,
        "external_id": room.external_id,
        "name": room.name,
        "channel": room.channel,
        "region": room.region,
        "cross_region": room.cross_region,
        "default_role": room.default_role,
        "token_ttl": room.token_ttl,
        "audio_limit": room.audio_limit,
        "video_limit": room.video_limit,
        "uid_type": room.uid_type,
        "encryption": room.encryption,
        "ends_at": iso(room.ends_at),
        "ended_at": iso(room.ended_at),
        "created_at": iso(room.created_at),
        "version": room.version,
    }
