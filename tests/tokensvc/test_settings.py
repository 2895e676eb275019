"""Settings: what is missing or unusable stops the start, by name and without showing the value."""

import os
import runpy
import traceback
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from tests.tokensvc.processes import REQUIRED, ROOT, last_line, run

Load = Callable[..., dict[str, Any]]

LOAD = ("-c", "import tokensvc.settings")
SHORT, LONG = "far-too-short-a-secret", "long-enough-long-enough-long-enough"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    """Read the settings afresh, in this process."""

    def run_settings(**environment: str) -> dict[str, Any]:
        with monkeypatch.context() as patch:
            for name in list(os.environ):
                patch.delenv(name)
            for name, value in environment.items():
                patch.setenv(name, value)
            return runpy.run_path(str(ROOT / "tokensvc" / "settings.py"))

    return run_settings


def test_required_variables_are_enough() -> None:
    process = run(*LOAD, **REQUIRED)
    assert (process.returncode, process.stderr) == (0, "")


@pytest.mark.parametrize("name", REQUIRED)
def test_missing_variable_is_named(name: str) -> None:
    process = run(*LOAD, **{other: value for other, value in REQUIRED.items() if other != name})
    assert process.returncode == 1
    assert last_line(process.stderr).endswith(f'Environment variable "{name}" not set')


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", SHORT),
        ("ROOM_SECRET", SHORT),
        ("ROOM_SECRET", ""),
        ("ROOM_SECRET_RETIRING", f"{LONG},{SHORT}"),
        ("DEBUG", "maybe"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", f"mysql://root:{SHORT}@db/tokensvc"),
        ("DATABASE_URL", f"postgres://root:{SHORT}@db:port/tokensvc"),
        ("REDIS_URL", f"http://:{SHORT}@redis"),
        ("BACKEND_NETWORKS", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,proxy"),
        ("IDENTITY_JWT_SECRET", SHORT),
        ("IDENTITY_JWKS_URL", "ftp://id.example/keys"),
        ("LIVE_URL", "https://live.example"),
        ("TOKEN_RATE", "fast"),
        ("REDEEM_RATE", "20/year"),
        ("AUTH_FAILURE_RATE", "/min"),
    ],
)
def test_unusable_variable_is_named_and_not_shown(load: Load, name: str, value: str) -> None:
    with pytest.raises(Exception, match=name) as raised:
        load(**{**REQUIRED, name: value})
    assert SHORT not in "".join(traceback.format_exception(raised.value))


def test_unusable_variable_stops_the_process() -> None:
    process = run(*LOAD, **{**REQUIRED, "ROOM_SECRET": SHORT})
    assert process.returncode == 1
    assert last_line(process.stderr).endswith(
        "Environment variable \"ROOM_SECRET\" invalid: ['must have at least 32 characters']"
    )


def test_two_identity_providers_are_refused(load: Load) -> None:
    both = {"IDENTITY_JWT_SECRET": LONG, "IDENTITY_JWKS_URL": "https://id.example/keys"}
    with pytest.raises(Exception, match="IDENTITY_JWT_SECRET or IDENTITY_JWKS_URL, not both"):
        load(**REQUIRED, **both)


@pytest.mark.parametrize("name", [*REQUIRED, "IDENTITY_JWT_SECRET", "DATABASE_URL"])
def test_mounted_file_stands_for_its_variable(load: Load, tmp_path: Path, name: str) -> None:
    environment = {**REQUIRED, "IDENTITY_JWT_SECRET": LONG, "DATABASE_URL": "sqlite:///mounted.sqlite3"}
    mounted = tmp_path / "secret"
    mounted.write_text(f"{environment.pop(name)}\n")
    read = load(**environment, **{f"{name}_FILE": str(mounted)})
    assert f"{read[name]}\n" == mounted.read_text()


def test_mounted_file_that_is_not_there_is_named(load: Load, tmp_path: Path) -> None:
    environment = {**REQUIRED, "ROOM_SECRET_FILE": str(tmp_path / "nothing")}
    del environment["ROOM_SECRET"]
    with pytest.raises(Exception, match="ROOM_SECRET_FILE"):
        load(**environment)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("TOKEN_RATE", "5/hour", (5, 3600)),
        ("REDEEM_RATE", "7/s", (7, 1)),
        ("AUTH_FAILURE_RATE", "9/day", (9, 86400)),
        ("BACKEND_NETWORKS", "10.0.0.0/8, ::1", [ip_network("10.0.0.0/8"), ip_network("::1")]),
        ("LIVE_URL", "wss://live.example/", "wss://live.example"),
        ("DEBUG", "true", True),
        ("ALLOWED_HOSTS", "a.example,b.example", ["a.example", "b.example"]),
        ("ROOM_SECRET_RETIRING", f"{LONG},{LONG}", [LONG, LONG]),
        ("AGORA_APP_CERTIFICATE_RETIRING", "a,b", ["a", "b"]),
    ],
)
def test_variable_is_read_as_what_it_is(load: Load, name: str, text: str, value: object) -> None:
    assert load(**REQUIRED, **{name: text})[name] == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", False),
        ("ALLOWED_HOSTS", []),
        ("TOKEN_RATE", (120, 60)),
        ("REDEEM_RATE", (20, 60)),
        ("AUTH_FAILURE_RATE", (20, 60)),
        ("BACKEND_NETWORKS", []),
        ("TRUSTED_PROXIES", []),
        ("IDENTITY_JWT_AUDIENCE", "tokensvc"),
        ("AGORA_TOKEN_VERSION", "007"),
        ("LIVE_URL", ""),
    ],
)
def test_default(load: Load, name: str, value: object) -> None:
    assert load(**REQUIRED)[name] == value


@pytest.mark.parametrize(
    ("url", "engine"),
    [
        ("sqlite:///x.sqlite3", "django.db.backends.sqlite3"),
        ("postgres://someone@db/tokensvc", "tokensvc.postgresql"),
        ("postgresql://someone@db:6432/tokensvc?sslmode=require", "tokensvc.postgresql"),
    ],
)
def test_database_url_chooses_the_engine(load: Load, url: str, engine: str) -> None:
    assert load(**REQUIRED, DATABASE_URL=url)["DATABASES"]["default"]["ENGINE"] == engine


def test_redis_url_chooses_the_cache(load: Load) -> None:
    assert "locmem" in load(**REQUIRED)["CACHES"]["default"]["BACKEND"]
    cache = load(**REQUIRED, REDIS_URL="redis://redis/1")["CACHES"]["default"]
    assert cache["LOCATION"] == "redis://redis/1"


def test_deployment_check_is_clean() -> None:
    process = run(
        *("-m", "django", "check", "--deploy", "--fail-level", "WARNING"),
        **REQUIRED,
        DEBUG="false",
        ALLOWED_HOSTS="tokens.example",
    )
    assert (process.returncode, process.stderr) == (0, "")
    assert process.stdout == "System check identified no issues (2 silenced).\n"
