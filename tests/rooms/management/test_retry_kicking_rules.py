import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from rooms.models import KickingRule, Member, Room
from tests.rooms.kicking.agora_rest import CUSTOMER, AgoraRest, fails
from tests.rooms.kicking.rules import Clock, by_number, rules, work_until_settled
from tests.rooms.management.commands import NO_ROOM, failure_of, output_of, report_of, table

pytestmark = pytest.mark.django_db

NONE: dict[str, object] = {"placed": 0, "lifted": 0, "failed": 0, "to_be_tried_again": 0}


@pytest.fixture
def failed(room: Room, agora: AgoraRest) -> Room:
    """A room with bob's ban given up, and that of carol's screen and camera."""
    by_number(room, "bob")
    by_number(room, "carol", screens=True)
    for user_id in ("bob", "carol"):
        Member.objects.ban(room, user_id, None)
    agora.always = fails(403)
    work_until_settled(Clock())
    assert rules("progress") == ["failed"] * 3
    agora.always = None
    return room


def test_failed_rules_are_placed(failed: Room, agora: AgoraRest) -> None:
    assert report_of("retry_kicking_rules") == NONE | {"placed": 3}
    assert len(agora.rules) == 3
    assert report_of("retry_kicking_rules") == NONE


def test_report_is_a_table(failed: Room) -> None:
    assert output_of("retry_kicking_rules") == table(NONE | {"placed": 3})


def test_other_rooms_are_left_alone(failed: Room) -> None:
    other = Room.objects.create()
    assert report_of("retry_kicking_rules", other.id) == NONE
    assert rules("progress") == ["failed"] * 3
    assert report_of("retry_kicking_rules", failed.id) == NONE | {"placed": 3}


def test_rules_that_fail_again_are_reported_with_exit_status_1(failed: Room, agora: AgoraRest) -> None:
    agora.faults.append(fails(403))
    agora.faults.append(fails(500))
    out = StringIO()
    with pytest.raises(CommandError) as raised:
        call_command("retry_kicking_rules", "--json", stdout=out)
    assert (str(raised.value), raised.value.returncode) == ("1 rule failed.", 1)
    assert json.loads(out.getvalue()) == {"placed": 1, "lifted": 0, "failed": 1, "to_be_tried_again": 1}


def test_lifting_that_failed_is_tried_again(failed: Room, agora: AgoraRest) -> None:
    KickingRule.objects.update(progress="stuck", rule_id=5)
    assert report_of("retry_kicking_rules") == NONE | {"lifted": 3}


def test_unknown_room_is_refused(failed: Room) -> None:
    assert failure_of("retry_kicking_rules", "nothing") == NO_ROOM


def test_nothing_is_tried_without_the_account(failed: Room, settings: Any) -> None:
    settings.AGORA_CUSTOMER_ID = ""
    assert failure_of("retry_kicking_rules") == "This needs AGORA_CUSTOMER_ID and AGORA_CUSTOMER_SECRET."


def test_secret_is_not_told(failed: Room, agora: AgoraRest, settings: Any) -> None:
    settings.AGORA_CUSTOMER_SECRET = "a-wrong-secret"
    out = StringIO()
    with pytest.raises(CommandError) as raised:
        call_command("retry_kicking_rules", stdout=out)
    said = f"{raised.value}{out.getvalue()}{rules('error')}"
    assert (rules("error"), "a-wrong-secret" in said, CUSTOMER[0] in said) == (
        ["Agora answered 401."] * 3,
        False,
        False,
    )
