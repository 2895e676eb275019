"""`rooms/{id}/tokens/`: third-party decoders agree with the answer and verify the signature."""

from collections.abc import Callable
from datetime import datetime
from itertools import product
from typing import Any

import pytest
from django.conf import settings as configured
from pytest_django import Settings

from rooms.models import Room
from tests.api import Api
from tests.rooms.agora.decoders import Token006
from tests.rooms.agora.test_peers import as_json, needs_node, told_by_agoraiotools, told_by_node

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]
Answer = dict[str, Any]

PRIVILEGES = {"alice": (1, 2, 3, 4), "bob": (1, 2, 3, 4), "carol": (1,)}
EVERY_WAY_IN = pytest.mark.parametrize(
    ("user_id", "uid_type", "screen"), list(product(PRIVILEGES, ["account", "uid"], [False, True]))
)


def fetch(as_user: AsUser, room: Room, user_id: str, uid_type: str, screen: bool) -> Answer:
    Room.objects.update_with_version(uid_type=uid_type)
    answer: Answer = as_user(user_id).post(f"rooms/{room.id}/tokens/", {"screen": screen}).json()
    return answer


def rtc_tokens(answer: Answer) -> dict[str, str]:
    """The tokens for the channel, by uid."""
    agora = answer["agora"]
    both = [agora, agora["screen"]] if agora["screen"] else [agora]
    return {str(one["uid"]): one["rtc_token"] for one in both}


# --- 007 -------------------------------------------------------------------------------------------------


def services(answer: Answer, uid: str, privileges: tuple[int, ...]) -> list[dict[str, Any]]:
    agora, lifetime = answer["agora"], answer["expires_in"]
    rtc = {
        "type": 1,
        "privileges": dict.fromkeys(privileges, lifetime),
        "channel_name": agora["channel"],
        "uid": uid,
    }
    rtm = {"type": 2, "privileges": {1: lifetime}, "user_id": agora["rtm_user_id"]}
    return [rtc, rtm] if uid == str(agora["uid"]) else [rtc]


@EVERY_WAY_IN
def test_agoraiotools_reads_007_as_answered(
    as_user: AsUser, room: Room, user_id: str, uid_type: str, screen: bool
) -> None:
    answer = fetch(as_user, room, user_id, uid_type, screen)
    for uid, token in rtc_tokens(answer).items():
        told = told_by_agoraiotools(token)
        assert told["services"] == services(answer, uid, PRIVILEGES[user_id])
        assert (told["app_id"], told["expires_in"]) == (answer["agora"]["app_id"], answer["expires_in"])


@needs_node
@EVERY_WAY_IN
def test_agora_token_reads_007_as_answered_and_finds_it_signed(
    as_user: AsUser, room: Room, user_id: str, uid_type: str, screen: bool
) -> None:
    answer = fetch(as_user, room, user_id, uid_type, screen)
    tokens = rtc_tokens(answer)
    told = told_by_node(*tokens.values(), certificate=configured.AGORA_APP_CERTIFICATE)
    assert [(one["services"], one["expires_in"], one["signed"]) for one in told] == [
        (as_json(services(answer, uid, PRIVILEGES[user_id])), answer["expires_in"], True) for uid in tokens
    ]


# --- 006 -------------------------------------------------------------------------------------------------


def names(answer: Answer) -> list[tuple[str, str, str, bool]]:
    """Each 006 token with the channel and the uid it is for, and whether it is for Signaling."""
    agora = answer["agora"]
    rtc = [(token, agora["channel"], uid, False) for uid, token in rtc_tokens(answer).items()]
    return [*rtc, (agora["rtm_token"], agora["rtm_user_id"], "", True)]


def lasting(answer: Answer, user_id: str, for_rtm: bool) -> dict[int, int]:
    """The privileges, each with its absolute end."""
    end = int(datetime.fromisoformat(answer["expires_at"]).timestamp())
    return dict.fromkeys((1000,) if for_rtm else PRIVILEGES[user_id], end)


@EVERY_WAY_IN
def test_agoraiotools_reads_006_as_answered_and_signs_the_same(
    settings: Settings, as_user: AsUser, room: Room, user_id: str, uid_type: str, screen: bool
) -> None:
    settings.AGORA_TOKEN_VERSION = "006"
    answer = fetch(as_user, room, user_id, uid_type, screen)
    for token, channel, uid, for_rtm in names(answer):
        theirs = Token006(answer["agora"]["app_id"], settings.AGORA_APP_CERTIFICATE, channel, uid)
        assert theirs.fromString(token)
        assert theirs.messages == lasting(answer, user_id, for_rtm)
        assert theirs.build() == token


@needs_node
@EVERY_WAY_IN
def test_agora_token_reads_006_as_answered_and_signs_the_same(
    settings: Settings, as_user: AsUser, room: Room, user_id: str, uid_type: str, screen: bool
) -> None:
    settings.AGORA_TOKEN_VERSION = "006"
    answer = fetch(as_user, room, user_id, uid_type, screen)
    tokens = names(answer)
    questions = [{"token": token, "channel": channel, "uid": uid} for token, channel, uid, _ in tokens]
    told = told_by_node(*questions, certificate=settings.AGORA_APP_CERTIFICATE, script="rebuild.js")
    for one, (*_, for_rtm) in zip(told, tokens, strict=True):
        assert one == {
            "app_id": answer["agora"]["app_id"],
            "privileges": as_json(lasting(answer, user_id, for_rtm)),
            "signed": True,
        }
