"""`rooms/{id}/tokens/` and `invites/redeem/`: rooms that are only for clients in their region."""

import json
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from itertools import product
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from rooms.models import Room
from tests.api import Api, invalid, problem, refused, wrong
from tests.rooms.api.credentials import AREAS, expected

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]
Entering = Callable[..., Any]

PROXY, SECOND_PROXY, STRANGER = "10.1.0.1", "10.1.0.2", "198.51.100.7"
# A country of each region, and one outside it.
COUNTRIES = {"CN": "CN", "AP": "JP", "EU": "DE", "NA": "US"}
ELSEWHERE = {"CN": "US", "AP": "CN", "EU": "JP", "NA": "DE"}

_client = Client(raise_request_exception=False)


def denied(region: str) -> Any:
    return problem(403, "region_denied", f"This room is only for clients in {region}.")


@pytest.fixture(autouse=True)
def _proxies(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = [ip_network("10.1.0.0/24")]
    settings.CLIENT_COUNTRY_HEADER = "CF-IPCountry"


@pytest.fixture
def europe(room: Room) -> Room:
    Room.objects.update_with_version(region="EU")
    return room


def send(caller: Api, path: str, body: Any, country: str | None, address: str = PROXY, **more: str) -> Any:
    """Send the request as a proxy at `address` forwards it."""
    headers = {"authorization": caller.authorization or "", "x-forwarded-for": STRANGER, **more}
    if country is not None:
        headers["cf-ipcountry"] = country
    data = json.dumps(body)
    return _client.generic(
        "POST",
        f"/api/v1/{path}",
        data,
        content_type="application/json",
        headers=headers,
        REMOTE_ADDR=address,
    )


# --- People: a trusted proxy reports their country ------------------------------------------------------


@pytest.fixture(params=["user", "guest", "ticket"])
def enter(request: pytest.FixtureRequest, as_user: AsUser, backend: Api, room: Room) -> Entering:
    """Every way to enter: a user token, an invite, and renewing with a ticket."""
    path, bob = f"rooms/{room.id}/tokens/", as_user("bob")
    if request.param == "user":
        return lambda *told: send(bob, path, {}, *told)
    if request.param == "guest":
        code = backend.post(f"rooms/{room.id}/invites/", {"max_uses": 1}).json()["code"]
        return lambda *told: send(Api(), "invites/redeem/", {"code": code}, *told)
    ticket = Api(f"Ticket {bob.post(path).json()['live']['ticket']}")
    return lambda *told: send(ticket, path, {}, *told)


@pytest.mark.parametrize("cross_region", [False, True])
@pytest.mark.parametrize("region", COUNTRIES)
def test_person_in_the_region_is_admitted(
    enter: Entering, room: Room, *, region: str, cross_region: bool
) -> None:
    Room.objects.update_with_version(region=region, cross_region=cross_region)
    response = enter(COUNTRIES[region])
    answer = response.json()
    assert response.status_code == 200
    assert answer["room"]["region"] == region
    user = answer["user"]
    assert answer == expected(answer, room, user["id"], user["role"])


def outside(region: str) -> Iterator[tuple[str, tuple[str | None, str]]]:
    yield "another region", (ELSEWHERE[region], PROXY)
    yield "no region", ("BR", PROXY)
    yield "no header", (None, PROXY)
    yield "an empty header", ("", PROXY)
    yield "a country nobody knows", ("XX", PROXY)
    yield "Tor", ("T1", PROXY)
    yield "two headers", (f"{COUNTRIES[region]},{ELSEWHERE[region]}", PROXY)
    yield "spoofed", (COUNTRIES[region], STRANGER)
    yield "spoofed in the proxy's own form", (COUNTRIES[region], "::ffff:198.51.100.7")
    yield "nobody's address", (COUNTRIES[region], "")


CASES = {f"{region}: {case}": (region, told) for region in COUNTRIES for case, told in outside(region)}


@pytest.mark.parametrize(("region", "told"), CASES.values(), ids=CASES)
def test_person_outside_or_of_unknown_region_needs_cross_region(
    enter: Entering, room: Room, region: str, told: tuple[str | None, str]
) -> None:
    Room.objects.update_with_version(region=region)
    # With an invite of one use, a refusal that used it up would show.
    assert refused(enter(*told)) == denied(region)
    Room.objects.update_with_version(cross_region=True)
    assert enter(*told).status_code == 200


@pytest.mark.parametrize("told", [(None, PROXY), ("US", PROXY), ("US", STRANGER)])
def test_room_without_a_region_admits_from_everywhere(
    enter: Entering, room: Room, told: tuple[str | None, str]
) -> None:
    assert enter(*told).status_code == 200


@pytest.mark.parametrize("told", [(None, PROXY), ("US", PROXY), ("US", STRANGER)])
def test_region_is_unknown_unless_the_header_is_configured(
    settings: Settings, enter: Entering, europe: Room, told: tuple[str | None, str]
) -> None:
    settings.CLIENT_COUNTRY_HEADER = ""
    assert enter(*told).status_code == 200


@pytest.mark.parametrize("country", ["de", "De", "FR"])
def test_country_may_be_written_in_any_case(enter: Entering, europe: Room, country: str) -> None:
    assert enter(country).status_code == 200


@pytest.mark.parametrize("address", [PROXY, SECOND_PROXY, "::ffff:10.1.0.1"])
@pytest.mark.parametrize("name", ["CF-IPCountry", "cf-ipcountry", "X-Country", "X_Country"])
def test_header_is_taken_from_every_trusted_proxy_however_it_is_set(
    settings: Settings, as_user: AsUser, europe: Room, address: str, name: str
) -> None:
    settings.CLIENT_COUNTRY_HEADER = name
    path, header = f"rooms/{europe.id}/tokens/", {name.replace("_", "-"): "DE"}
    assert send(as_user("bob"), path, {}, None, address, **header).status_code == 200
    assert refused(send(as_user("bob"), path, {}, None, STRANGER, **header)) == denied("EU")


def test_ban_is_refused_before_the_region(as_user: AsUser, europe: Room) -> None:
    response = send(as_user("mallory"), f"rooms/{europe.id}/tokens/", {}, "US")
    assert refused(response) == problem(403, "banned", "You are banned from this room.")


@pytest.mark.parametrize("field", ["client_region", "region", "country"])
def test_person_cannot_send_a_region(as_user: AsUser, europe: Room, field: str) -> None:
    response = send(as_user("bob"), f"rooms/{europe.id}/tokens/", {field: "EU"}, "US")
    assert refused(response) == invalid(wrong(f"/{field}", "unknown", "This field cannot be set."))


# --- The backend: sends its client's region -------------------------------------------------------------


def ask(backend: Api, room: Room, region: str | None, country: str | None = None) -> Any:
    where = {} if region is None else {"client_region": region}
    return send(backend, f"rooms/{room.id}/tokens/", {"user_id": "bob", **where}, country)


@pytest.mark.parametrize(("region", "client_region"), list(product(COUNTRIES, [*COUNTRIES, ""])))
def test_backend_sends_its_clients_region(backend: Api, room: Room, region: str, client_region: str) -> None:
    Room.objects.update_with_version(region=region)
    response = ask(backend, room, client_region)
    if client_region == region:
        assert response.status_code == 200
    else:
        assert refused(response) == denied(region)
    Room.objects.update_with_version(cross_region=True)
    assert ask(backend, room, client_region).status_code == 200


@pytest.mark.parametrize("cross_region", [False, True])
@pytest.mark.parametrize("region", COUNTRIES)
def test_backend_without_a_region_is_admitted(
    backend: Api, room: Room, *, region: str, cross_region: bool
) -> None:
    Room.objects.update_with_version(region=region, cross_region=cross_region)
    assert ask(backend, room, None).status_code == 200


def test_country_of_the_backend_is_not_that_of_its_client(backend: Api, europe: Room) -> None:
    assert ask(backend, europe, None, "US").status_code == 200
    assert ask(backend, europe, "EU", "US").status_code == 200
    assert refused(ask(backend, europe, "NA", "DE")) == denied("EU")


@pytest.mark.parametrize("region", ["CN", "EU", ""])
def test_room_without_a_region_is_for_everywhere(backend: Api, room: Room, region: str) -> None:
    assert ask(backend, room, region).status_code == 200


def test_unknown_region_is_refused(backend: Api, room: Room) -> None:
    assert refused(ask(backend, room, "XX")) == invalid(
        wrong("/client_region", "invalid_choice", '"XX" is not a valid choice.')
    )


# --- The area in the answer -----------------------------------------------------------------------------


@pytest.mark.parametrize("region", AREAS)
def test_area_is_agoras_name_on_the_web_and_its_code_elsewhere(
    as_user: AsUser, room: Room, region: str
) -> None:
    Room.objects.update_with_version(region=region, cross_region=True)
    agora = as_user("bob").post(f"rooms/{room.id}/tokens/").json()["agora"]
    web, native = AREAS[region]
    assert (agora["area"], agora["native_area_code"]) == ({"areaCode": [web]}, native)
