"""Running the fenced blocks of a page, each language in its own way."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks
from pytest_django import Settings

from moderation.live import commands
from rooms.models import Room
from tests.docs.markdown import Page
from tests.docs.running_service import delivered_notice, live_frames, variables_of
from tests.docs.shapes import differences, documents
from tests.docs.shell import command_lines, manage, run_command
from tests.moderation.live.sockets import Frame
from tests.moderation.webhooks.app_backend import Call
from tests.tokensvc.processes import REQUIRED, ROOT, run

READ_SETTINGS = """import json
from tokensvc import settings
print(json.dumps({{name: getattr(settings, name) for name in {names}}}))"""


class Runner:
    """Runs the blocks of one page in order; later ones see what earlier ones did."""

    def __init__(self, room: Room, settings: Settings, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._room, self._settings, self._monkeypatch, self._folder = room, settings, monkeypatch, folder
        self._variables: dict[str, str] = {}
        self._response: Any = None
        self._notice: Call | None = None
        self._frames: list[Frame] = []

    def run_page(self, page: Page) -> None:
        for block in page.blocks():
            if block.not_run is None:
                try:
                    self._run(block.info, block.text)
                except Exception as error:
                    error.add_note(f"in the example at {block.place}")
                    raise
        self._require_success()

    def _run(self, info: str, text: str) -> None:
        runners: Mapping[str, Callable[[str], None]] = {
            "sh": self._shell,
            "json response": self._json_response,
            "json frames": self._json_frames,
            "js": self._javascript,
            "python": self._python,
            "http": self._webhook_request,
            "ini": self._environment,
            "cron": self._cron,
            "text": self._picture,
        }
        runners[info](text)

    def _shell(self, text: str) -> None:
        self._variables = self._variables or variables_of(self._room)
        for words in command_lines(text, self._variables):
            self._require_success()
            self._response = run_command(words)

    def _require_success(self) -> None:
        """Fail if the last response is an error that no example shows."""
        assert self._response is None or self._response.status_code < 400

    def _json_response(self, text: str) -> None:
        (example,) = documents(text)
        status = example.get("status", 200)
        assert self._response.status_code // 100 == (status // 100 if type(status) is int else 2)
        assert differences(example, self._response.json()) == []
        self._response = None

    def _json_frames(self, text: str) -> None:
        self._frames = self._frames or live_frames(self._room, self._monkeypatch)
        for example in documents(text):
            same_type = [frame for frame in self._frames if frame["type"] == example["type"]]
            if same_type:
                assert [] in [differences(example, frame) for frame in same_type], (example, same_type)
            else:
                commands.validate(example)

    def _javascript(self, text: str) -> None:
        if node := shutil.which("node"):
            script = self._folder / "example.mjs"
            script.write_text(text)
            subprocess.run([node, "--check", script], check=True, timeout=60)

    def _python(self, text: str) -> None:
        call = self._real_notice()
        names = {
            "standardwebhooks": standardwebhooks,
            "WEBHOOK_SECRET": self._settings.WEBHOOK_SECRET,
            "request": call,
        }
        exec(text, names)  # noqa: S102 (our own documentation)
        assert names["notice"] == json.loads(call.body)

    def _webhook_request(self, text: str) -> None:
        head, _, body = text.partition("\n\n")
        line, *headers = head.splitlines()
        call = self._real_notice()
        assert line.split()[0::2] == ["POST", "HTTP/1.1"]
        assert {header.partition(":")[0] for header in headers} <= call.headers.keys()
        assert f"user-agent: {call.headers['user-agent']}" in headers
        assert differences(json.loads(body), json.loads(call.body)) == []

    def _real_notice(self) -> Call:
        self._variables = self._variables or variables_of(self._room)
        self._notice = self._notice or delivered_notice(self._room, self._settings)
        return self._notice

    def _environment(self, text: str) -> None:
        """Load the settings with these variables, and use them for the rest of the page."""
        given = dict(line.split("=", 1) for line in text.splitlines())
        process = run("-c", READ_SETTINGS.format(names=list(given)), **{**REQUIRED, **given})
        assert process.stderr == ""
        for name, value in json.loads(process.stdout).items():
            setattr(self._settings, name, value)

    def _cron(self, text: str) -> None:
        for line in text.splitlines():
            found = re.fullmatch(r"(?:[\d*/,-]+ +){5}.*manage\.py (\S+) (.*)", line)
            assert found is not None
            manage(found[1], [*found[2].split(), "--dry-run"])

    def _picture(self, text: str) -> None:
        """Check that the modules and folders which a picture names are there."""
        names = re.findall(r"\b(?:tokensvc|moderation|rooms)(?:\.[a-z_]+)+", text)
        paths = [name.replace(".", "/") for name in names]
        paths += re.findall(r"^([a-z_]+/\S*)", text, re.MULTILINE)
        assert paths
        assert [path for path in paths if not _exists(path)] == []


def _exists(path: str) -> bool:
    return (ROOT / path).exists() or (ROOT / f"{path}.py").exists()
