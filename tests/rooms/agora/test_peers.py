"""Third-party decoders read our tokens: `agoraiotools` from PyPI, `agora-token` from npm."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rooms.agora import Apaas, Chat, Rtc, Rtm, Service, access_token2
from tests.rooms.agora.decoders import Token007
from tests.rooms.agora.samples import (
    APP,
    APP_ID,
    CERTIFICATE,
    LONGEST,
    MOMENT,
    OLD_CERTIFICATE,
    RTM,
    SERVICES,
    body,
    token_of,
)

NODE = shutil.which("node")
MODULES = Path(__file__).parents[3] / "bench" / "peers" / "node_modules"

needs_node = pytest.mark.skipif(
    os.environ.get("REQUIRE_PEERS") != "1" and not (NODE and (MODULES / "agora-token").is_dir()),
    reason="needs node and `npm ci` in bench/peers",
)

SETS_OF_SERVICES: dict[str, tuple[Service, ...]] = {
    "subscriber": (Rtc.subscriber("algebra-1", "k3f"), RTM),
    "publisher": (Rtc.publisher("algebra-1", "k3f"), RTM),
    "number": (Rtc.publisher("algebra-1", 2**32 - 1),),
    "rtm": (RTM,),
    "every service": SERVICES,
    "longest": LONGEST,
    "odd characters": (Rtc.publisher(" !#$%&()+-:;<=.>?@[]^_{}|~,", "[0]"), Rtm("~")),
}
EACH_SET = pytest.mark.parametrize("services", SETS_OF_SERVICES.values(), ids=SETS_OF_SERVICES)


def token_for(services: tuple[Service, ...]) -> str:
    return access_token2.sign(APP, services, **MOMENT)


def expected(services: tuple[Service, ...]) -> dict[str, Any]:
    return {"app_id": APP_ID, **MOMENT, "services": [expected_service(service) for service in services]}


def expected_service(service: Service) -> dict[str, Any]:
    ends = dict.fromkeys(service.privileges, MOMENT["expires_in"])
    return {"type": service.type, "privileges": ends, **fields(service)}


def fields(service: Service) -> dict[str, Any]:
    match service:
        case Rtc():
            return {"channel_name": service.channel, "uid": str(service.uid)}
        case Rtm() | Chat():
            return {"user_id": service.user_id}
        case Apaas():
            return {"room_uuid": service.room_uuid, "user_uuid": service.user_uuid, "role": service.role}
    raise AssertionError(service)


# --- Python ----------------------------------------------------------------------------------------------


def read_by_agoraiotools(token: str) -> Any:
    theirs = Token007()
    assert theirs.from_string(token) is True
    return theirs


def told_by_agoraiotools(token: str) -> dict[str, Any]:
    hidden = vars(read_by_agoraiotools(token))
    return {
        "app_id": hidden["_AccessToken__app_id"].decode(),
        "issued_at": hidden["_AccessToken__issue_ts"],
        "expires_in": hidden["_AccessToken__expire"],
        "salt": hidden["_AccessToken__salt"],
        "services": [told_service(service) for service in hidden["_AccessToken__service"].values()],
    }


def told_service(service: object) -> dict[str, Any]:
    hidden = {name.rpartition("__")[2]: value for name, value in vars(service).items()}
    return {name: value.decode() if isinstance(value, bytes) else value for name, value in hidden.items()}


@EACH_SET
def test_agoraiotools_reads_what_was_signed(services: tuple[Service, ...]) -> None:
    assert told_by_agoraiotools(token_for(services)) == expected(services)


@EACH_SET
def test_agoraiotools_signs_the_same_bytes(services: tuple[Service, ...]) -> None:
    token = token_for(services)
    theirs = read_by_agoraiotools(token)
    theirs._AccessToken__app_id, theirs._AccessToken__app_cert = APP_ID, CERTIFICATE

    rebuilt = theirs.build()

    assert body(rebuilt) == body(token)
    assert access_token2.parse(rebuilt) == access_token2.parse(token)


# --- Node ------------------------------------------------------------------------------------------------


def told_by_node(*tokens: Any, certificate: str = CERTIFICATE, script: str = "decode.js") -> list[Any]:
    assert NODE, "node is missing"
    assert (MODULES / "agora-token").is_dir(), f"{MODULES} lacks agora-token: run npm ci in bench/peers"
    question = {"modules": str(MODULES), "certificate": certificate, "tokens": tokens}
    answer = subprocess.run(
        [NODE, str(Path(__file__).with_name(script))],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    told: list[Any] = json.loads(answer.stdout)
    return told


def as_json(value: object) -> Any:
    return json.loads(json.dumps(value))


@needs_node
def test_agora_token_reads_what_was_signed_and_finds_it_signed() -> None:
    assert told_by_node(*map(token_for, SETS_OF_SERVICES.values())) == [
        as_json({**expected(services), "signed": True}) for services in SETS_OF_SERVICES.values()
    ]


@needs_node
def test_agora_token_finds_no_signature_of_another_certificate() -> None:
    assert told_by_node(token_for(SERVICES), certificate=OLD_CERTIFICATE) == [
        as_json({**expected(SERVICES), "signed": False})
    ]


@needs_node
def test_agora_token_finds_no_signature_when_the_role_is_changed() -> None:
    honest = body(token_for(SERVICES))
    forged = token_of(honest[:-2] + b"\x01\x00")  # The last field is the role of the last service.
    told = expected(SERVICES)
    told["services"][-1]["role"] = 1

    assert told_by_node(forged) == [as_json({**told, "signed": False})]
    assert access_token2.parse(forged).signed_by(CERTIFICATE) is False
