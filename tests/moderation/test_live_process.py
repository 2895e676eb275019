"""Processes that hold sockets: which of them count as dead, beside others and after an outage."""

import pytest

from moderation.live import poller
from moderation.models import LONGEST_OUTAGE, LiveProcess
from tests.moderation.people import after

pytestmark = pytest.mark.django_db

LONGEST = LONGEST_OUTAGE.total_seconds()
OUTAGES = [26, 30, 31, 45, LONGEST - 10]


def renew(process_id: str, seconds: float, *, after_outage: bool = False) -> None:
    LiveProcess.objects.renew(process_id, after(seconds), after_outage=after_outage)


def dead(seconds: float) -> set[str]:
    return set(LiveProcess.objects.dead(after(seconds)).values_list("pk", flat=True))


def test_nobody_is_dead_where_nobody_is(db: None) -> None:
    assert dead(0) == set()


def test_process_that_is_silent_among_living_is_dead_after_a_lease_and_a_renewal() -> None:
    renew("silent", 0)
    for seconds in range(0, 33, 2):
        renew("living", seconds)
        renew("another", seconds)
    assert dead(32) == set()
    renew("living", 32.1)
    assert dead(32.1) == {"silent"}


def test_dead_process_stays_dead_however_long_the_others_live() -> None:
    renew("silent", 0)
    for seconds in range(0, 3600, 5):
        renew("living", seconds)
    assert dead(3600) == {"silent"}


def test_process_that_speaks_again_is_not_dead() -> None:
    renew("silent", 0)
    for seconds in (0, 20, 40):
        renew("living", seconds)
    assert dead(40) == {"silent"}
    renew("silent", 41)
    assert dead(41) == set()


@pytest.mark.parametrize("outage", OUTAGES)
@pytest.mark.parametrize("order", [("one", "other"), ("other", "one")])
def test_outage_makes_nobody_dead_whoever_is_back_first(order: tuple[str, str], outage: float) -> None:
    renew("one", 0)
    renew("other", 4.5)
    back = 5 + outage
    assert dead(back) == set()
    for seconds, process_id in zip((back, back + 4.5), order, strict=True):
        renew(process_id, seconds, after_outage=True)
        assert dead(seconds) == set()


@pytest.mark.parametrize("outage", OUTAGES)
def test_process_that_does_not_come_back_from_an_outage_is_dead_a_lease_later(outage: float) -> None:
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


def test_process_that_starts_when_all_others_are_silent_finds_them_dead() -> None:
    renew("killed", 0)
    assert dead(60) == set()
    renew("new", 60)
    assert dead(60) == {"killed"}


def test_process_that_is_silent_for_longer_than_any_outage_is_dead_in_any_case() -> None:
    renew("one", 0)
    renew("other", 5)
    assert dead(LONGEST) == set()
    assert dead(LONGEST + 0.1) == {"one"}
    assert dead(LONGEST + 5.1) == {"one", "other"}


def test_first_to_speak_after_longer_than_any_outage_speaks_for_itself() -> None:
    renew("one", 0)
    renew("other", 0)
    renew("other", LONGEST + 1, after_outage=True)
    assert dead(LONGEST + 1) == {"one"}


def test_process_that_was_silent_for_more_than_an_hour_is_forgotten() -> None:
    for process_id, seconds in [("silent", 0), ("living", 1), ("living", 3600)]:
        poller.renew(process_id, after(seconds))
    assert [process.pk for process in LiveProcess.objects.order_by("pk")] == ["living", "silent"]
    poller.renew("living", after(3600.1))
    assert [process.pk for process in LiveProcess.objects.all()] == ["living"]
