"""The lock files: every direct requirement is pinned with hashes, and no index address is named."""

import re

import pytest

from tests.tokensvc.processes import ROOT

FILES = ["requirements", "requirements-dev"]
PIN = re.compile(r"([a-z0-9-]+)==[^ ]+(?: ; .+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")


def direct(name: str) -> set[str]:
    """Return the normalized names in the `.in` file, without extras, versions and comments."""
    lines = (ROOT / f"{name}.in").read_text().splitlines()
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines if not line.startswith(("-", "#")))
    return {re.sub(r"[-_.]+", "-", found.group()).lower() for found in names if found}


def locked(name: str) -> list[str]:
    lines = (ROOT / f"{name}.txt").read_text().splitlines()
    return [line for line in lines if not line.lstrip().startswith("#")]


@pytest.mark.parametrize("name", FILES)
def test_every_direct_requirement_is_locked(name: str) -> None:
    pins = {found.group(1) for line in locked(name) if (found := PIN.fullmatch(line))}
    assert direct(name) <= pins


@pytest.mark.parametrize("name", FILES)
def test_lock_file_holds_pins_and_hashes_only(name: str) -> None:
    lines = locked(name)
    assert [line for line in lines if not PIN.fullmatch(line) and not HASH.fullmatch(line)] == []
    for pin, following in zip(lines, [*lines[1:], ""], strict=True):
        assert not PIN.fullmatch(pin) or HASH.fullmatch(following), pin


@pytest.mark.parametrize("name", FILES)
def test_no_index_address_is_named(name: str) -> None:
    text = (ROOT / f"{name}.in").read_text() + (ROOT / f"{name}.txt").read_text()
    assert re.findall(r"https?://\S+|file:\S+|--(?:extra-)?index-url|--find-links", text) == []


def test_development_uses_the_versions_of_the_service() -> None:
    service = {line for line in locked("requirements") if PIN.fullmatch(line)}
    development = {line for line in locked("requirements-dev") if PIN.fullmatch(line)}
    assert service <= development
