"""`POST /agora/notifications/`, called over HTTP as Agora's notification centre does: refusals."""

import json
from itertools import count
from typing import Any

import pytest
from pytest_django import Settings

from rooms.models import Room
from tests.api import problem
from tests.cast import alias_of
from tests.moderation.agora import channel_of
from tests.moderation.api.agora_notifier import SECRET, AgoraNotifier, Answer, notice, taken
from tests.running_room import bob_is_in, happened
from tests.tokensvc.processes import REQUIRED, run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.present("bob")]

UNSIGNED = problem(401, "invalid_credentials", "Both signatures have to be those of the body.")
NOTHING = problem(404, "not_found", "There is nothing at /agora/notifications/.")
WHOLE = f"must be a whole number from 0 to {2**63 - 1}."


def refusal_of(answer: Answer) -> Any:
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.status == answer.json["status"]
    return answer.json


def unreadable(field: str, detail: str) -> Any:
    pointer = f"#/{field}" if field else "#"
    return problem(400, "invalid", detail, {"pointer": pointer, "code": "invalid", "detail": detail})


@pytest.mark.parametrize(
    "signed",
    [
        {},
        {"Agora-Signature": True},
        {"Agora-Signature-V2": True},
        {"Agora-Signature": True, "Agora-Signature-V2": ""},
        {"Agora-Signature": True, "Agora-Signature-V2": "0" * 64},
        {"Agora-Signature": "0" * 40, "Agora-Signature-V2": True},
        {"Agora-Signature": "é" * 40, "Agora-Signature-V2": True},
    ],
)
def test_both_signatures_are_needed(notifier: AgoraNotifier, running: Room, signed: dict[str, Any]) -> None:
    body = json.dumps(notice(103, channel_of(running), account=alias_of(running, "bob"))).encode()
    good = notifier.signatures(body)
    headers = {name: good[name] if value is True else value for name, value in signed.items()}
    answer = notifier.post(body, headers)
    assert refusal_of(answer) == UNSIGNED
    assert not bob_is_in()
    assert notifier.post(body, good).status == 200
    assert bob_is_in()


def test_signature_of_another_secret_is_refused(notifier: AgoraNotifier, running: Room) -> None:
    body = json.dumps(notice(103, channel_of(running), account=alias_of(running, "bob"))).encode()
    assert refusal_of(notifier.post(body, notifier.signatures(body, "another-secret"))) == UNSIGNED
    assert happened(running, since=1) == []


def test_body_is_signed_as_it_was_sent(notifier: AgoraNotifier, running: Room) -> None:
    """The same JSON in another spacing, or with other escapes, is another body."""
    told = notice(103, channel_of(running), account=alias_of(running, "bob"), extra="é")
    forms = [
        json.dumps(told).encode(),
        json.dumps(told, separators=(",", ":")).encode(),
        json.dumps(told, indent=2).encode(),
        json.dumps(told, ensure_ascii=False).encode(),
    ]
    for signed in forms:
        for sent in forms:
            if sent != signed:
                assert refusal_of(notifier.post(sent, notifier.signatures(signed))) == UNSIGNED, (
                    sent,
                    signed,
                )
    assert [notifier.post(form).status for form in forms] == [200] * 4


def test_guessing_is_slowed_down_and_agora_is_not(
    notifier: AgoraNotifier, running: Room, settings: Settings
) -> None:
    settings.AUTH_FAILURE_RATE = (2, 86_400)
    answers = [notifier.post(b"{}", {}) for _ in range(3)]
    assert [answer.json["code"] for answer in answers] == ["invalid_credentials"] * 2 + ["throttled"]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert taken(notifier.notify(103, channel_of(running), account=alias_of(running, "bob")))


def test_without_a_secret_there_is_nothing(
    notifier: AgoraNotifier, running: Room, settings: Settings
) -> None:
    settings.AGORA_NOTIFICATION_SECRET = ""
    body = json.dumps(notice(103, channel_of(running), account=alias_of(running, "bob"))).encode()
    for headers in ({}, notifier.signatures(body), notifier.signatures(body, "\0")):
        assert refusal_of(notifier.post(body, headers)) == NOTHING
    assert happened(running, since=1) == []


def test_retries_end_once_a_notice_is_taken(
    notifier: AgoraNotifier, running: Room, settings: Settings
) -> None:
    settings.AGORA_NOTIFICATION_SECRET = "not-yet-the-right-one"
    tries = count(1)
    notifier.between_tries = lambda: setattr(
        settings, "AGORA_NOTIFICATION_SECRET", SECRET if next(tries) == 2 else "still-not"
    )
    answers = notifier.notify(103, channel_of(running), account=alias_of(running, "bob"))
    assert [answer.status for answer in answers] == [401, 401, 200]
    assert bob_is_in()


def test_notice_that_is_never_taken_is_tried_four_times(
    notifier: AgoraNotifier, running: Room, settings: Settings
) -> None:
    settings.AGORA_NOTIFICATION_SECRET = ""
    assert [answer.status for answer in notifier.notify(103, channel_of(running))] == [404] * 4


@pytest.mark.parametrize(
    ("path", "value", "detail"),
    [
        ("noticeId", 1, "noticeId must be printable text."),
        ("productId", "1", f"productId {WHOLE}"),
        ("eventType", None, f"eventType {WHOLE}"),
        ("payload", "{}", "payload must be an object."),
        ("payload/channelName", "a\0b", "payload/channelName must be printable text."),
        ("payload/uid", "12", f"payload/uid {WHOLE}"),
        ("payload/account", 12, "payload/account must be printable text."),
        ("payload/clientSeq", 2**63, f"payload/clientSeq {WHOLE}"),
        ("payload/ts", 1.5, f"payload/ts {WHOLE}"),
    ],
)
def test_wrong_field_is_named(
    notifier: AgoraNotifier, running: Room, path: str, value: Any, detail: str
) -> None:
    told = notice(103, channel_of(running), account=alias_of(running, "bob"))
    *parent, name = path.split("/")
    (told["payload"] if parent else told)[name] = value
    assert refusal_of(notifier.post(json.dumps(told).encode())) == unreadable(path, detail)
    assert happened(running, since=1) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"not JSON", b"\xff\xfe", b"[" * 100_000])
def test_body_that_is_no_object_is_refused(notifier: AgoraNotifier, body: bytes) -> None:
    assert refusal_of(notifier.post(body)) == unreadable("", "The body must be a JSON object.")


def test_body_that_is_far_too_long_is_refused(notifier: AgoraNotifier) -> None:
    assert refusal_of(notifier.post(b" " * 3_000_000))["code"] == "invalid"


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_refused(notifier: AgoraNotifier, method: str) -> None:
    answer = notifier.post(b"", method=method)
    assert refusal_of(answer) == problem(405, "method_not_allowed", f'Method "{method}" not allowed.')
    assert answer.headers["Allow"] == "POST, OPTIONS"


def test_while_the_database_is_away_agora_is_told_to_come_again() -> None:
    process = run(
        "-m",
        "tests.moderation.api.notified_without_database",
        **REQUIRED,
        AGORA_NOTIFICATION_SECRET=SECRET,
        ALLOWED_HOSTS="testserver",
        DEBUG="true",
        DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing",
    )
    assert process.stderr == ""
    assert json.loads(process.stdout) == [
        503,
        "2",
        problem(503, "unavailable", "The database does not answer just now."),
    ]
