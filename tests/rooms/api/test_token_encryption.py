"""`rooms/{id}/tokens/` and `invites/redeem/`: the media key."""

import hmac
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from rooms.models import Room
from tests.api import Api
from tests.rooms.api.credentials import expected

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]

MODES = ["aes-128-gcm2", "aes-256-gcm2"]


def ask(caller: Api, room: Room, **body: Any) -> Any:
    answer = caller.post(f"rooms/{room.id}/tokens/", body).json()
    user = answer["user"]
    assert answer == expected(
        answer, room, user["id"], user["role"], name=user["name"], screen=body.get("screen", False)
    )
    return answer


def encryption(caller: Api, room: Room, **body: Any) -> Any:
    return ask(caller, room, **body)["agora"]["encryption"]


def of_secret(secret: bytes, mode: str) -> dict[str, str]:
    """The expected answer, by a separate HKDF (RFC 5869: SHA-256, no salt, one block)."""
    extracted = hmac.digest(b"\0" * 32, secret, "sha256")

    def expand(purpose: bytes) -> bytes:
        return hmac.digest(extracted, purpose + b"\x01", "sha256")

    key, salt = expand(b"tokensvc media key")[:24], expand(b"tokensvc media salt")
    return {"mode": mode, "key": urlsafe_b64encode(key).decode(), "salt": b64encode(salt).decode()}


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest, room: Room) -> str:
    Room.objects.update_with_version(encryption=request.param)
    return str(request.param)


def test_room_without_encryption_answers_null(as_user: AsUser, room: Room) -> None:
    assert encryption(as_user("bob"), room) is None


def test_encryption_is_derived_from_the_channels_secret(as_user: AsUser, room: Room, mode: str) -> None:
    Room.objects.update_with_version(channel_secret=b"s" * 32)
    given = encryption(as_user("bob"), room)
    assert given == of_secret(b"s" * 32, mode)
    assert given == {
        "mode": mode,
        "key": "ZdMq1SldmEM-jL-0wtPIY2CW9jTqMbIj",
        "salt": "xpFGNK28SGmLSiQXgx1PF1/fHBylPWfEvAOnH0oQZaA=",
    }


def test_encryption_has_the_format_of_agoras_sdks(as_user: AsUser, room: Room, mode: str) -> None:
    given = encryption(as_user("bob"), room)
    assert given.keys() == {"mode", "key", "salt"}
    assert given["mode"] == mode
    assert (len(given["key"]), given["key"].isascii(), given["key"].isprintable()) == (32, True, True)
    assert len(b64decode(given["salt"], validate=True)) == 32


@pytest.mark.parametrize("uid_type", ["account", "uid"])
def test_encryption_is_the_same_for_everybody_and_every_time(
    backend: Api, as_user: AsUser, anonymous: Api, room: Room, mode: str, uid_type: str
) -> None:
    Room.objects.update_with_version(uid_type=uid_type)
    first = ask(as_user("alice"), room)
    code = backend.post(f"rooms/{room.id}/invites/", {}).json()["code"]
    guest = anonymous.post("invites/redeem/", {"code": code}).json()
    given = [
        guest["agora"]["encryption"],
        encryption(as_user("bob"), room),
        encryption(as_user("bob"), room, role="subscriber", screen=True),
        encryption(backend, room, user_id="dave", role="host"),
        encryption(Api(f"Ticket {first['live']['ticket']}"), room),
        encryption(Api(f"Ticket {guest['live']['ticket']}"), room),
    ]
    assert given == [first["agora"]["encryption"]] * len(given)


def test_encryption_of_another_room_has_nothing_in_common(as_user: AsUser, room: Room, mode: str) -> None:
    other = Room.objects.create(encryption=mode)
    here, there = encryption(as_user("bob"), room), encryption(as_user("bob"), other)
    assert (here["key"] == there["key"], here["salt"] == there["salt"]) == (False, False)


def test_encryption_of_a_new_channel_has_nothing_in_common(
    backend: Api, as_user: AsUser, room: Room, mode: str
) -> None:
    before = encryption(as_user("bob"), room)
    assert backend.post(f"rooms/{room.id}/rotate-channel/").status_code == 200
    after = encryption(as_user("bob"), room)
    assert after["mode"] == mode
    assert (before["key"] == after["key"], before["salt"] == after["salt"]) == (False, False)


def test_encryption_outlasts_the_rotation_of_every_other_key(
    settings: Settings, as_user: AsUser, room: Room, mode: str
) -> None:
    before = encryption(as_user("bob"), room)
    settings.ROOM_SECRET = "the-room-secret-of-the-coming-year"
    settings.AGORA_APP_CERTIFICATE = "0123456789abcdef0123456789abcdef"
    settings.IDENTITY_JWT_SECRET = "the-identity-secret-of-the-coming-year"
    settings.SECRET_KEY = "the-secret-key-of-the-coming-year-the-secret-key-of-the-coming-year"
    assert encryption(as_user("bob"), room) == before


def test_encryption_outlasts_changes_that_keep_the_channel(
    backend: Api, as_user: AsUser, room: Room, mode: str
) -> None:
    before = encryption(as_user("bob"), room)
    backend("PATCH", f"rooms/{room.id}/", {"name": "Geometry", "region": "EU", "token_ttl": 86400})
    assert encryption(as_user("bob"), room) == before
