"""Agora's notifications: signatures and parsing."""

import json
from typing import Any

import pytest

from rooms.agora.notifications import Became, Notification, UnreadableNotification, is_signed, parse

# RFC 2202 and RFC 4231, the second case of each.
BODY, SECRET = b"what do ya want for nothing?", "Jefe"
SHA1 = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
SHA256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"

TIME, SEQUENCE = 1_560_396_843, 1_625_051_030_746
LARGEST = 2**63 - 1
WHOLE = f"must be a whole number from 0 to {LARGEST}."


def notice(event: int, *, product: Any = 1, **payload: Any) -> dict[str, Any]:
    told = {"channelName": "algebra", "uid": 12, "platform": 1, "clientSeq": SEQUENCE, "ts": TIME, **payload}
    return {
        "noticeId": "2000001428:4330:107",
        "productId": product,
        "eventType": event,
        "notifyMs": 1_611_566_412_672,
        "payload": told,
    }


def read(body: Any) -> Notification | None:
    return parse(json.dumps(body).encode())


def test_both_signatures_together_are_good() -> None:
    assert is_signed(BODY, SECRET, sha1=SHA1, sha256=SHA256)


@pytest.mark.parametrize(
    ("body", "secret", "sha1", "sha256"),
    [
        (BODY + b" ", SECRET, SHA1, SHA256),
        (b"", SECRET, SHA1, SHA256),
        (BODY, "jefe", SHA1, SHA256),
        (BODY, SECRET, "", SHA256),
        (BODY, SECRET, SHA1, ""),
        (BODY, SECRET, "", ""),
        (BODY, SECRET, SHA256, SHA1),
        (BODY, SECRET, SHA256, SHA256),
        (BODY, SECRET, SHA1[:-1], SHA256),
        (BODY, SECRET, SHA1, SHA256[:-1] + "4"),
        (BODY, SECRET, SHA1[:-1] + "8", SHA256),
        (BODY, SECRET, SHA1 + "é", SHA256),
        (BODY, SECRET, SHA1, "é" * 64),
    ],
)
def test_anything_else_is_not(body: bytes, secret: str, sha1: str, sha256: str) -> None:
    assert not is_signed(body, secret, sha1=sha1, sha256=sha256)


@pytest.mark.parametrize(
    ("event", "became"),
    [
        (103, Became.BROADCASTER),
        (104, Became.ABSENT),
        (105, Became.AUDIENCE),
        (106, Became.ABSENT),
        (107, Became.BROADCASTER),
        (108, Became.ABSENT),
        (111, Became.BROADCASTER),
        (112, Became.AUDIENCE),
    ],
)
def test_event_has_the_new_state_of_a_user(event: int, became: Became) -> None:
    assert read(notice(event, account="k3f", reason=1, duration=600)) == Notification(
        "2000001428:4330:107", "algebra", became, TIME, uid=12, account="k3f", seq=SEQUENCE
    )


@pytest.mark.parametrize("account", [{}, {"account": None}, {"account": ""}])
def test_account_may_be_missing(account: dict[str, Any]) -> None:
    read_one = read(notice(103, **account))
    assert read_one is not None
    assert (read_one.uid, read_one.account) == (12, "")


def test_destroyed_channel_has_no_user() -> None:
    body = notice(102)
    body["payload"] = {"channelName": "algebra", "ts": TIME}
    assert read(body) == Notification("2000001428:4330:107", "algebra", Became.DESTROYED, TIME)


@pytest.mark.parametrize("event", [0, 1, 101, 109, 110, 113, 999])
def test_other_events_are_ignored(event: int) -> None:
    assert read(notice(event)) is None
    assert read({"productId": 1, "eventType": event}) is None


@pytest.mark.parametrize("product", [0, 2, 3, 4, 5, 12])
def test_other_products_are_ignored(product: int) -> None:
    assert read(notice(103, product=product)) is None
    assert read({"productId": product, "eventType": 103, "payload": []}) is None


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"a"', b"\xff", b"[" * 100_000, b'{"productId": ' + b"9" * 5000 + b"}"],
)
def test_body_must_be_a_json_object(body: bytes) -> None:
    with pytest.raises(UnreadableNotification) as caught:
        parse(body)
    assert (caught.value.field, str(caught.value)) == ("", "The body must be a JSON object.")


NUMBERS: list[Any] = [None, "1", 1.0, True, -1, LARGEST + 1, [], {}]
TEXTS: list[Any] = [1, [], "a\0b", "a\nb", "\ud800"]


@pytest.mark.parametrize("wrong", NUMBERS)
@pytest.mark.parametrize(
    "field", ["productId", "eventType", "payload/uid", "payload/clientSeq", "payload/ts"]
)
def test_number_must_be_whole(field: str, wrong: Any) -> None:
    assert_unreadable(field, wrong, f"{field} {WHOLE}")


@pytest.mark.parametrize("wrong", TEXTS)
@pytest.mark.parametrize("field", ["noticeId", "payload/channelName", "payload/account"])
def test_text_must_be_printable(field: str, wrong: Any) -> None:
    assert_unreadable(field, wrong, f"{field} must be printable text.")


@pytest.mark.parametrize("wrong", [None, [], "{}", 1])
def test_payload_must_be_an_object(wrong: Any) -> None:
    assert_unreadable("payload", wrong, "payload must be an object.")


@pytest.mark.parametrize("field", ["channelName", "uid", "clientSeq", "ts"])
def test_required_field_must_be_present(field: str) -> None:
    body = notice(103)
    del body["payload"][field]
    with pytest.raises(UnreadableNotification) as caught:
        read(body)
    assert caught.value.field == f"payload/{field}"


def assert_unreadable(field: str, wrong: Any, why: str) -> None:
    body = notice(103, account="k3f")
    *path, name = field.split("/")
    (body["payload"] if path else body)[name] = wrong
    with pytest.raises(UnreadableNotification) as caught:
        read(body)
    assert (caught.value.field, str(caught.value)) == (field, why)


@pytest.mark.parametrize("whole", [0, LARGEST])
def test_number_may_be_as_large_as_the_database_stores(whole: int) -> None:
    body = read(notice(103, clientSeq=whole))
    assert body is not None
    assert body.seq == whole
