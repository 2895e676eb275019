"""The pages: whom they are for, how long the README is, and whether links lead somewhere."""

import re

import pytest

from tests.docs.markdown import PAGES, README, Page, anchor
from tests.tokensvc.processes import ROOT

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@every_page
def test_first_line_names_the_readers(page: Page) -> None:
    first = page.text.splitlines()[0]
    assert re.match(r"# .+, for .+", first)


@every_page
def test_links_lead_to_pages_and_headings(page: Page) -> None:
    broken = [link for link in page.links() if not _leads_somewhere(page, link)]
    assert broken == []


@every_page
def test_contents_list_every_section(page: Page) -> None:
    sections = re.findall(r"^## (.+)$", page.prose, re.MULTILINE)
    listed = re.findall(r"^- \[(.+)\]\(#(.+)\)$", page.prose, re.MULTILINE)
    assert page is README or listed == [(section, anchor(section)) for section in sections]


@every_page
def test_headings_have_anchors_of_their_own(page: Page) -> None:
    assert len(page.anchors()) == len(page.headings())


@every_page
def test_files_that_are_named_exist(page: Page) -> None:
    named = re.findall(r"`([\w./-]+\.(?:py|in|txt|toml|yaml|md|example))`", page.prose)
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_readme_is_short_and_starts_with_the_two_commands() -> None:
    assert len(README.text.splitlines()) <= 150
    first = README.blocks()[0]
    assert re.findall(r"^make (\w+)", first.text, re.MULTILINE) == ["run", "test"]


def test_readme_links_to_every_page() -> None:
    assert {page.name for page in PAGES} - {"README.md"} <= set(README.links())


def _leads_somewhere(page: Page, link: str) -> bool:
    if link.startswith("https://"):
        return True
    path, _, fragment = link.partition("#")
    target = (page.folder / path).resolve() if path else ROOT / page.name
    if not target.is_file():
        return False
    return not fragment or fragment in Page(str(target.relative_to(ROOT))).anchors()
