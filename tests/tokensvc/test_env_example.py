"""`.env.example` lists every setting with its default."""

import os
import re
import runpy
from typing import Any

import pytest

from tests.tokensvc.processes import REQUIRED, ROOT

# A setting, possibly commented out: its name, and its value up to the comment.
LINE = re.compile(r"^(#?)([A-Z_]+)=(\S*)", re.MULTILINE)
LINES = LINE.findall((ROOT / ".env.example").read_text())
READ = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "tokensvc" / "settings.py").read_text())
DEFAULTS = {name: value for mark, name, value in LINES if mark and value}


def load(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    with monkeypatch.context() as patch:
        for name in list(os.environ):
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        return runpy.run_path(str(ROOT / "tokensvc" / "settings.py"))


def test_file_lists_every_setting_once() -> None:
    listed = [name for _, name, _ in LINES]
    assert set(listed) == set(READ)
    assert len(set(listed)) == len(listed)


def test_required_settings_have_no_value() -> None:
    assert {name: value for mark, name, value in LINES if not mark} == dict.fromkeys(REQUIRED, "")


def test_file_shows_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    # The file shows a relative path, the default is absolute.
    shown = {name: value for name, value in DEFAULTS.items() if name != "DATABASE_URL"}
    by_default, as_shown = load(monkeypatch, **REQUIRED), load(monkeypatch, **REQUIRED, **shown)
    assert {name: as_shown[name] for name in shown} == {name: by_default[name] for name in shown}
    assert "AGORA_REST_URL" in shown
