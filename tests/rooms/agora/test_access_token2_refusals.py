from collections.abc import Sequence

import pytest

from rooms.agora import Apaas, Chat, Rtc, Rtm, Service
from rooms.agora.access_token2 import sign
from tests.rooms.agora.refusals import unusable
from tests.rooms.agora.samples import APAAS, APP, CHAT, MOMENT, RTC, RTM

WILDCARD = "must not contain *: it is a wildcard"
CHARACTER = "has a character Agora does not allow"


def unsigned_007(services: Sequence[Service], **changes: int) -> tuple[str, str]:
    return unusable(sign, APP, services, **{**MOMENT, **changes})


def test_no_services_are_refused() -> None:
    assert unsigned_007([]) == ("services", "services must not be empty")


@pytest.mark.parametrize("service", [RTC, RTM, CHAT, APAAS], ids=["rtc", "rtm", "chat", "apaas"])
def test_same_service_twice_is_refused(service: Service) -> None:
    refused = ("services", f"services name {service.title} twice")

    assert unsigned_007([service, service]) == refused
    assert unsigned_007([service, RTC, RTM, CHAT, APAAS]) == refused


@pytest.mark.parametrize(
    ("service", "field", "reason"),
    [
        (Rtc.publisher("*", "k3f"), "channel", WILDCARD),
        (Rtc.publisher("1*a", "k3f"), "channel", WILDCARD),
        (Rtc.publisher("", "k3f"), "channel", "must have 1 to 63 characters"),
        (Rtc.publisher("c" * 64, "k3f"), "channel", "must have 1 to 63 characters"),
        (Rtc.publisher("é", "k3f"), "channel", CHARACTER),
        (Rtc.subscriber("algebra-1", "*"), "uid", WILDCARD),
        (Rtc.subscriber("algebra-1", "1*a*2"), "uid", WILDCARD),
        (Rtc.subscriber("algebra-1", ""), "uid", "must have 1 to 255 characters"),
        (Rtc.subscriber("algebra-1", "a" * 256), "uid", "must have 1 to 255 characters"),
        (Rtc.subscriber("algebra-1", "0"), "uid", "must not be 0: it stands for any user"),
        (Rtc.subscriber("algebra-1", 0), "uid", "must be from 1 to 4294967295"),
        (Rtc.subscriber("algebra-1", 2**32), "uid", "must be from 1 to 4294967295"),
        (Rtc.subscriber("algebra-1", True), "uid", "must be from 1 to 4294967295"),
        (Rtm("*"), "rtm_user_id", WILDCARD),
        (Rtm(""), "rtm_user_id", "must have 1 to 64 characters"),
        (Rtm("r" * 65), "rtm_user_id", "must have 1 to 64 characters"),
        (Chat("k3*"), "chat_user_id", WILDCARD),
        (Chat(""), "chat_user_id", "must have 1 to 64 characters"),
        (Chat("k/3"), "chat_user_id", CHARACTER),
        (Apaas("*", "k3f", 1), "channel", WILDCARD),
        (Apaas("", "k3f", 1), "channel", "must have 1 to 63 characters"),
        (Apaas("algebra-1", "*", 1), "user_uuid", WILDCARD),
        (Apaas("algebra-1", "u" * 65, 1), "user_uuid", "must have 1 to 64 characters"),
        (Apaas("algebra-1", "k3f", -1), "role", "must be from 0 to 3"),
        (Apaas("algebra-1", "k3f", 4), "role", "must be from 0 to 3"),
    ],
    ids=repr,
)
def test_service_with_an_unusable_value_is_refused_by_its_field(
    service: Service, field: str, reason: str
) -> None:
    assert unsigned_007([service]) == (field, f"{field} {reason}")


@pytest.mark.parametrize("privileges", [(), (0,), (5,), (2, 1), (1, 1), (1, 2, 3, 4, 5), (1000,)])
def test_rtc_with_bad_privileges_is_refused(privileges: tuple[int, ...]) -> None:
    assert unsigned_007([Rtc("algebra-1", "k3f", privileges)]) == (
        "privileges",
        "privileges must be some of (1, 2, 3, 4), in this order",
    )


@pytest.mark.parametrize(
    ("service", "known"),
    [
        (Rtm("k3f", (2,)), "(1,)"),
        (Rtm("k3f", ()), "(1,)"),
        (Chat("k3f", (3,)), "(1, 2)"),
        (Apaas("algebra-1", "k3f", 1, (4,)), "(1, 2, 3)"),
    ],
    ids=repr,
)
def test_service_with_privileges_of_another_is_refused(service: Service, known: str) -> None:
    assert unsigned_007([service]) == ("privileges", f"privileges must be some of {known}, in this order")


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"salt": 0}, "salt", "must be from 1 to 99999999"),
        ({"salt": 100_000_000}, "salt", "must be from 1 to 99999999"),
        ({"expires_in": 0}, "expires_in", "must be from 1 to 86400 seconds"),
        ({"expires_in": 86401}, "expires_in", "must be from 1 to 86400 seconds"),
        ({"issued_at": 0}, "issued_at", "must be a Unix time that fits 32 bits"),
        ({"issued_at": 2**32 - 86400}, "issued_at", "must be a Unix time that fits 32 bits"),
    ],
    ids=repr,
)
def test_moment_out_of_bounds_is_refused(changes: dict[str, int], field: str, reason: str) -> None:
    assert unsigned_007([RTC], **changes) == (field, f"{field} {reason}")
