"""Settings: a missing or invalid variable stops the start with its name, and its value is not shown."""

import os
import runpy
import traceback
from base64 import b64encode
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from tests.tokensvc.processes import REQUIRED, ROOT, last_line, run

Load = Callable[..., dict[str, Any]]

LOAD = ("-c", "import tokensvc.settings")
SHORT, LONG = "far-too-short-a-secret", "long-enough-long-enough-long-enough"


def whsec(length: int) -> str:
    """Return a Standard Webhooks secret with `length` bytes."""
    return f"whsec_{b64encode(bytes(range(length))).decode()}"


# Required by the Agora provider's system check, not by the settings module.
REQUIRED_BY_AGORA = ["AGORA_APP_ID", "AGORA_APP_CERTIFICATE"]

# Settings that must be set together.
CUSTOMER = {"AGORA_CUSTOMER_ID": "customer", "AGORA_CUSTOMER_SECRET": "customer-secret"}
WEBHOOK = {"WEBHOOK_URL": "https://app.example/webhooks", "WEBHOOK_SECRET": whsec(32)}
WITH_IT = {**dict.fromkeys(CUSTOMER, CUSTOMER), **dict.fromkeys(WEBHOOK, WEBHOOK)}

PROVIDERS_SECRETS = ["AGORA_NOTIFICATION_SECRET", "PHOTON_AUTH_KEY", "PHOTON_WEBHOOK_SECRET"]
OPTIONAL_SECRETS = {
    "IDENTITY_JWT_SECRET": LONG,
    **CUSTOMER,
    **WEBHOOK,
    **dict.fromkeys(PROVIDERS_SECRETS, LONG),
}


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load the settings again, in this process."""

    def run_settings(**environment: str) -> dict[str, Any]:
        with monkeypatch.context() as patch:
            for name in list(os.environ):
                patch.delenv(name)
            for name, value in environment.items():
                patch.setenv(name, value)
            return runpy.run_path(str(ROOT / "tokensvc" / "settings.py"))

    return run_settings


def test_required_variables_are_sufficient() -> None:
    process = run(*LOAD, **REQUIRED)
    assert (process.returncode, process.stderr) == (0, "")


def without(name: str) -> dict[str, str]:
    return {other: value for other, value in REQUIRED.items() if other != name}


@pytest.mark.parametrize("name", [name for name in REQUIRED if name not in REQUIRED_BY_AGORA])
def test_missing_variable_is_named(name: str) -> None:
    process = run(*LOAD, **without(name))
    assert process.returncode == 1
    assert last_line(process.stderr).endswith(f'Environment variable "{name}" not set')


@pytest.mark.parametrize("server", ["tokensvc.wsgi", "tokensvc.asgi"])
@pytest.mark.parametrize("name", REQUIRED_BY_AGORA)
def test_missing_agora_setting_stops_both_servers_and_is_named(server: str, name: str) -> None:
    process = run("-c", f"import {server}", **without(name))
    assert process.returncode == 1
    assert f"{name} must be 32 hexadecimal digits" in process.stderr


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
        ("AGORA_CLASSROOM", "perhaps"),
        ("AGORA_REST_URL", "api.agora.io"),
        ("AGORA_REST_URL", "ftp://api.agora.io"),
        ("AGORA_REST_URL", f"https//{SHORT}"),
        ("WEBHOOK_URL", "app.example/webhooks"),
        ("WEBHOOK_URL", f"ftp://me:{SHORT}@app.example"),
        ("WEBHOOK_SECRET", SHORT),
        ("WEBHOOK_SECRET", f"whsec_{SHORT}"),
        ("WEBHOOK_SECRET", whsec(23)),
        ("WEBHOOK_SECRET", whsec(65)),
        ("WEBHOOK_SECRET", whsec(32).removeprefix("whsec_")),
        ("WEBHOOK_SECRET", whsec(32)[:-1]),
        ("WEBHOOK_SECRET", f"whsec_é{SHORT}"),
        ("RETENTION_SECONDS", "-1"),
        ("RETENTION_SECONDS", "an hour"),
        ("RETENTION_SECONDS", "1.5"),
    ],
)
def test_invalid_variable_is_named_and_its_value_is_not_shown(load: Load, name: str, value: str) -> None:
    with pytest.raises(Exception, match=name) as raised:
        load(**{**REQUIRED, **WITH_IT.get(name, {}), name: value})
    text = "".join(traceback.format_exception(raised.value))
    assert SHORT not in text
    assert name != "WEBHOOK_SECRET" or value not in text


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"AGORA_CUSTOMER_ID": "c"}, "Set AGORA_CUSTOMER_ID and AGORA_CUSTOMER_SECRET, or neither"),
        ({"AGORA_CUSTOMER_SECRET": SHORT}, "Set AGORA_CUSTOMER_ID and AGORA_CUSTOMER_SECRET, or neither"),
        ({"WEBHOOK_URL": "https://app.example/"}, "Set WEBHOOK_URL and WEBHOOK_SECRET, or neither"),
        ({"WEBHOOK_SECRET": whsec(32)}, "Set WEBHOOK_URL and WEBHOOK_SECRET, or neither"),
        ({"CLIENT_COUNTRY_HEADER": "CF-IPCountry"}, "from TRUSTED_PROXIES only: set both, or neither"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_one_setting_of_a_pair_is_refused(load: Load, given: dict[str, str], message: str) -> None:
    with pytest.raises(Exception, match=message) as raised:
        load(**REQUIRED, **given)
    text = "".join(traceback.format_exception(raised.value))
    assert not [value for name, value in given.items() if name.endswith("SECRET") and value in text]


def test_invalid_variable_stops_the_process() -> None:
    process = run(*LOAD, **{**REQUIRED, "ROOM_SECRET": SHORT})
    assert process.returncode == 1
    assert last_line(process.stderr).endswith(
        "Environment variable \"ROOM_SECRET\" invalid: ['must have at least 32 characters']"
    )


def test_two_identity_providers_are_refused(load: Load) -> None:
    both = {"IDENTITY_JWT_SECRET": LONG, "IDENTITY_JWKS_URL": "https://id.example/keys"}
    with pytest.raises(Exception, match="IDENTITY_JWT_SECRET or IDENTITY_JWKS_URL, not both"):
        load(**REQUIRED, **both)


@pytest.mark.parametrize("name", [*REQUIRED, *OPTIONAL_SECRETS, "DATABASE_URL"])
def test_variable_is_read_from_a_mounted_file(load: Load, tmp_path: Path, name: str) -> None:
    environment = {**REQUIRED, **OPTIONAL_SECRETS, "DATABASE_URL": "sqlite:///mounted.sqlite3"}
    mounted = tmp_path / "secret"
    mounted.write_text(f"{environment.pop(name)}\n")
    read = load(**environment, **{f"{name}_FILE": str(mounted)})
    assert f"{read[name]}\n" == mounted.read_text()


def test_missing_mounted_file_is_named(load: Load, tmp_path: Path) -> None:
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
        ("AGORA_CLASSROOM", "true", True),
        ("AGORA_CUSTOMER_ID", "abc", "abc"),
        ("AGORA_CUSTOMER_SECRET", "abc", "abc"),
        ("AGORA_REST_URL", "http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("AGORA_NOTIFICATION_SECRET", "abc", "abc"),
        ("PHOTON_APP_ID", "abc", "abc"),
        ("PHOTON_REGION", "eu", "eu"),
        ("PHOTON_AUTH_KEY", "abc", "abc"),
        ("PHOTON_WEBHOOK_SECRET", "abc", "abc"),
        ("RETENTION_SECONDS", "0", 0),
        ("RETENTION_SECONDS", "86400", 86400),
        ("WEBHOOK_URL", "http://127.0.0.1:8080/hooks/", "http://127.0.0.1:8080/hooks/"),
        ("WEBHOOK_SECRET", whsec(24), whsec(24)),
        ("WEBHOOK_SECRET", whsec(64), whsec(64)),
    ],
)
def test_variable_is_parsed(load: Load, name: str, text: str, value: object) -> None:
    assert load(**{**REQUIRED, **WITH_IT.get(name, {}), name: text})[name] == value


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
        ("CLIENT_COUNTRY_HEADER", ""),
        ("AGORA_TOKEN_VERSION", "007"),
        ("AGORA_CLASSROOM", False),
        ("AGORA_CUSTOMER_ID", ""),
        ("AGORA_CUSTOMER_SECRET", ""),
        ("AGORA_REST_URL", "https://api.agora.io"),
        ("AGORA_NOTIFICATION_SECRET", ""),
        ("PHOTON_APP_ID", ""),
        ("PHOTON_REGION", ""),
        ("PHOTON_AUTH_KEY", ""),
        ("PHOTON_WEBHOOK_SECRET", ""),
        ("RETENTION_SECONDS", 3600),
        ("WEBHOOK_URL", ""),
        ("WEBHOOK_SECRET", ""),
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
