"""What the API is expected to say, in whole documents."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from rooms.models import Room

NO_ROOM = "There is no room with this id."
FOR_BACKEND = "Only the app's backend may do this, with its API key."
FOR_HOST = "Only a host of this room may do this."
INVALID = "The request has invalid fields."
WRONG_TYPE = ("wrong_type", "This is of the wrong JSON type.")


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
    """The problem document of a response, which says in its head what the document says in its body."""
    assert response.headers["Content-Type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == response.status_code
    assert ("WWW-Authenticate" in response.headers) == (response.status_code == 401)
    assert ("Retry-After" in response.headers) == (response.status_code in {429, 503})
    return document


def iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat().replace("+00:00", "Z")


def room_document(room: Room) -> dict[str, Any]:
    """The room as its backend sees it, read afresh from the database."""
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
