"""`python -m tokensvc.generate_env`: the `.env` for local development."""

import re
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

from tests.tokensvc.processes import REQUIRED, ROOT, run

NAMES = {*REQUIRED, "DEBUG", "IDENTITY_JWT_SECRET"}


def printed() -> str:
    process = run("-m", "tokensvc.generate_env")
    assert (process.returncode, process.stderr) == (0, "")
    return process.stdout


def values_of(text: str) -> dict[str, str]:
    return {name: value or "" for name, value in dotenv_values(stream=StringIO(text)).items()}


def test_file_holds_every_required_setting() -> None:
    values = values_of(printed())
    assert values.keys() == NAMES
    assert values["DEBUG"] == "true"
    assert re.fullmatch("[0-9a-f]{32}", values["AGORA_APP_ID"])
    assert re.fullmatch("[0-9a-f]{32}", values["AGORA_APP_CERTIFICATE"])
    assert min(len(values[name]) for name in ("SECRET_KEY", "ROOM_SECRET", "IDENTITY_JWT_SECRET")) >= 32


def test_shell_can_source_the_file() -> None:
    """`make run` sources it, so no value may need quotes."""
    lines = [line for line in printed().splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch("[A-Z_]+=[0-9a-zA-Z_-]+", line)] == []


def test_file_states_that_the_app_is_made_up() -> None:
    assert "made up" in printed().partition("AGORA_APP_ID")[0]


def test_keys_are_random_and_distinct() -> None:
    one, other = values_of(printed()), values_of(printed())
    keys = [value for values in (one, other) for name, value in values.items() if name != "DEBUG"]
    assert len(set(keys)) == len(keys) == 2 * (len(NAMES) - 1)


def test_service_starts_with_the_file_alone(tmp_path: Path) -> None:
    """`manage.py` reads the `.env` in its directory."""
    (tmp_path / ".env").write_text(printed())
    manage = tmp_path / "manage.py"
    manage.write_text((ROOT / "manage.py").read_text())
    process = run(str(manage), "check", "--fail-level", "WARNING")
    assert (process.returncode, process.stderr) == (0, "")
    assert process.stdout == "System check identified no issues (0 silenced).\n"
