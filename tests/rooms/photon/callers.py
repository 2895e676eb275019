"""Requests of Photon's servers in the formats of its documentation.

Source: doc.photonengine.com, "Custom Authentication" and "Webhooks" of Realtime, Fusion and Quantum.
"""

import json
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

APP_ID = "0c1e0b1a-7c3d-4b6e-9a58-2f6d1e0b7c11"
KEY = "the-fixed-parameter-of-the-dashboard"
SECRET = "what-the-dashboard-sends-as-X-SecretKey"

DASHBOARD = {"key": KEY}
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


class Told(NamedTuple):
    """An HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


class Form(NamedTuple):
    """A request format: which parameters are in the body, its encoding, and its content type."""

    method: str
    in_body: tuple[str, ...] = ()
    encoding: str = FORM
    content_type: str | None = None


FORMS = {
    "get": Form("GET"),
    "post-query-only": Form("POST"),
    "post-json": Form("POST", ("token",), JSON, JSON),
    "post-json-charset": Form("POST", ("token",), JSON, "application/json; charset=utf-8"),
    "post-json-untyped": Form("POST", ("token",), JSON),
    "post-json-called-a-form": Form("POST", ("token",), JSON, FORM),
    "post-json-called-bytes": Form("POST", ("token",), JSON, "application/octet-stream"),
    "post-json-odd-charset": Form("POST", ("token",), JSON, "application/json; charset=martian"),
    "post-form": Form("POST", ("token",), FORM, FORM),
    "post-form-untyped": Form("POST", ("token",), FORM),
    "post-form-called-json": Form("POST", ("token",), FORM, JSON),
    "post-form-called-text": Form("POST", ("token",), FORM, "text/plain; charset=utf-16"),
    "post-all-in-json": Form("POST", ("token", "key"), JSON, JSON),
    "post-all-in-form": Form("POST", ("token", "key"), FORM, FORM),
}


class PhotonServer:
    """Calls the service over HTTP."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).netloc

    def call(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Told:
        connection = HTTPConnection(self._host, timeout=10)
        try:
            connection.request(method, path, body or None, dict(headers or {}))
            answer = connection.getresponse()
            return Told(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def authenticate(self, parameters: Mapping[str, str], form: Form = FORMS["get"]) -> Told:
        """Request custom authentication, with the client's parameters and the dashboard's."""
        inside = {name: value for name, value in parameters.items() if name in form.in_body}
        query = urlencode({name: value for name, value in parameters.items() if name not in form.in_body})
        headers = {"Content-Type": form.content_type} if form.content_type else {}
        encode = json.dumps if form.encoding == JSON else urlencode
        body = encode(inside).encode() if inside else b""
        return self.call(form.method, f"/photon/auth/?{query}" if query else "/photon/auth/", body, headers)

    def webhook(self, hook: str, call: Any, secret: str | None = SECRET) -> Told:
        """Send a Realtime or PUN webhook, with the header of the dashboard's CustomHttpHeaders."""
        return self._tell(f"/photon/webhooks/{hook}/", call, secret)

    def game(self, hook: str, call: Any, secret: str | None = SECRET) -> Told:
        """Send a Fusion or Quantum webhook, with the dashboard's WebHookSecret."""
        return self._tell(f"/photon/game/{hook}", call, secret)

    def _tell(self, path: str, call: Any, secret: str | None) -> Told:
        headers = {"Content-Type": JSON}
        if secret is not None:
            headers["X-SecretKey"] = secret
        return self.call(
            "POST", path, call if isinstance(call, bytes) else json.dumps(call).encode(), headers
        )


_APP = {"AppId": APP_ID, "AppVersion": "1.0_2.41", "Region": "eu"}


def realtime_call(hook: str, room_name: str, user: str, cookie: Any = None, **changes: Any) -> dict[str, Any]:
    """A Realtime request. Only before-join must carry the cookie; close has no user."""
    call: dict[str, Any] = {**_APP, "GameId": room_name, "Type": hook.replace("-", "").capitalize()}
    if hook != "close":
        call |= {"ActorNr": 2, "UserId": user, "NickName": "Bob"}
    if cookie is not None:
        call["AuthCookie"] = cookie
    return {**call, **changes}


def fusion_call(hook: str, room_name: str, user: str, cookie: Any = None, **changes: Any) -> dict[str, Any]:
    """A Fusion or Quantum request; create names the room twice."""
    call: dict[str, Any] = {**_APP, "GameId": f"1:eu:{room_name}"}
    if hook == "create":
        call["RoomName"] = room_name
    if hook != "close":
        call["UserId"] = user
    if cookie is not None and hook in {"create", "join"}:
        call["AuthCookie"] = cookie
    return {**call, **changes}
