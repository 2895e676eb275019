"""Inspecting tickets and other JWTs."""

import json
import time
from typing import Any

import jwt
import pytest
from pytest_django import Settings

from rooms import tickets
from rooms.callers import TicketHolder
from rooms.channel_keys import new_secret
from rooms.inspection import inspect
from rooms.roles import Role
from tests.cast import identity_token
from tests.rooms.api.credentials import utc
from tests.rooms.foreign_tokens import unsigned_jwt

NOW = int(time.time())
SECRET, OLD_SECRET = "a-room-secret-for-test-runs-only", "the-room-secret-of-the-year-before"
NOT_OURS = "The ticket is not one of ours."
BOB = TicketHolder("bob", "room-1", Role.PUBLISHER, "Bob")


def ticket(secret: str = SECRET, **changes: Any) -> str:
    claims = jwt.decode(
        tickets.sign(BOB, issued_at=NOW, expires_at=NOW + 3600), options={"verify_signature": False}
    )
    return jwt.encode({**claims, **changes}, secret, "HS256")


def told(token: str, **expected: str) -> Any:
    report = inspect(token, now=NOW, **expected)
    assert report is not None
    assert not [secret for secret in (SECRET, OLD_SECRET) if secret in str(report)]
    return report


def report(*problems: str, kind: str = "ticket", **changes: Any) -> dict[str, Any]:
    claims = {
        "aud": "tokensvc:room",
        "sub": "bob",
        "name": "Bob",
        "room": "room-1",
        "role": "publisher",
        "iat": utc(NOW),
        "exp": utc(NOW + 3600),
    }
    return {"format": kind, "claims": {**claims, **changes}, "problems": list(problems)}


@pytest.mark.parametrize("names", [{}, {"uid": "bob"}, {"channel": "algebra-1"}], ids=repr)
def test_valid_ticket_is_reported_in_full(names: dict[str, str]) -> None:
    assert told(ticket(), **names) == report()


def test_ticket_of_another_user_is_a_problem() -> None:
    assert told(ticket(), uid="carol") == report("Its user id is bob, not carol.")


def test_expired_ticket_is_a_problem() -> None:
    expired = ticket(iat=NOW - 60, exp=NOW - 1)
    assert told(expired) == report("The ticket has expired.", iat=utc(NOW - 60), exp=utc(NOW - 1))


def test_ticket_of_a_clock_ahead_is_a_problem() -> None:
    said = told(ticket(iat=NOW + 90, exp=NOW + 3600))["problems"]
    assert said[-1] == "It was issued 90 s in the future: some clock is off."


def test_ticket_of_another_secret_is_a_problem() -> None:
    assert told(ticket(OLD_SECRET)) == report(NOT_OURS)


def test_ticket_of_a_retiring_secret_is_no_problem(settings: Settings) -> None:
    settings.ROOM_SECRET_RETIRING = [OLD_SECRET]
    assert told(ticket(OLD_SECRET)) == report()


def test_ticket_that_was_changed_is_a_problem() -> None:
    (header, _, signature), (_, claims, _) = (ticket(role=role).split(".") for role in ("publisher", "host"))
    assert told(f"{header}.{claims}.{signature}") == report(NOT_OURS, role="host")


def test_ticket_for_photon_is_reported_in_full() -> None:
    photon = tickets.sign_for_photon(BOB, "algebra-1", new_secret(), issued_at=NOW, expires_at=NOW + 3600)
    claims = jwt.decode(photon, options={"verify_signature": False})
    told_of_it = {"kind": "photon ticket", "aud": "tokensvc:photon", "channel": "algebra-1"}
    assert told(photon, uid="bob") == report(**told_of_it, sub=claims["sub"])
    forged = jwt.encode(claims, OLD_SECRET, "HS256")
    assert told(forged) == report(NOT_OURS, **told_of_it, sub=claims["sub"])


@pytest.mark.parametrize("audience", ["tokensvc", "tokensvc:other", ["tokensvc"]])
def test_token_for_another_use_is_no_ticket(audience: object) -> None:
    assert told(ticket(aud=audience)) == report(NOT_OURS, kind="jwt", aud=audience)


def test_token_of_the_identity_provider_is_reported_without_its_secret(settings: Settings) -> None:
    token = identity_token("carol", exp=NOW + 600, nbf=NOW, rooms={"room-1": "host"})
    said = told(token)
    assert said == {
        "format": "jwt",
        "claims": {
            "sub": "carol",
            "aud": "tokensvc",
            "exp": utc(NOW + 600),
            "nbf": utc(NOW),
            "rooms": {"room-1": "host"},
        },
        "problems": [NOT_OURS],
    }
    assert settings.IDENTITY_JWT_SECRET not in str(said)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"iat": "today", "exp": None, "nbf": [1]},
        {"iat": 10**30, "exp": -1},
        {"format": "ticket", "problems": []},
    ],
    ids=repr,
)
def test_claims_of_any_kind_are_reported_unchanged(claims: dict[str, Any]) -> None:
    token = unsigned_jwt(json.dumps(claims).encode())
    assert told(token) == {"format": "jwt", "claims": claims, "problems": [NOT_OURS]}
