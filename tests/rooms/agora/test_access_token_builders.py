"""006 tokens compared with those of Agora's builders, for the same salt and times."""

import time
from typing import Any

import pytest
from agora_token_builder import RtcTokenBuilder, RtmTokenBuilder
from agora_token_builder.AccessToken import AccessToken as Builder
from agora_token_builder.RtcTokenBuilder import Role_Publisher, Role_Subscriber

from rooms.agora import Rtc, Rtm
from rooms.agora.access_token import sign
from tests.rooms.agora.decoders import Token006
from tests.rooms.agora.samples import APP_006, APP_ID, CERTIFICATE, MOMENT

DAY = 24 * 3600


def ours_at_the_moment_of(token: str, service: Rtc | Rtm, expires_at: int) -> str:
    theirs = Builder()
    assert theirs.fromString(token) is True
    issued_at = theirs.ts - DAY
    return sign(APP_006, service, issued_at=issued_at, expires_in=expires_at - issued_at, salt=theirs.salt)


@pytest.mark.parametrize("uid", [1, 42, 2**32 - 1, "k3f", "42", " !#$%&()+-:;<=.>?@[]^_{}|~,"])
@pytest.mark.parametrize(
    ("role", "kind"), [(Role_Publisher, Rtc.publisher), (Role_Subscriber, Rtc.subscriber)]
)
def test_rtc_token_is_that_of_agoras_builder(role: int, kind: Any, uid: int | str) -> None:
    expires_at = int(time.time()) + 3600
    build = RtcTokenBuilder.buildTokenWithUid
    theirs = build(APP_ID, CERTIFICATE, "algebra-1", uid, role, expires_at)

    assert ours_at_the_moment_of(theirs, kind("algebra-1", uid), expires_at) == theirs


@pytest.mark.parametrize("user_id", ["k3f", "r" * 64])
def test_rtm_token_is_that_of_agoras_builder(user_id: str) -> None:
    expires_at = int(time.time()) + 3600
    theirs = RtmTokenBuilder.buildToken(APP_ID, CERTIFICATE, user_id, 1, expires_at)

    assert ours_at_the_moment_of(theirs, Rtm(user_id), expires_at) == theirs


@pytest.mark.parametrize(
    "service", [Rtc.publisher("algebra-1", "k3f"), Rtc.subscriber("algebra-1", 42)], ids=repr
)
def test_rtc_token_is_that_of_agoraiotools(service: Rtc) -> None:
    theirs = Token006(APP_ID, CERTIFICATE, service.channel, service.uid)
    theirs.salt, theirs.ts = MOMENT["salt"], MOMENT["issued_at"] + DAY
    for privilege in service.privileges:
        theirs.addPrivilege(privilege, MOMENT["issued_at"] + MOMENT["expires_in"])

    assert theirs.build() == sign(APP_006, service, **MOMENT)
