"""Generated requests of the backend and of a host, validated against the OpenAPI document with all checks.

`SCHEMATHESIS_EXAMPLES` is the number of random requests per operation and caller, in addition to systematic
ones. With 100 or more, there are at least 3,000 requests in total.
"""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from pytest_django import Settings
from rest_framework_api_key.models import APIKey
from schemathesis.core import NotSet
from schemathesis.core.parameters import ParameterLocation

from moderation.models import ParticipantState
from rooms.invites import hash_code
from rooms.models import Invite, Member, Room
from rooms.policy import policy_at
from rooms.roles import Role
from tests.cast import identity_token
from tests.running_room import come_in

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "5"))
ROOM, INVITE, CODE, ALIAS = "the-room", "the-invite", "the code", "the-alias"
LATER = "2999-01-01T00:00:00Z"
OFTEN = (10**9, 60)

Case = schemathesis.Case[Any]

made: Counter[str] = Counter()

schema = schemathesis.openapi.from_wsgi(
    "/api/schema/", get_wsgi_application(), headers={"Host": "testserver"}
)
schema.config.generation.update(
    # Null characters are refused everywhere; JSON Schema would need a pattern for each string.
    allow_x00=False,
    # Unknown query parameters are ignored; unknown fields of a body are refused.
    allow_extra_parameters=False,
    # The tests set the credentials; the check `ignored_auth` tries others.
    with_security_parameters=False,
)

thorough = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Keep the connection: Django would close it between requests because it is in a transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def world(db: None, settings: Settings, _one_connection: None) -> None:
    """A room that generated requests can use, without throttles."""
    settings.AUTH_FAILURE_RATE = settings.TOKEN_RATE = settings.REDEEM_RATE = OFTEN
    policy_at.cache_clear()  # an earlier test may have ended the same room at the same version
    room = Room.objects.create(id=ROOM)
    Member.objects.appoint(room, "alice", Role.HOST)
    Member.objects.appoint(room, "0", Role.PUBLISHER)
    Invite.objects.create(id=INVITE, room=room, code_hash=hash_code(CODE))
    come_in(room, "0")
    ParticipantState.objects.update(alias=ALIAS)


class Caller(NamedTuple):
    """The credentials, and the body for a token request that has none."""

    authorization: str
    token_body: dict[str, Any]


@pytest.fixture
def caller(world: None, request: pytest.FixtureRequest) -> Caller:
    if request.param == "host":
        return Caller(f"Bearer {identity_token('alice')}", {})
    _, key = APIKey.objects.create_key(name="shop")
    return Caller(f"Api-Key {key}", {"user_id": "dave"})


# pytest's parameter makes the ids unique; without one, pytest-xdist would run only the last operation.
@pytest.mark.parametrize("caller", ["backend", "host"], indirect=True)
@schema.parametrize()
@thorough
def test_responses_match_the_schema(case: Case, caller: Caller) -> None:
    steer(case, caller.token_body)
    check(case, caller.authorization)


def test_enough_requests_were_generated() -> None:
    print("Generated requests:", made.total(), dict(made))  # noqa: T201 (for the log of a long run)
    if not made:
        pytest.skip("no requests were generated in this run")
    assert made.total() >= (3000 if EXAMPLES >= 100 else 500)


def check(case: Case, authorization: str) -> None:
    made[case.operation.label] += 1
    case.call_and_validate(headers={"Authorization": authorization, "Host": "testserver"})


def steer(case: Case, token_body: dict[str, Any]) -> None:
    """Point valid requests at existing objects, and set values that a schema cannot express.

    Parts that were made invalid on purpose are kept.
    """
    if not negated(case, ParameterLocation.PATH):
        _aim(case.path_parameters)
    if not negated(case, ParameterLocation.QUERY):
        case.query.pop("cursor", None)  # only cursors from a response are valid
    if isinstance(case.body, NotSet) and token_body and case.operation.label.endswith("/tokens/"):
        case.body = dict(token_body)
    if isinstance(case.body, dict):
        # Names are trimmed before their length is checked.
        case.body = {
            key: value.strip() if isinstance(value, str) else value for key, value in case.body.items()
        }
        if not negated(case, ParameterLocation.BODY):
            case.body = _sensible(case.operation.label, case.body, token_body)


def negated(case: Case, location: ParameterLocation) -> bool:
    return case.meta is not None and case.meta.is_negative_at(location)


def _aim(path_parameters: dict[str, Any]) -> None:
    """Use the existing room, invite and alias in three of four requests."""
    for name, real in (("room_id", ROOM), ("invite_id", INVITE), ("alias", ALIAS)):
        if name in path_parameters and len(str(path_parameters[name])) % 4:
            path_parameters[name] = real


def _sensible(label: str, body: dict[str, Any], token_body: dict[str, Any]) -> dict[str, Any]:
    if label.endswith("/tokens/"):
        # `user_id` is required from the backend and not allowed from users.
        kept = {name: value for name, value in body.items() if name not in {"user_id", "client_region"}}
        return body if token_body and "user_id" in body else {**kept, **token_body}
    if label.endswith("/redeem/") and len(body["code"]) % 2:
        return {**body, "code": CODE}
    if label.endswith("/kick/"):
        return {**body, "ban": True}
    if body.get("ends_at"):
        return {**body, "ends_at": LATER}
    return _sensible_member(body) if "/members/" in label else body


def _sensible_member(body: dict[str, Any]) -> dict[str, Any]:
    """A banned member is no assistant, and only a ban has an end, which is in the future."""
    if body["role"] == "banned":
        return {**body, "assistant": False, "until": LATER if body.get("until") else None}
    return {**body, "until": None}
