"""`rooms/{id}/tokens/`: rooms that are only for clients in their region."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from rooms.models import Room
from tests.conftest import Api
from tests.rooms.api.answers import invalid, problem, refused, wrong

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]

DENIED = problem(403, "region_denied", "This room is only for clients in EU.")


@pytest.fixture
def europe(room: Room) -> Room:
    Room.objects.update(region="EU")
    return room


def ask(backend: Api, room: Room, region: str | None) -> Any:
    where = {} if region is None else {"client_region": region}
    return backend.post(f"rooms/{room.id}/tokens/", {"user_id": "bob", **where})


def enter(caller: Api, room: Room, country: str | None) -> Any:
    headers = {} if country is None else {"cf-ipcountry": country}
    return caller("POST", f"rooms/{room.id}/tokens/", **headers)


@pytest.mark.parametrize("region", ["EU", None])
def test_backend_may_enter_clients_from_the_region_or_from_who_knows_where(
    backend: Api, europe: Room, region: str | None
) -> None:
    assert ask(backend, europe, region).status_code == 200


@pytest.mark.parametrize("region", ["CN", "AP", "NA", ""])
def test_backend_may_not_enter_clients_from_elsewhere(backend: Api, europe: Room, region: str) -> None:
    assert refused(ask(backend, europe, region)) == DENIED
    Room.objects.update(cross_region=True)
    assert ask(backend, europe, region).status_code == 200


@pytest.mark.parametrize("region", ["CN", "EU", ""])
def test_room_without_a_region_is_for_everywhere(backend: Api, room: Room, region: str) -> None:
    assert ask(backend, room, region).status_code == 200


def test_unknown_region_is_refused(backend: Api, room: Room) -> None:
    response = ask(backend, room, "XX")
    assert refused(response) == invalid(
        wrong("/client_region", "invalid_choice", '"XX" is not a valid choice.')
    )


@pytest.mark.parametrize(
    ("country", "admitted"),
    [("DE", True), ("fr", True), (None, True), ("US", False), ("CN", False), ("BR", False), ("XX", False)],
)
def test_country_of_the_proxy_decides_for_people(
    settings: Settings, as_user: AsUser, europe: Room, country: str | None, admitted: bool
) -> None:
    settings.CLIENT_COUNTRY_HEADER = "CF-IPCountry"
    response = enter(as_user("bob"), europe, country)
    if admitted:
        assert response.status_code == 200
    else:
        assert refused(response) == DENIED


def test_country_header_means_nothing_unless_set(as_user: AsUser, europe: Room) -> None:
    assert enter(as_user("bob"), europe, "US").status_code == 200


def test_country_of_the_backend_is_not_that_of_its_client(
    settings: Settings, backend: Api, europe: Room
) -> None:
    settings.CLIENT_COUNTRY_HEADER = "CF-IPCountry"
    path, body = f"rooms/{europe.id}/tokens/", {"user_id": "bob"}
    assert backend("POST", path, body, **{"cf-ipcountry": "US"}).status_code == 200
    foreign = {**body, "client_region": "NA"}
    assert refused(backend("POST", path, foreign, **{"cf-ipcountry": "DE"})) == DENIED


def test_ban_is_told_before_the_region(settings: Settings, as_user: AsUser, europe: Room) -> None:
    settings.CLIENT_COUNTRY_HEADER = "CF-IPCountry"
    response = enter(as_user("mallory"), europe, "US")
    assert refused(response) == problem(403, "banned", "You are banned from this room.")
