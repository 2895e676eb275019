"""`POST /agora/notifications/`, called over HTTP as Agora's notification centre does."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from moderation.models import ParticipantState
from rooms.models import Room
from tests.api import Api
from tests.cast import alias_of
from tests.moderation.agora import STRANGER, channel_of, stranger
from tests.moderation.api.agora_notifier import AgoraNotifier, notice, taken
from tests.running_room import bob_is_in, happened

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.present("bob")]

ENTER, LEAVE = ("enter_channel", None, "bob"), ("leave_channel", None, "bob")


@pytest.mark.parametrize("event", [103, 105, 107, 111, 112])
def test_whoever_enters_or_changes_role_is_in_the_channel(
    notifier: AgoraNotifier, running: Room, event: int
) -> None:
    assert taken(notifier.notify(event, channel_of(running), account=alias_of(running, "bob")))
    assert bob_is_in()
    assert happened(running, since=1) == [ENTER]


@pytest.mark.parametrize("event", [104, 106, 108])
@pytest.mark.parametrize("reason", [1, 2, 3, 4, 5, 6, 999])
def test_whoever_leaves_for_whatever_reason_is_not(
    notifier: AgoraNotifier, running: Room, event: int, reason: int
) -> None:
    channel, bob = channel_of(running), alias_of(running, "bob")
    notifier.notify(event - 1, channel, account=bob, clientSeq=1)
    assert taken(notifier.notify(event, channel, account=bob, clientSeq=2, reason=reason, duration=7))
    assert not bob_is_in()
    assert happened(running, since=1) == [ENTER, LEAVE]


def test_destroyed_channel_is_empty(notifier: AgoraNotifier, running: Room) -> None:
    channel = channel_of(running)
    assert taken(notifier.notify(101, channel))
    notifier.notify(103, channel, account=alias_of(running, "bob"))
    assert taken(notifier.notify(102, channel))
    assert happened(running, since=1) == [ENTER, LEAVE]


def test_notice_that_is_sent_twice_counts_once(notifier: AgoraNotifier, running: Room) -> None:
    channel, bob = channel_of(running), alias_of(running, "bob")
    entered, left = (
        notice(event, channel, account=bob, clientSeq=seq) for seq, event in enumerate((103, 104))
    )
    for told in (entered, entered, left, entered, left):
        assert taken(notifier.deliver(told))
    assert happened(running, since=1) == [ENTER, LEAVE]


def test_notices_count_in_the_order_of_the_client(notifier: AgoraNotifier, running: Room) -> None:
    channel, bob = channel_of(running), alias_of(running, "bob")
    for seq, event in ((1, 103), (4, 104), (3, 105), (2, 104)):
        assert taken(notifier.notify(event, channel, account=bob, clientSeq=seq))
    assert not bob_is_in()
    assert happened(running, since=1) == [ENTER, LEAVE]


def test_stranger_is_seen_in_the_document(notifier: AgoraNotifier, running: Room, backend: Api) -> None:
    notifier.notify(105, channel_of(running), account=STRANGER)
    shown = backend.get(f"rooms/{running.id}/moderation/").json()["participants"]
    assert stranger(role="subscriber") in shown
    assert len(shown) == 2


def test_console_can_test_the_address(notifier: AgoraNotifier, running: Room) -> None:
    assert taken(notifier.test())
    assert taken(notifier.notify(103, "test_webhook", uid=12_121_212))
    assert happened(running, since=1) == []


@pytest.mark.parametrize(("event", "product"), [(101, 1), (110, 1), (2, 1), (9999, 1), (103, 3)])
def test_other_events_and_products_change_nothing(
    notifier: AgoraNotifier, running: Room, event: int, product: int
) -> None:
    assert taken(
        notifier.notify(event, channel_of(running), product=product, account=alias_of(running, "bob"))
    )
    assert not bob_is_in()
    assert happened(running, since=1) == []


def test_channel_of_another_application_changes_nothing(notifier: AgoraNotifier, running: Room) -> None:
    assert taken(notifier.notify(103, "their-channel", account=alias_of(running, "bob")))
    assert happened(running, since=1) == []


def test_whole_numbers_of_any_size_that_fits_are_kept(notifier: AgoraNotifier, running: Room) -> None:
    largest = 2**63 - 1
    told: dict[str, Any] = {
        "account": alias_of(running, "bob"),
        "uid": 2**32 - 1,
        "clientSeq": largest,
        "ts": largest,
    }
    assert taken(notifier.notify(103, channel_of(running), **told))
    row = ParticipantState.objects.get(user_id="bob")
    assert (row.channel_seq, row.channel_at, row.channel_uid) == (largest, largest, 2**32 - 1)


def test_notices_that_come_at_once_are_all_taken(notifier: AgoraNotifier, running: Room) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("threads share one connection to SQLite's memory, where tests keep their rows")
    channel, bob = channel_of(running), alias_of(running, "bob")
    with ThreadPoolExecutor(8) as agoras:
        answers = list(
            agoras.map(
                lambda seq: notifier.notify(103 + seq % 2, channel, account=bob, clientSeq=seq), range(1, 41)
            )
        )
    assert all(taken(answer) for answer in answers)
    row = ParticipantState.objects.get(user_id="bob")
    assert (row.in_channel, row.channel_seq) == (True, 40)
