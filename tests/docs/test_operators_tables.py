"""The tables for operators: settings, commands, metrics and checks are those of the code."""

import re

import pytest
from django.core.checks import run_checks
from django.core.management import get_commands
from pytest_django import Settings

from tests.docs.markdown import Page, code
from tests.tokensvc.processes import REQUIRED, ROOT
from tests.tokensvc.test_env_example import DEFAULTS, READ

SETTINGS, OPERATIONS = Page("docs/settings.md"), Page("docs/operations.md")
APPS = ("tokensvc", "moderation", "rooms")
METRIC = re.compile(r'(?:Counter|Gauge|Histogram)\(\s*"(tokensvc_\w+)"')
GROUPS = [
    "Django",
    "Agora",
    "Photon",
    "Webhooks and retention",
    "The service's own keys",
    "Who may call",
    "Limits and addresses",
]
LISTED = {code(row["name"])[0]: row["default"] for group in GROUPS for row in SETTINGS.table(group)}


def test_every_setting_is_listed_with_its_default() -> None:
    shown = dict.fromkeys(READ, "") | {name: f"`{value}`" for name, value in DEFAULTS.items()}
    assert shown | dict.fromkeys(REQUIRED, "required") == LISTED


def test_table_lists_every_command() -> None:
    ours = [name for name, app in get_commands().items() if app in APPS]
    listed = [code(row["command"])[0].split()[0] for row in OPERATIONS.table("Commands")]
    assert sorted(listed) == sorted(ours)


def test_table_lists_every_metric() -> None:
    sources = [path.read_text() for app in APPS for path in (ROOT / app).rglob("*.py")]
    declared = [name for source in sources for name in METRIC.findall(source)]
    listed = [code(row["metric"])[0].removesuffix("_total") for row in OPERATIONS.table("Metrics")]
    assert sorted(listed) == sorted(declared)


@pytest.mark.parametrize(
    ("setting", "given"),
    [
        ("AGORA_APP_ID", "short"),
        ("AGORA_APP_CERTIFICATE", "short"),
        ("AGORA_APP_CERTIFICATE_RETIRING", ["short"]),
        ("AGORA_TOKEN_VERSION", "008"),
        ("PHOTON_AUTH_KEY", ""),
        ("PHOTON_REGION", ""),
    ],
)
def test_check_has_the_listed_id(settings: Settings, setting: str, given: object) -> None:
    settings.PHOTON_APP_ID, settings.PHOTON_REGION, settings.PHOTON_AUTH_KEY = "photon", "eu", "key"
    setattr(settings, setting, given)
    listed = {
        code(row["what is wrong"])[0]: code(row["id"])[0] for row in OPERATIONS.table("Checks at start")
    }
    assert [finding.id for finding in run_checks()] == [listed[setting]]
