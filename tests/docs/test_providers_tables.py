"""The tables about providers and webhooks hold the values of the code."""

from moderation.enforcement import ENFORCEMENT
from moderation.models import Notice
from rooms.agora import education
from rooms.agora.areas import AREAS
from rooms.photon import fusion, realtime
from tests.docs.markdown import Page, code


def test_table_lists_every_enforcement_value() -> None:
    rows = Page("docs/agora.md").table("Kicks and bans at Agora")
    assert [code(row["value"])[0] for row in rows] == ENFORCEMENT


def test_table_lists_the_area_of_every_region() -> None:
    rows = Page("docs/regions-and-encryption.md").table("Regions")
    listed = {
        "".join(code(row["region"])): (code(row["web (`areaCode`)"])[0], int(row["native"])) for row in rows
    }
    assert listed == {str(region): (area.web, area.native) for region, area in AREAS.items()}


def test_table_lists_every_classroom_role() -> None:
    rows = Page("docs/classroom.md").table("Who is what in a classroom")
    assert {row["in the classroom"]: int(row["`role_type`"]) for row in rows} == {
        "audience": education.AUDIENCE,
        "teacher": education.TEACHER,
        "student": education.STUDENT,
        "assistant": education.ASSISTANT,
    }


def test_table_lists_every_notice_type() -> None:
    rows = Page("docs/webhooks.md").table("Notices")
    assert sorted(code(row["type"])[0] for row in rows) == sorted(Notice.values)


def test_table_lists_every_photon_hook() -> None:
    rows = {row["call"]: code(row["what"]) for row in Page("docs/http-api.md").table("Calls")}
    assert rows["`POST /photon/webhooks/{hook}/`"] == list(realtime.HOOKS)
    assert rows["`POST /photon/game/{hook}`"] == list(fusion.HOOKS)
