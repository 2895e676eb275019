"""The `Authorization` header: its schemes, and API keys."""

import time
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from rest_framework_api_key.models import APIKey

from rooms import tickets
from rooms.callers import TicketHolder
from rooms.models import Room
from rooms.roles import Role
from tests.api import Api, problem, refused

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]

CHALLENGE = 'Api-Key realm="tokensvc", Bearer realm="tokensvc", Ticket realm="tokensvc"'
MISSING = problem(401, "not_authenticated", "Send an Authorization header with an Api-Key, Bearer or Ticket.")
BAD_KEY = problem(401, "invalid_credentials", "The API key is unknown or revoked.")
BAD_TICKET = problem(401, "invalid_credentials", "The ticket is not one of ours.")
WRONG_ADDRESS = problem(401, "invalid_credentials", "API keys are not accepted from this address.")


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Basic YTpi", "Token x", "ApiKey x", "Api-Key", "Ticket", "garbage"],
)
def test_missing_or_unknown_scheme_is_refused(room: Room, authorization: str | None) -> None:
    for path in ("rooms/", f"rooms/{room.id}/tokens/"):
        response = Api(authorization).post(path, {})
        assert refused(response) == MISSING
        assert response.headers["WWW-Authenticate"] == CHALLENGE


@pytest.mark.parametrize("spell", [str.lower, str.upper, str.title, str.swapcase])
def test_scheme_may_be_spelled_in_any_case(
    as_user: AsUser, backend: Api, room: Room, spell: Callable[[str], str]
) -> None:
    path = f"rooms/{room.id}/tokens/"
    bob = as_user("bob")
    ticket = f"Ticket {bob.post(path).json()['live']['ticket']}"
    for authorization, body in (
        (bob.authorization, {}),
        (ticket, {}),
        (backend.authorization, {"user_id": "bob"}),
    ):
        scheme, _, credential = str(authorization).partition(" ")
        assert Api(f"{spell(scheme)} {credential}").post(path, body).status_code == 200


@pytest.mark.parametrize("key", ["x", "x.y", ".", "é.é", "x" * 5000, "a b"])
def test_unknown_key_is_refused(db: None, key: str) -> None:
    assert refused(Api(f"Api-Key {key}").get("rooms/")) == BAD_KEY


def test_key_with_a_changed_secret_is_refused(backend: Api) -> None:
    key = str(backend.authorization)
    changed = key[:-1] + ("x" if key[-1] != "x" else "y")
    assert backend.get("rooms/").status_code == 200
    assert refused(Api(changed).get("rooms/")) == BAD_KEY


def test_revoked_key_is_refused_at_once(backend: Api) -> None:
    assert backend.get("rooms/").status_code == 200
    key = APIKey.objects.get()
    key.revoked = True
    key.save()
    response = backend.get("rooms/")
    assert refused(response) == BAD_KEY
    assert response.headers["WWW-Authenticate"] == CHALLENGE


def test_expired_key_is_refused(backend: Api) -> None:
    APIKey.objects.update(expiry_date=timezone.now() + timedelta(seconds=60))
    assert backend.get("rooms/").status_code == 200
    APIKey.objects.update(expiry_date=timezone.now() - timedelta(seconds=1))
    expired = problem(401, "expired_credentials", "The API key has expired.")
    assert refused(backend.get("rooms/")) == expired


def call_from(address: str, authorization: str | None) -> Any:
    client = Client(headers={"authorization": authorization or ""}, REMOTE_ADDR=address)
    return client.get("/api/v1/rooms/")


@pytest.mark.parametrize(
    ("address", "admitted"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("::ffff:a01:203", True),
        ("2001:db8::1", True),
        ("11.1.2.3", False),
        ("::ffff:11.1.2.3", False),
        ("::10.1.2.3", False),
        ("2001:db9::1", False),
        ("", False),
        ("unix:", False),
    ],
)
def test_key_is_accepted_from_backend_networks_only(
    settings: Settings, backend: Api, address: str, admitted: bool
) -> None:
    settings.BACKEND_NETWORKS = [ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")]
    response = call_from(address, backend.authorization)
    if admitted:
        assert response.status_code == 200
    else:
        assert refused(response) == WRONG_ADDRESS


def test_key_is_accepted_from_anywhere_unless_set(backend: Api) -> None:
    for address in ("10.1.2.3", "2001:db8::1", ""):
        assert call_from(address, backend.authorization).status_code == 200


class Unaddressed(Client):
    """A client without an address, as through a Unix socket."""

    def _base_environ(self, **request: Any) -> Any:
        environ = super()._base_environ(**request)  # type: ignore[misc]  # the stubs leave it out
        del environ["REMOTE_ADDR"]
        return environ


def test_caller_without_an_address_gets_the_same_answer(settings: Settings, backend: Api) -> None:
    headers = {"authorization": str(backend.authorization)}
    assert Unaddressed(headers=headers).get("/api/v1/rooms/").status_code == 200
    bad = Unaddressed(headers={"authorization": "Api-Key x.y"}, raise_request_exception=False)
    assert refused(bad.get("/api/v1/rooms/")) == BAD_KEY
    settings.BACKEND_NETWORKS = [ip_network("10.0.0.0/8")]
    caller = Unaddressed(headers=headers, raise_request_exception=False)
    assert refused(caller.get("/api/v1/rooms/")) == WRONG_ADDRESS


def test_backend_networks_do_not_restrict_users(settings: Settings, as_user: AsUser, room: Room) -> None:
    settings.BACKEND_NETWORKS = [ip_network("10.0.0.0/8")]
    assert as_user("bob").post(f"rooms/{room.id}/tokens/").status_code == 200


def test_ticket_that_was_changed_is_refused(as_user: AsUser, room: Room) -> None:
    path = f"rooms/{room.id}/tokens/"
    ticket = as_user("bob").post(path).json()["live"]["ticket"]
    header, payload, signature = ticket.split(".")
    for forged in (f"{header}.{payload[:-2]}.{signature}", f"{header}.{payload}.{signature[::-1]}"):
        assert refused(Api(f"Ticket {forged}").post(path)) == BAD_TICKET


def test_ticket_expires_without_leeway(room: Room) -> None:
    now = int(time.time())
    bob = TicketHolder("bob", room.id, Role.PUBLISHER)
    ticket = tickets.sign(bob, issued_at=now - 60, expires_at=now - 1)
    expired = problem(401, "expired_credentials", "The ticket has expired.")
    assert refused(Api(f"Ticket {ticket}").post(f"rooms/{room.id}/tokens/")) == expired


@pytest.mark.parametrize("ticket", ["x", "x.y.z", "é", "..", "eyJhbGciOiJub25lIn0.e30."])
def test_ticket_of_anybody_else_is_refused(room: Room, ticket: str) -> None:
    assert refused(Api(f"Ticket {ticket}").post(f"rooms/{room.id}/tokens/")) == BAD_TICKET


def test_credentials_of_one_scheme_are_none_of_another(as_user: AsUser, room: Room) -> None:
    path = f"rooms/{room.id}/tokens/"
    bob = as_user("bob")
    identity = str(bob.authorization).partition(" ")[2]
    ticket = bob.post(path).json()["live"]["ticket"]
    assert refused(Api(f"Ticket {identity}").post(path)) == BAD_TICKET
    assert refused(Api(f"Bearer {ticket}").post(path))["code"] == "invalid_credentials"


def test_user_tokens_are_refused_until_a_provider_is_configured(
    settings: Settings, as_user: AsUser, room: Room
) -> None:
    bob = as_user("bob")
    settings.IDENTITY_JWT_SECRET = ""
    response = bob.post(f"rooms/{room.id}/tokens/")
    detail = "User tokens are not configured here."
    assert refused(response) == problem(401, "invalid_credentials", detail)
