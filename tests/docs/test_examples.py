"""Every fenced block of the documentation is run; a block in an unknown language fails."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from django.core.management.base import CommandError
from pytest_django import Settings

from rooms.models import Room
from tests.docs.markdown import PAGES, Page
from tests.docs.runner import Runner
from tests.docs.shapes import differences
from tokensvc.web.refusals import Refusal

# The live session and the delivery of webhooks have connections of their own.
pytestmark = pytest.mark.django_db(transaction=True)

NOT_RUN: Mapping[str, str] = {}
"""By place, why a block is not run."""

WRONG = {
    "no language": "```\nmake run\n```\n",
    "unknown language": "```nginx\nserver {}\n```\n",
    "JSON of unknown kind": "```json\n{}\n```\n",
    "unknown program": "```sh\nredis-cli ping\n```\n",
    "unknown target": "```sh\nmake nothing\n```\n",
    "unknown address": "```sh\ncurl $HOST/nothing\n```\n",
    "unknown variable": "```sh\ncurl $UNKNOWN/healthz\n```\n",
    "missing argument": "```sh\npython manage.py explain\n```\n",
    "unknown option": "```sh\ngranian --fast tokensvc.wsgi:application\n```\n",
    "missing key": "```sh\ncurl $HOST/healthz\n```\n```json response\n{}\n```\n",
    "frame without a version": '```json frames\n{"type": "heartbeat"}\n```\n',
    "unknown command": '```json frames\n{"type": "shout"}\n```\n',
    "unknown setting": "```ini\nNO_SETTING=1\n```\n",
    "unusable setting": "```ini\nTOKEN_RATE=fast\n```\n",
    "unknown module": "```text\nrooms.nothing\n```\n",
}


@pytest.fixture
def runner(room: Room, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runner:
    return Runner(room, settings, monkeypatch, tmp_path)


def page_with(folder: Path, text: str) -> Page:
    (folder / "page.md").write_text(text)
    return Page(str(folder / "page.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_of_page_run(page: Page, runner: Runner) -> None:
    runner.run_page(page)


def test_blocks_that_are_not_run_are_known() -> None:
    blocks = [block for page in PAGES for block in page.blocks()]
    assert {block.place: block.not_run for block in blocks if block.not_run} == NOT_RUN
    assert len(blocks) > 30


@pytest.mark.parametrize("block", WRONG.values(), ids=WRONG)
def test_wrong_example_fails(runner: Runner, tmp_path: Path, block: str) -> None:
    with pytest.raises((AssertionError, KeyError, CommandError, Refusal)):
        runner.run_page(page_with(tmp_path, block))


def test_marked_block_is_not_run(runner: Runner, tmp_path: Path) -> None:
    page = page_with(tmp_path, "<!-- not run: of a proxy -->\n```nginx\nserver {}\n```\n")
    runner.run_page(page)
    assert [block.not_run for block in page.blocks()] == ["of a proxy"]


@pytest.mark.parametrize(
    ("example", "real", "found"),
    [
        ({"a": 1}, {"a": 2}, []),
        ({"a": 1}, {"a": "2"}, [".a: '2', not 1"]),
        ({"a": 1}, {"a": None}, [".a: None, not 1"]),
        ({"a": 1}, {"a": 1, "b": 2}, [".b: missing in the example"]),
        ({"a": 1, "…": "…"}, {"a": 1, "b": 2}, []),
        ({"a": 1, "b": 2}, {"a": 1}, [".b: not in the real document"]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1}, {"b": 2}]}, []),
        (
            {"a": [{"b": 1}]},
            {"a": [{"c": 1}]},
            [".a[].c: missing in the example", ".a[].b: not in the real document"],
        ),
        ({"a": []}, {"a": [1]}, [".a: [1], not []"]),
    ],
)
def test_differences_are_keys_and_types(example: object, real: object, found: list[str]) -> None:
    assert differences(example, real) == found
