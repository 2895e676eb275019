"""The expected answer to a token request, and the expected content of its tokens."""

import time
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from rooms.agora import Rtc, Rtm, access_token, access_token2
from rooms.channel_keys import alias, media_key, screen_alias
from rooms.models import Room, Uid

# The words of the web SDK, and the codes of the native ones (docs.agora.io, geofencing).
AREAS = {
    "": ("GLOBAL", 0xFFFFFFFF),
    "CN": ("CHINA", 0x1),
    "AP": ("ASIA", 0x8),
    "EU": ("EUROPE", 0x4),
    "NA": ("NORTH_AMERICA", 0x2),
}
OTHER_CERTIFICATE = "0" * 32


def seconds(time_text: str) -> int:
    return int(datetime.fromisoformat(time_text).timestamp())


def utc(unix_time: int) -> str:
    return datetime.fromtimestamp(unix_time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def expected(
    answer: dict[str, Any],
    room: Room,
    user_id: str,
    role: str,
    *,
    name: str = "",
    screen: bool = False,
    lifetime: int = 86400,
) -> dict[str, Any]:
    """The whole expected answer, with time of issue, tokens and ticket of the given one."""
    room = Room.objects.get(pk=room.pk)
    secret = bytes(room.channel_secret)
    issued_at = seconds(answer["issued_at"])
    assert time.time() - 300 < issued_at <= time.time()
    given, mine = answer["agora"], alias(secret, user_id)
    web_area, native_area = AREAS[room.region]
    return {
        "room": {"id": room.id, "name": room.name, "region": room.region},
        "user": {"id": user_id, "alias": mine, "name": name, "role": role},
        "issued_at": utc(issued_at),
        "renew_at": utc(issued_at + lifetime - min(300, lifetime // 4)),
        "expires_at": utc(issued_at + lifetime),
        "expires_in": lifetime,
        "agora": {
            "app_id": settings.AGORA_APP_ID,
            "channel": room.channel,
            "uid": _uid(room, user_id, screen=False),
            "uid_type": room.uid_type,
            "rtc_token": given["rtc_token"],
            "rtm_user_id": mine,
            "rtm_token": given["rtm_token"],
            "area": {"areaCode": [web_area]},
            "native_area_code": native_area,
            "encryption": _encryption(room),
            "screen": _screen(room, user_id, given) if screen else None,
        },
        "photon": None,
        "classroom": None,
        "live": {
            "url": f"ws://testserver/ws/rooms/{room.id}/",
            "protocol": "tokensvc.v1",
            "ticket": answer["live"]["ticket"],
        },
        "limits": {"audio": room.audio_limit, "video": room.video_limit},
    }


def _uid(room: Room, user_id: str, *, screen: bool) -> int | str:
    if room.uid_type == "uid":
        return Uid.objects.get(channel=room.channel, user_id=user_id, screen=screen).number
    return (screen_alias if screen else alias)(bytes(room.channel_secret), user_id)


def _encryption(room: Room) -> dict[str, str] | None:
    if room.encryption == "none":
        return None
    derived = media_key(bytes(room.channel_secret))
    return {"mode": room.encryption, "key": derived.key, "salt": derived.salt}


def _screen(room: Room, user_id: str, given: dict[str, Any]) -> dict[str, Any]:
    return {"uid": _uid(room, user_id, screen=True), "rtc_token": given["screen"]["rtc_token"]}


def check_007(answer: dict[str, Any], privileges: tuple[int, ...]) -> None:
    """Assert that both tokens are one, for exactly the services in the answer; the screen's likewise."""
    agora = answer["agora"]
    assert agora["rtm_token"] == agora["rtc_token"]
    services: tuple[Rtc | Rtm, ...] = (
        Rtc(agora["channel"], str(agora["uid"]), privileges),
        Rtm(agora["rtm_user_id"]),
    )
    _check_one_007(answer, agora["rtc_token"], services)
    if screen := agora["screen"]:
        _check_one_007(answer, screen["rtc_token"], (Rtc(agora["channel"], str(screen["uid"]), privileges),))


def _check_one_007(answer: dict[str, Any], token: str, services: tuple[Rtc | Rtm, ...]) -> None:
    read = access_token2.parse(token)
    lifetime = answer["expires_in"]
    assert read.app_id == answer["agora"]["app_id"]
    assert (read.issued_at, read.expires_in) == (seconds(answer["issued_at"]), lifetime)
    assert read.services == services
    assert read.expiries == tuple(dict.fromkeys(service.privileges, lifetime) for service in services)
    assert read.signed_by(settings.AGORA_APP_CERTIFICATE)
    assert not read.signed_by(OTHER_CERTIFICATE)


def check_006(answer: dict[str, Any], privileges: tuple[int, ...]) -> None:
    """Assert that each token is for its one service; privilege 1000 is the login to Signaling."""
    agora = answer["agora"]
    _check_one_006(answer, agora["rtc_token"], agora["channel"], str(agora["uid"]), privileges)
    _check_one_006(answer, agora["rtm_token"], agora["rtm_user_id"], "", (1000,))
    if screen := agora["screen"]:
        _check_one_006(answer, screen["rtc_token"], agora["channel"], str(screen["uid"]), privileges)


def _check_one_006(
    answer: dict[str, Any], token: str, channel: str, uid: str, privileges: tuple[int, ...]
) -> None:
    read = access_token.parse(token)
    ends = seconds(answer["expires_at"])
    assert (read.app_id, read.expires_at) == (answer["agora"]["app_id"], ends)
    assert read.privileges == dict.fromkeys(privileges, ends)
    assert read.names_channel(channel)
    assert read.names_uid(uid)
    assert read.signed_by(settings.AGORA_APP_CERTIFICATE, channel, uid)
    assert not read.signed_by(OTHER_CERTIFICATE, channel, uid)
