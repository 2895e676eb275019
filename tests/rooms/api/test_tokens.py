"""`rooms/{id}/tokens/`: the answer as a whole, and its times."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from rooms.models import Room
from tests.api import NO_ROOM, Api, problem, refused
from tests.rooms.api.credentials import expected, seconds

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]


def test_user_gets_everything_the_room_needs(as_user: AsUser, room: Room) -> None:
    response = as_user("bob").post(f"rooms/{room.id}/tokens/")
    answer = response.json()
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert answer == expected(answer, room, "bob", "publisher")
    assert "bob" not in answer["agora"]["uid"]


def test_backend_gets_the_classroom_for_any_user(backend: Api, room: Room) -> None:
    body = {"user_id": "https://id.example/dave 🦊", "role": "host", "name": "Dave"}
    response = backend.post(f"rooms/{room.id}/tokens/", body)
    answer = response.json()
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert answer == expected(answer, room, body["user_id"], "host", name="Dave")


def test_ticket_renews_for_the_same_person(as_user: AsUser, room: Room) -> None:
    first = as_user("bob", name="Bob").post(f"rooms/{room.id}/tokens/", {"role": "subscriber"}).json()
    again = Api(f"Ticket {first['live']['ticket']}").post(f"rooms/{room.id}/tokens/").json()
    assert again == expected(again, room, "bob", "publisher", name="Bob")
    assert again["user"]["alias"] == first["user"]["alias"]


def test_ticket_role_holds_without_a_member_record(as_user: AsUser, room: Room) -> None:
    dave = as_user("dave", rooms={room.id: "publisher"})
    first = dave.post(f"rooms/{room.id}/tokens/", {"role": "subscriber"}).json()
    again = Api(f"Ticket {first['live']['ticket']}").post(f"rooms/{room.id}/tokens/").json()
    assert again == expected(again, room, "dave", "subscriber")


def test_name_is_what_was_asked_for(as_user: AsUser, room: Room) -> None:
    answer = as_user("bob").post(f"rooms/{room.id}/tokens/", {"name": " Bob 🦊 "}).json()
    assert answer == expected(answer, room, "bob", "publisher", name="Bob 🦊")


def test_verified_name_wins_over_one_that_was_asked_for(as_user: AsUser, room: Room) -> None:
    answer = as_user("bob", name="Bob").post(f"rooms/{room.id}/tokens/", {"name": "The teacher"}).json()
    assert answer == expected(answer, room, "bob", "publisher", name="Bob")


def test_room_is_described_as_it_is_now(backend: Api, as_user: AsUser, room: Room) -> None:
    body = {"name": "Geometry", "region": "AP", "audio_limit": 3, "video_limit": 0}
    backend("PATCH", f"rooms/{room.id}/", body)
    answer = as_user("bob").post(f"rooms/{room.id}/tokens/").json()
    assert answer == expected(answer, room, "bob", "publisher")
    assert answer["room"] == {"id": room.id, "name": "Geometry", "region": "AP"}
    assert answer["limits"] == {"audio": 3, "video": 0}


@pytest.mark.parametrize(("ttl", "ahead"), [(120, 30), (1000, 250), (1200, 300), (86400, 300)])
def test_token_ttl_sets_expiry_and_renewal(as_user: AsUser, room: Room, ttl: int, ahead: int) -> None:
    Room.objects.update_with_version(token_ttl=ttl)
    answer = as_user("bob").post(f"rooms/{room.id}/tokens/").json()
    assert answer == expected(answer, room, "bob", "publisher", lifetime=ttl)
    assert seconds(answer["expires_at"]) - seconds(answer["renew_at"]) == ahead


def test_credentials_end_with_the_room(as_user: AsUser, room: Room) -> None:
    ends_at = timezone.now() + timedelta(seconds=1000)
    Room.objects.update_with_version(ends_at=ends_at)
    answer = as_user("bob").post(f"rooms/{room.id}/tokens/").json()
    lifetime = answer["expires_in"]
    assert 990 <= lifetime <= 1000
    assert seconds(answer["expires_at"]) <= ends_at.timestamp()
    assert answer == expected(answer, room, "bob", "publisher", lifetime=lifetime)


def test_later_end_of_the_room_does_not_stretch_them(as_user: AsUser, room: Room) -> None:
    Room.objects.update_with_version(ends_at=timezone.now() + timedelta(days=2), token_ttl=600)
    assert as_user("bob").post(f"rooms/{room.id}/tokens/").json()["expires_in"] == 600


def test_live_url_is_that_of_the_request_unless_set(settings: Settings, as_user: AsUser, room: Room) -> None:
    authorization = as_user("bob").authorization
    assert authorization
    client = Client(headers={"authorization": authorization, "host": "localhost:8443"})

    def url(*, secure: bool = False) -> str:
        answer = client.generic("POST", f"/api/v1/rooms/{room.id}/tokens/", secure=secure).json()
        return str(answer["live"]["url"])

    assert url() == f"ws://localhost:8443/ws/rooms/{room.id}/"
    assert url(secure=True) == f"wss://localhost:8443/ws/rooms/{room.id}/"
    settings.LIVE_URL = "wss://live.example/base"
    assert url() == f"wss://live.example/base/ws/rooms/{room.id}/"


def test_rotate_channel_gives_everybody_another_identity(backend: Api, as_user: AsUser, room: Room) -> None:
    before = as_user("bob").post(f"rooms/{room.id}/tokens/").json()
    backend.post(f"rooms/{room.id}/rotate-channel/")
    after = as_user("bob").post(f"rooms/{room.id}/tokens/").json()
    assert after == expected(after, room, "bob", "publisher")
    assert after["agora"]["channel"] != before["agora"]["channel"]
    assert after["user"]["alias"] != before["user"]["alias"]


def test_unknown_room_is_refused(backend: Api, as_user: AsUser) -> None:
    nowhere = problem(404, "room_not_found", NO_ROOM)
    assert refused(as_user("bob").post("rooms/nothing/tokens/")) == nowhere
    assert refused(as_user("bob").post("rooms/a%00b/tokens/")) == nowhere
    assert refused(backend.post("rooms/nothing/tokens/", {"user_id": "bob", "role": "host"})) == nowhere
