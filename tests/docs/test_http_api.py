"""The tables of the HTTP API: calls, room fields and error codes are those of the code."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from rooms.api.serializers import RoomSerializer
from tests.docs.markdown import Page, code
from tokensvc.web.refusals import CODES

PAGE = Page("docs/http-api.md")
METHODS = {"get", "post", "put", "patch", "delete"}
CALLS = [call for row in PAGE.table("Calls") for call in code(row["call"])]


def test_table_lists_every_call_of_the_schema() -> None:
    schema = Client().get("/api/schema/").json()
    real = {
        f"{method.upper()} {path.removeprefix('/api/v1/')}"
        for path, operations in schema["paths"].items()
        for method in operations.keys() & METHODS
        if path.startswith("/api/v1/")
    }
    assert {call for call in CALLS if " /" not in call} == real
    assert len(set(CALLS)) == len(CALLS)


def test_table_lists_every_call_of_providers_and_operators() -> None:
    prefixes = ("photon/", "agora/", "healthz", "readyz", "metrics")
    patterns = [str(entry.pattern) for entry in get_resolver().url_patterns if isinstance(entry, URLPattern)]
    assert sorted(set(_addresses())) == sorted(path for path in patterns if path.startswith(prefixes))


def test_table_lists_every_room_field() -> None:
    rows = {code(row["field"])[0]: row["set by"] for row in PAGE.table("Rooms")}
    assert list(rows) == RoomSerializer.Meta.fields
    by_service = [name for name, who in rows.items() if who == "service"]
    assert by_service == RoomSerializer.Meta.read_only_fields


def test_table_lists_every_error_code() -> None:
    listed = [(code(row["code"])[0], int(row["status"])) for row in PAGE.table("Errors")]
    assert dict(listed) == CODES
    assert len(listed) == len(CODES)


@pytest.mark.parametrize("row", PAGE.table("Throttles"), ids=lambda row: row["setting"])
def test_throttle_is_a_setting(row: dict[str, str], settings: object) -> None:
    assert hasattr(settings, code(row["setting"])[0])


def _addresses() -> Iterator[str]:
    for row in PAGE.table("Calls"):
        for call in code(row["call"]):
            path = call.partition(" /")[2]
            if "{hook}" in path:
                yield from (path.replace("{hook}", hook) for hook in code(row["what"]))
            elif path:
                yield path
