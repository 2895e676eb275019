from dataclasses import replace

import pytest
from agora_token_builder.AccessToken import AccessToken as Builder

from rooms.agora import Rtc, Rtm
from rooms.agora.access_token import AccessToken, parse, sign
from tests.rooms.agora.decoders import Token006
from tests.rooms.agora.refusals import unusable
from tests.rooms.agora.samples import APP_006, APP_ID, CERTIFICATE, MOMENT, OLD_CERTIFICATE, RTC, RTM

# crc32 of "algebra-1", "k3f" and the empty string.
CHANNEL_CHECKSUM, UID_CHECKSUM = 0x26586FC7, 0xEB795C8E

KNOWN_TOKEN = (
    "006970ca35de60c44645bbae8a215061b33IADQ0h7iWjq4SehT/o1fxVJFe75p8KGJmy/LFrWAvKfFKMdvWCaOXHn"
    "rIgBOYbwAgEJVZQQAAQAQ/1NlAgAQ/1NlAwAQ/1NlBAAQ/1Nl"
)
KNOWN = AccessToken(
    app_id=APP_ID,
    expires_at=1_700_003_600,
    salt=12_345_678,
    privileges=dict.fromkeys((1, 2, 3, 4), 1_700_003_600),
    channel_checksum=CHANNEL_CHECKSUM,
    uid_checksum=UID_CHECKSUM,
    signature=bytes.fromhex("d0d21ee25a3ab849e853fe8d5fc552457bbe69f0a1899b2fcb16b580bca7c528"),
    message=b"".join(
        (
            b"\x4e\x61\xbc\x00" + b"\x80\x42\x55\x65" + b"\x04\x00",
            b"\x01\x00\x10\xff\x53\x65" + b"\x02\x00\x10\xff\x53\x65",
            b"\x03\x00\x10\xff\x53\x65" + b"\x04\x00\x10\xff\x53\x65",
        )
    ),
)


def unsigned_006(service: Rtc | Rtm, **changes: int) -> tuple[str, str]:
    return unusable(sign, APP_006, service, **{**MOMENT, **changes})


def test_token_of_known_values_is_the_known_token() -> None:
    assert sign(APP_006, RTC, **MOMENT) == KNOWN_TOKEN


def test_known_token_is_read_back_as_the_known_values() -> None:
    assert parse(KNOWN_TOKEN) == KNOWN
    assert parse(KNOWN_TOKEN).for_rtm is False


def test_rtm_token_is_read_back() -> None:
    token = parse(sign(APP_006, RTM, **MOMENT))

    assert token == replace(
        KNOWN,
        privileges={1000: 1_700_003_600},
        channel_checksum=UID_CHECKSUM,
        uid_checksum=0,
        signature=token.signature,
        message=token.message,
    )
    assert token.for_rtm is True
    assert token.signed_by(CERTIFICATE, "k3f", "")


def test_subscriber_may_join_and_nothing_else() -> None:
    token = parse(sign(APP_006, Rtc.subscriber("algebra-1", "k3f"), **MOMENT))

    assert token.privileges == {1: 1_700_003_600}


def test_token_names_its_channel_and_its_uid_only() -> None:
    names = "algebra-1", "k3f", "algebra-2", "", "*"

    assert [KNOWN.names_channel(name) for name in names] == [True, False, False, False, False]
    assert [KNOWN.names_uid(name) for name in names] == [False, True, False, False, False]


def test_signature_holds_for_the_certificate_the_channel_and_the_uid_together() -> None:
    assert KNOWN.signed_by(CERTIFICATE, "algebra-1", "k3f") is True
    assert KNOWN.signed_by(OLD_CERTIFICATE, "algebra-1", "k3f") is False
    assert KNOWN.signed_by(CERTIFICATE, "algebra-2", "k3f") is False
    assert KNOWN.signed_by(CERTIFICATE, "algebra-1", "k3g") is False
    assert KNOWN.signed_by(CERTIFICATE, "", "") is False


@pytest.mark.parametrize("uid", [1, 42, 2**32 - 1])
def test_number_makes_the_token_of_the_account_with_its_digits(uid: int) -> None:
    token = sign(APP_006, Rtc.publisher("algebra-1", uid), **MOMENT)

    assert token == sign(APP_006, Rtc.publisher("algebra-1", str(uid)), **MOMENT)
    assert parse(token).names_uid(str(uid))


def test_another_salt_makes_another_token() -> None:
    assert sign(APP_006, RTC, **{**MOMENT, "salt": 1}) != sign(APP_006, RTC, **{**MOMENT, "salt": 2})


@pytest.mark.parametrize(
    ("service", "refused"),
    [
        (Rtc.publisher("*", "k3f"), ("channel", "channel must not contain *: it is a wildcard")),
        (Rtc.publisher("", "k3f"), ("channel", "channel must have 1 to 63 characters")),
        (Rtc.publisher("algebra-1", 0), ("uid", "uid must be from 1 to 4294967295")),
        (Rtc.publisher("algebra-1", "0"), ("uid", "uid must not be 0: it stands for any user")),
        (
            Rtc("algebra-1", "k3f", ()),
            ("privileges", "privileges must be some of (1, 2, 3, 4), in this order"),
        ),
        (
            Rtc("algebra-1", "k3f", (1000,)),
            ("privileges", "privileges must be some of (1, 2, 3, 4), in this order"),
        ),
        (Rtm(""), ("rtm_user_id", "rtm_user_id must have 1 to 64 characters")),
        (Rtm("k3f", (2,)), ("privileges", "privileges must be some of (1,), in this order")),
    ],
    ids=repr,
)
def test_service_with_an_unusable_value_is_refused_by_its_field(
    service: Rtc | Rtm, refused: tuple[str, str]
) -> None:
    assert unsigned_006(service) == refused


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"salt": 0}, ("salt", "salt must be from 1 to 99999999")),
        ({"expires_in": 0}, ("expires_in", "expires_in must be from 1 to 86400 seconds")),
        ({"expires_in": 86401}, ("expires_in", "expires_in must be from 1 to 86400 seconds")),
        ({"issued_at": 2**32 - 86400}, ("issued_at", "issued_at must be a Unix time that fits 32 bits")),
    ],
    ids=repr,
)
def test_moment_out_of_bounds_is_refused(changes: dict[str, int], refused: tuple[str, str]) -> None:
    assert unsigned_006(RTC, **changes) == refused


def test_agoras_decoders_read_what_was_signed() -> None:
    theirs, others = Builder(), Token006()

    assert theirs.fromString(KNOWN_TOKEN) is True
    assert others.fromString(KNOWN_TOKEN) is True
    assert (theirs.salt, theirs.ts, theirs.messages) == (
        12_345_678,
        1_700_086_400,
        dict.fromkeys((1, 2, 3, 4), 1_700_003_600),
    )
    assert (others.salt, others.ts, others.messages) == (theirs.salt, theirs.ts, theirs.messages)
