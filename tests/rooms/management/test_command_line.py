"""`python manage.py …` as a process: standard output, standard error and exit status."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.tokensvc.processes import REQUIRED, ROOT, last_line

Process = subprocess.CompletedProcess[str]
Manage = Callable[..., Process]


@pytest.fixture(scope="module")
def manage(tmp_path_factory: pytest.TempPathFactory) -> Manage:
    """`manage.py` with a migrated database, and nothing else in its environment."""
    database = tmp_path_factory.mktemp("database") / "rooms.sqlite3"
    environment = {**REQUIRED, "DEBUG": "false", "DATABASE_URL": f"sqlite:///{database}"}

    def run(*arguments: str, given: str = "") -> Process:
        return subprocess.run(
            [sys.executable, "-W", "error", "manage.py", *arguments],
            cwd=ROOT,
            env=environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    process = run("migrate", "--verbosity", "0")
    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")
    return run


def printed(process: Process) -> Any:
    """The one JSON object on standard output."""
    assert process.returncode == 0, process.stderr
    assert process.stdout.count("\n") == 1
    for secret in ("SECRET_KEY", "ROOM_SECRET", "AGORA_APP_CERTIFICATE"):
        assert REQUIRED[secret] not in process.stdout + process.stderr
    return json.loads(process.stdout)


def test_report_goes_to_standard_output_and_nothing_else_does(manage: Manage) -> None:
    created = manage("create_room", "--name", "Algebra 1", "--json")
    room = printed(created)
    assert (room["name"], created.stderr) == ("Algebra 1", "")

    process = manage("issue_token", room["id"], "carol", "--json")
    credentials = printed(process)
    assert credentials["user"]["role"] == "subscriber"
    # The log goes to standard error.
    assert json.loads(process.stderr)["message"] == "token issued"

    token = credentials["agora"]["rtc_token"]
    inspected = manage("inspect_token", "-", "--json", given=f"{token}\n")
    assert (printed(inspected)["problems"], inspected.stderr) == ([], "")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("issue_token", "nothing", "bob", "--json"), "There is no room with this id. (room_not_found)"),
        (("inspect_token", "hello"), "This is neither an Agora token (006, 007) nor a ticket."),
        (("demo",), "demo hands out credentials: it needs DEBUG and IDENTITY_JWT_SECRET."),
        (
            ("create_room", "--token-ttl", "5"),
            "token_ttl: Ensure this value is greater than or equal to 120.",
        ),
    ],
)
def test_error_goes_to_standard_error_with_exit_status_1(
    manage: Manage, arguments: tuple[str, ...], complaint: str
) -> None:
    process = manage(*arguments)
    assert (process.returncode, process.stdout) == (1, "")
    assert process.stderr == f"CommandError: {complaint}\n"


def test_usage_error_is_explained_on_standard_error(manage: Manage) -> None:
    process = manage("create_invite", "some-room", "--role", "king")
    assert (process.returncode != 0, process.stdout) == (True, "")
    assert "argument --role: invalid choice: 'king'" in last_line(process.stderr)
