"""The `photon` part of the answer to a token request."""

import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from pytest_django import Settings

from rooms import tickets
from rooms.channel_keys import new_secret
from rooms.models import Room
from tests.api import Api
from tests.cast import alias_of
from tests.rooms.api.credentials import seconds
from tests.rooms.photon.callers import APP_ID, DASHBOARD, PhotonServer, fusion_call, realtime_call

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]


def enter(as_user: AsUser, room: Room, user_id: str = "bob", **claims: Any) -> dict[str, Any]:
    answer: dict[str, Any] = as_user(user_id, **claims).post(f"rooms/{room.id}/tokens/").json()
    return answer


def test_photon_is_null_unless_configured(as_user: AsUser, room: Room) -> None:
    assert enter(as_user, room)["photon"] is None


@pytest.mark.usefixtures("dashboard")
def test_client_gets_all_values_for_connecting_and_joining(as_user: AsUser, room: Room) -> None:
    answer = enter(as_user, room)
    assert answer["photon"] == {
        "app_id": APP_ID,
        "region": "eu",
        "room_name": room.channel,
        "user_id": alias_of(room, "bob"),
        "auth_type": 0,
        "auth_parameters": {"token": answer["photon"]["auth_parameters"]["token"]},
    }


@pytest.mark.usefixtures("dashboard")
def test_both_connections_show_the_same_person_in_the_same_room(as_user: AsUser, room: Room) -> None:
    answer = enter(as_user, room)
    assert answer["photon"]["room_name"] == answer["agora"]["channel"]
    assert answer["photon"]["user_id"] == answer["agora"]["uid"] == answer["user"]["alias"]


@pytest.mark.usefixtures("dashboard")
def test_ticket_is_for_this_person_room_and_channel_and_as_long_as_the_rest(
    as_user: AsUser, room: Room
) -> None:
    answer = enter(as_user, room, name="Bob")
    ticket = tickets.read_for_photon(answer["photon"]["auth_parameters"]["token"])
    holder = ticket.holder(bytes(room.channel_secret))
    assert holder == tickets.read(answer["live"]["ticket"])
    assert (holder.user_id, holder.room_id, holder.name) == ("bob", room.id, "Bob")
    assert holder.expires_at == seconds(answer["expires_at"])
    assert (ticket.room_id, ticket.channel) == (room.id, room.channel)


@pytest.mark.usefixtures("dashboard")
def test_photon_never_gets_the_user_id(as_user: AsUser, room: Room) -> None:
    grant = {room.id: "publisher"}
    photon = enter(as_user, room, "somebody-in-particular", rooms=grant)["photon"]
    ticket = photon["auth_parameters"]["token"]
    claims = jwt.decode(ticket, options={"verify_signature": False})
    assert "somebody-in-particular" not in json.dumps([photon, claims])
    with pytest.raises(ValueError, match="sealed with another secret"):
        tickets.read_for_photon(ticket).holder(new_secret())
    again = enter(as_user, room, "somebody-in-particular", rooms=grant)["photon"]
    sealed = jwt.decode(again["auth_parameters"]["token"], options={"verify_signature": False})["sub"]
    assert sealed != claims["sub"]


@pytest.mark.usefixtures("dashboard")
def test_rotated_channel_is_another_room_and_another_alias(as_user: AsUser, room: Room) -> None:
    before = enter(as_user, room)["photon"]
    room.rotate_channel()
    after = enter(as_user, room)["photon"]
    assert after["room_name"] == Room.objects.get().channel
    assert not {before["room_name"], before["user_id"]} & {after["room_name"], after["user_id"]}


@pytest.mark.usefixtures("dashboard")
def test_region_may_be_empty(settings: Settings, as_user: AsUser, room: Room) -> None:
    settings.PHOTON_REGION = ""
    assert enter(as_user, room)["photon"]["region"] == ""


@pytest.mark.django_db(transaction=True)
def test_one_answer_opens_the_connection_and_the_room(
    photon: PhotonServer, as_user: AsUser, room: Room
) -> None:
    given = enter(as_user, room)["photon"]
    told = photon.authenticate({**given["auth_parameters"], **DASHBOARD}).document
    assert told["UserId"] == given["user_id"]
    arrival = given["room_name"], told["UserId"], told["AuthCookie"]
    for hook in ("before-join", "create", "join"):
        assert photon.webhook(hook, realtime_call(hook, *arrival)).document["ResultCode"] == 0
    for hook in ("create", "join"):
        assert photon.game(hook, fusion_call(hook, *arrival)).status == 200
