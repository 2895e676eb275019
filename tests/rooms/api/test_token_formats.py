"""`rooms/{id}/tokens/`: the tokens agree with the answer, in every format."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from rooms.agora import Rtc, access_token, access_token2
from rooms.models import Room
from tests.api import Api
from tests.rooms.api.credentials import check_006, check_007, expected

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]

CHECKS = {"007": check_007, "006": check_006}
PUBLISHER, SUBSCRIBER = (1, 2, 3, 4), (1,)
CAST = {"alice": ("host", PUBLISHER), "bob": ("publisher", PUBLISHER), "carol": ("subscriber", SUBSCRIBER)}


@pytest.mark.parametrize("screen", [False, True], ids=["alone", "with-screen"])
@pytest.mark.parametrize("uid_type", ["account", "uid"])
@pytest.mark.parametrize("version", ["007", "006"])
@pytest.mark.parametrize("user_id", CAST)
def test_tokens_agree_with_the_answer(
    settings: Settings,
    as_user: AsUser,
    room: Room,
    *,
    user_id: str,
    version: str,
    uid_type: str,
    screen: bool,
) -> None:
    settings.AGORA_TOKEN_VERSION = version
    Room.objects.update_with_version(uid_type=uid_type)
    role, privileges = CAST[user_id]
    response = as_user(user_id).post(f"rooms/{room.id}/tokens/", {"screen": screen})
    answer = response.json()
    assert response.status_code == 200
    assert answer == expected(answer, room, user_id, role, screen=screen)
    assert answer["agora"]["rtc_token"].startswith(version)
    assert isinstance(answer["agora"]["uid"], int if uid_type == "uid" else str)
    CHECKS[version](answer, privileges)


@pytest.mark.parametrize("version", ["007", "006"])
def test_lower_role_has_fewer_privileges_in_the_token(
    settings: Settings, as_user: AsUser, room: Room, version: str
) -> None:
    settings.AGORA_TOKEN_VERSION = version
    answer = as_user("alice").post(f"rooms/{room.id}/tokens/", {"role": "subscriber"}).json()
    assert answer == expected(answer, room, "alice", "subscriber")
    CHECKS[version](answer, SUBSCRIBER)


@pytest.mark.parametrize("uid_type", ["account", "uid"])
def test_second_request_gives_other_tokens_for_the_same_identity(
    as_user: AsUser, room: Room, uid_type: str
) -> None:
    Room.objects.update_with_version(uid_type=uid_type)
    one, other = (as_user("bob").post(f"rooms/{room.id}/tokens/", {"screen": True}).json() for _ in range(2))
    for path in (("rtc_token",), ("screen", "rtc_token")):
        assert _at(one, path) != _at(other, path)
    for path in (("channel",), ("uid",), ("rtm_user_id",), ("screen", "uid")):
        assert _at(one, path) == _at(other, path)
    assert one["agora"]["uid"] != one["agora"]["screen"]["uid"]


def _at(answer: dict[str, dict[str, object]], path: tuple[str, ...]) -> object:
    value: object = answer["agora"]
    for step in path:
        assert isinstance(value, dict)
        value = value[step]
    return value


def test_token_of_one_room_names_nothing_of_another(settings: Settings, as_user: AsUser, room: Room) -> None:
    other = Room.objects.create(name="Algebra 1")
    bob = as_user("bob")
    here, there = (bob.post(f"rooms/{place.id}/tokens/").json()["agora"] for place in (room, other))
    rtc, rtm = access_token2.parse(here["rtc_token"]).services
    assert rtc == Rtc(room.channel, here["uid"], PUBLISHER)
    assert other.channel not in repr((rtc, rtm))
    assert there["uid"] not in repr((rtc, rtm))
    settings.AGORA_TOKEN_VERSION = "006"
    older = access_token.parse(bob.post(f"rooms/{room.id}/tokens/").json()["agora"]["rtc_token"])
    assert not older.names_channel(other.channel)


def test_tokens_are_signed_with_the_first_certificate(
    settings: Settings, as_user: AsUser, room: Room
) -> None:
    retiring, settings.AGORA_APP_CERTIFICATE = settings.AGORA_APP_CERTIFICATE, "f" * 32
    settings.AGORA_APP_CERTIFICATE_RETIRING = [retiring]
    answer = as_user("bob").post(f"rooms/{room.id}/tokens/").json()
    check_007(answer, PUBLISHER)
    assert not access_token2.parse(answer["agora"]["rtc_token"]).signed_by(retiring)
