"""Every actor at every endpoint: the status or refusal of each."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.urls import URLPattern
from pytest_django import Settings

from moderation.api.urls import urlpatterns as moderation_calls
from rooms.api.urls import urlpatterns as room_calls
from rooms.invites import hash_code
from rooms.models import Invite, Room
from rooms.roles import Role
from tests.cast import alias_of
from tests.moderation.api.agora_notifier import SECRET as NOTIFICATION_SECRET
from tests.moderation.api.agora_notifier import notice as agora_notice
from tests.rooms.api import actors
from tests.rooms.api.actors import Caller, Provider, key_server
from tests.rooms.photon.callers import fusion_call, realtime_call
from tests.rooms.photon.people import cookie_of, photon_ticket
from tests.running_room import come_in

pytestmark = pytest.mark.django_db

# The actors: `alice` hosts, `bob` publishes, `carol` listens, `mallory` is banned, `dave` is nobody in a room
# that lets nobody else in. `forged` is an HS256 token signed with the provider's public key, `ticket` is
# alice's for another room, `outside` is an API key from outside BACKEND_NETWORKS.
ACTORS = [
    "anonymous",
    "expired",
    "unsigned",
    "key",
    "audience",
    "forged",
    "dave",
    "carol",
    "bob",
    "alice",
    "mallory",
    "ticket",
    "backend",
    "revoked",
    "outside",
    "staff",
]

# The answers: a status, or the code of a refusal; `no` is a refusal of Photon's, with HTTP 200.
CODES = {
    "na": (401, "not_authenticated"),
    "in": (401, "invalid_credentials"),
    "ex": (401, "expired_credentials"),
    "be": (403, "backend_only"),
    "ho": (403, "host_only"),
    "nm": (403, "not_a_member"),
    "ba": (403, "banned"),
}

MATRIX = """
                                                                  ano exp uns key aud for dav car bob ali mal tic bac rev out sta
POST   /api/v1/rooms/                                             na  ex  in  in  in  in  be  be  be  be  be  be  201 in  in  na
GET    /api/v1/rooms/                                             na  ex  in  in  in  in  be  be  be  be  be  be  200 in  in  na
GET    /api/v1/rooms/{room}/                                      na  ex  in  in  in  in  be  be  be  be  be  be  200 in  in  na
PATCH  /api/v1/rooms/{room}/                                      na  ex  in  in  in  in  be  be  be  be  be  be  200 in  in  na
POST   /api/v1/rooms/{room}/end/                                  na  ex  in  in  in  in  nm  ho  ho  200 ba  nm  200 in  in  na
GET    /api/v1/rooms/{room}/moderation/                           na  ex  in  in  in  in  nm  ho  ho  200 ba  nm  200 in  in  na
PATCH  /api/v1/rooms/{room}/moderation/                           na  ex  in  in  in  in  nm  ho  ho  200 ba  nm  200 in  in  na
GET    /api/v1/rooms/{room}/moderation/events/                    na  ex  in  in  in  in  nm  ho  ho  200 ba  nm  200 in  in  na
PATCH  /api/v1/rooms/{room}/moderation/participants/{alias}/      na  ex  in  in  in  in  nm  ho  ho  200 ba  nm  200 in  in  na
POST   /api/v1/rooms/{room}/moderation/participants/{alias}/kick/ na  ex  in  in  in  in  nm  ho  ho  200 ba  nm  200 in  in  na
POST   /api/v1/rooms/{room}/rotate-channel/                       na  ex  in  in  in  in  be  be  be  be  be  be  200 in  in  na
GET    /api/v1/rooms/{room}/members/                              na  ex  in  in  in  in  be  be  be  be  be  be  200 in  in  na
PUT    /api/v1/rooms/{room}/members/{user}/                       na  ex  in  in  in  in  be  be  be  be  be  be  200 in  in  na
DELETE /api/v1/rooms/{room}/members/{user}/                       na  ex  in  in  in  in  be  be  be  be  be  be  204 in  in  na
POST   /api/v1/rooms/{room}/tokens/                               na  ex  in  in  in  in  nm  200 200 200 ba  nm  200 in  in  na
GET    /api/v1/rooms/{room}/invites/                              na  ex  in  in  in  in  nm  ho  ho  200 ba  nm  200 in  in  na
POST   /api/v1/rooms/{room}/invites/                              na  ex  in  in  in  in  nm  ho  ho  201 ba  nm  201 in  in  na
DELETE /api/v1/rooms/{room}/invites/{invite}/                     na  ex  in  in  in  in  nm  ho  ho  204 ba  nm  204 in  in  na
POST   /api/v1/invites/redeem/                                    200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /photon/auth/                                              no  no  no  no  no  no  no  no  no  no  no  no  no  no  no  no
POST   /photon/auth/                                              no  no  no  no  no  no  no  no  no  no  no  no  no  no  no  no
POST   /photon/webhooks/before-join/                              no  no  no  no  no  no  no  no  no  no  no  no  no  no  no  no
POST   /photon/webhooks/create/                                   no  no  no  no  no  no  no  no  no  no  no  no  no  no  no  no
POST   /photon/webhooks/join/                                     no  no  no  no  no  no  no  no  no  no  no  no  no  no  no  no
POST   /photon/webhooks/leave/                                    no  no  no  no  no  no  no  no  no  no  no  no  no  no  no  no
POST   /photon/webhooks/close/                                    no  no  no  no  no  no  no  no  no  no  no  no  no  no  no  no
POST   /photon/game/create                                        400 400 400 400 400 400 400 400 400 400 400 400 400 400 400 400
POST   /photon/game/join                                          400 400 400 400 400 400 400 400 400 400 400 400 400 400 400 400
POST   /photon/game/leave                                         400 400 400 400 400 400 400 400 400 400 400 400 400 400 400 400
POST   /photon/game/close                                         400 400 400 400 400 400 400 400 400 400 400 400 400 400 400 400
POST   /agora/notifications/                                      in  in  in  in  in  in  in  in  in  in  in  in  in  in  in  in
GET    /api/schema/                                               200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /api/docs/                                                 302 302 302 302 302 302 302 302 302 302 302 302 302 302 302 200
GET    /admin/                                                    302 302 302 302 302 302 302 302 302 302 302 302 302 302 302 200
GET    /healthz                                                   200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /readyz                                                    200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /metrics                                                   200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /join/                                                     200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
"""  # noqa: E501 (a table)

BODIES: dict[str, dict[str, Any]] = {
    "PUT /api/v1/rooms/{room}/members/{user}/": {"role": "subscriber"},
    "PATCH /api/v1/rooms/{room}/moderation/": {"mute_everyone": True},
    "PATCH /api/v1/rooms/{room}/moderation/participants/{alias}/": {"audio": "deny"},
    "POST /api/v1/invites/redeem/": {"code": "come in"},
    # Valid but for the missing signature.
    "POST /agora/notifications/": agora_notice(103, "a-channel"),
}


HEADER, *LINES = [line.split() for line in MATRIX.strip().splitlines()]
ROWS = {f"{method} {path}": cells for method, path, *cells in LINES}


def calls_of(pattern: URLPattern) -> Iterator[str]:
    path = re.sub(r"<\w+:(\w+?)(_id)?>", r"{\1}", str(pattern.pattern))
    view = pattern.callback.view_class  # type: ignore[attr-defined]  # every view here is a class
    for method in ("get", "post", "put", "patch", "delete"):
        if hasattr(view, method):
            yield f"{method.upper()} /{path}"


# Called by programs; the other paths are for people and ops.
CALLED = ("/api/v1/", "/photon/", "/agora/", "/agora/")


def test_every_call_of_the_api_is_in_the_matrix() -> None:
    found = {call for pattern in (*room_calls, *moderation_calls) for call in calls_of(pattern)}
    assert found == {call for call in ROWS if call.split()[1].startswith(CALLED)}


def test_every_row_has_a_cell_for_every_actor() -> None:
    assert [name[:3] for name in ACTORS] == HEADER
    assert {len(cells) for cells in ROWS.values()} == {len(ACTORS)}


@pytest.fixture(scope="module")
def provider() -> Provider:
    return Provider()


@pytest.fixture
def actor(settings: Settings, provider: Provider, room: Room) -> Iterator[Callable[[str], Caller]]:
    settings.AGORA_NOTIFICATION_SECRET = NOTIFICATION_SECRET
    with ExitStack() as stack:

        def forged() -> Caller:
            settings.IDENTITY_JWT_SECRET = ""
            settings.IDENTITY_JWKS_URL = stack.enter_context(key_server(provider.published))
            return actors.caller(f"Bearer {provider.forged()}")

        special: dict[str, Callable[[], Caller]] = {
            "anonymous": actors.caller,
            "expired": lambda: actors.user("alice", exp=1),
            "unsigned": actors.unsigned,
            "key": actors.wrong_key,
            "audience": lambda: actors.user("alice", aud="elsewhere"),
            "forged": forged,
            "ticket": lambda: actors.foreign_ticket(Role.HOST),
            "backend": actors.backend,
            "revoked": lambda: actors.backend(revoked=True),
            "outside": lambda: actors.backend_outside(settings),
            "staff": actors.staff,
        }
        yield lambda name: special[name]() if name in special else actors.user(name)


def photon_call(room: Room, path: str) -> dict[str, Any]:
    """A request that would be accepted with Photon's secret."""
    hook = path.strip("/").rpartition("/")[2]
    if hook == "auth":
        return {"token": photon_ticket(room, "alice")}
    sent = fusion_call if "/game/" in path else realtime_call
    return sent(hook, room.channel, alias_of(room, "alice"), cookie_of(room, "alice"))


@pytest.mark.usefixtures("dashboard")
@pytest.mark.parametrize("name", ACTORS)
@pytest.mark.parametrize("call", ROWS)
def test_actor_gets_the_answer_of_the_matrix(
    actor: Callable[[str], Caller], room: Room, call: str, name: str
) -> None:
    cell = ROWS[call][ACTORS.index(name)]
    invite = Invite.objects.create(room=room, code_hash=hash_code("come in"))
    come_in(room, "carol")
    method, path = call.split()
    body = BODIES.get(call)
    if path.endswith("tokens/") and name in {"backend", "revoked", "outside"}:
        body = {"user_id": "carol"}
    if path.startswith("/photon/"):
        body = photon_call(room, path)
    path = path.format(room=room.id, user="carol", invite=invite.id, alias=alias_of(room, "carol"))
    response = actor(name)(method, path, body)
    if cell in CODES:
        assert (response.status_code, response.json()["code"]) == CODES[cell]
    elif cell == "no":
        assert (response.status_code, response.json().keys()) == (200, {"ResultCode", "Message"})
        assert response.json()["Message"] == "This call does not prove that it comes from Photon."
    else:
        assert response.status_code == int(cell)


@pytest.mark.parametrize("path", ["/admin/", "/api/docs/"])
def test_pages_for_staff_send_others_to_the_login(room: Room, path: str) -> None:
    for caller in (actors.caller(), actors.user("alice"), actors.backend()):
        assert caller("GET", path, None).headers["Location"] == f"/admin/login/?next={path}"


def test_genuine_token_of_the_forged_providers_key_is_accepted(
    settings: Settings, provider: Provider, room: Room
) -> None:
    settings.IDENTITY_JWT_SECRET = ""
    with key_server(provider.published) as url:
        settings.IDENTITY_JWKS_URL = url
        good = actors.caller(f"Bearer {provider.token()}")
        assert good("POST", f"/api/v1/rooms/{room.id}/tokens/", None).status_code == 200
