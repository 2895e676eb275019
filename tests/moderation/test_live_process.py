"""Which processes count as dead, beside others and after a database outage."""

import pytest

from moderation.live import process_heartbeat
from moderation.models import LONGEST_OUTAGE, LiveProcess
from tests.running_room import after

pytestmark = pytest.mark.django_db

LONGEST = LONGEST_OUTAGE.total_seconds()
OUTAGES = [26, 30, 31, 45, LONGEST - 10]


def renew(process_id: str, seconds: float, *, after_outage: bool = False) -> None:
    LiveProcess.objects.renew(process_id, after(seconds), after_outage=after_outage)


def dead(seconds: float) -> set[str]:
    return set(LiveProcess.objects.dead(after(seconds)).values_list("pk", flat=True))


def test_no_process_is_dead_when_there_is_none(db: None) -> None:
    assert dead(0) == set()


def test_process_without_heartbeat_is_dead_after_a_lease_and_an_interval() -> None:
    renew("silent", 0)
    for seconds in range(0, 33, 2):
        renew("living", seconds)
        renew("another", seconds)
    assert dead(32) == set()
    renew("living", 32.1)
    assert dead(32.1) == {"silent"}


def test_dead_process_stays_dead_while_others_live() -> None:
    renew("silent", 0)
    for seconds in range(0, 3600, 5):
        renew("living", seconds)
    assert dead(3600) == {"silent"}


def test_process_with_a_new_heartbeat_is_alive() -> None:
    renew("silent", 0)
    for seconds in (0, 20, 40):
        renew("living", seconds)
    assert dead(40) == {"silent"}
    renew("silent", 41)
    assert dead(41) == set()


@pytest.mark.parametrize("outage", OUTAGES)
@pytest.mark.parametrize("order", [("one", "other"), ("other", "one")])
def test_outage_kills_no_process_whichever_is_back_first(order: tuple[str, str], outage: float) -> None:
    renew("one", 0)
    renew("other", 4.5)
    back = 5 + outage
    assert dead(back) == set()
    for seconds, process_id in zip((back, back + 4.5), order, strict=True):
        renew(process_id, seconds, after_outage=True)
        assert dead(seconds) == set()


@pytest.mark.parametrize("outage", OUTAGES)
def test_process_lost_in_an_outage_is_dead_a_lease_later(outage: float) -> None:
    renew("one", 0)
    renew("other", 4.5)
    back = 5 + outage
    for seconds in range(0, 41, 5):
        renew("one", back + seconds, after_outage=seconds == 0)
    assert dead(back + 40) == {"other"}


def test_process_that_was_dead_before_an_outage_is_dead_again_a_lease_later() -> None:
    renew("silent", 0)
    for seconds in range(0, 41, 5):
        renew("living", seconds)
    assert dead(40) == {"silent"}
    for seconds in range(85, 126, 5):
        renew("living", seconds, after_outage=seconds == 85)
    assert dead(125) == {"silent"}


def test_new_process_finds_all_others_dead_when_they_have_no_heartbeat() -> None:
    renew("killed", 0)
    assert dead(60) == set()
    renew("new", 60)
    assert dead(60) == {"killed"}


def test_process_silent_for_longer_than_the_longest_outage_is_dead() -> None:
    renew("one", 0)
    renew("other", 5)
    assert dead(LONGEST) == set()
    assert dead(LONGEST + 0.1) == {"one"}
    assert dead(LONGEST + 5.1) == {"one", "other"}


def test_first_heartbeat_after_longer_than_the_longest_outage_counts_for_one_process() -> None:
    renew("one", 0)
    renew("other", 0)
    renew("other", LONGEST + 1, after_outage=True)
    assert dead(LONGEST + 1) == {"one"}


def test_process_without_heartbeat_for_an_hour_is_deleted() -> None:
    for process_id, seconds in [("silent", 0), ("living", 1), ("living", 3600)]:
        process_heartbeat.renew(process_id, after(seconds))
    assert [process.pk for process in LiveProcess.objects.order_by("pk")] == ["living", "silent"]
    process_heartbeat.renew("living", after(3600.1))
    assert [process.pk for process in LiveProcess.objects.all()] == ["living"]
