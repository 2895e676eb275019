"""Run commands. No output may contain a secret of the service."""

import json
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

NO_ROOM = "There is no room with this id. (room_not_found)"


def output_of(name: str, *arguments: str) -> str:
    """The table that a command prints."""
    out, err = StringIO(), StringIO()
    call_command(name, *arguments, stdout=out, stderr=err)
    assert err.getvalue() == ""
    return without_secrets(out.getvalue())


def report_of(name: str, *arguments: str) -> Any:
    """The JSON object that a command prints."""
    text = output_of(name, *arguments, "--json")
    assert text.index("\n") == len(text) - 1
    return json.loads(text)


def failure_of(name: str, *arguments: str) -> str:
    """The error of a command that exits with status 1 and prints nothing else."""
    out = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command(name, *arguments, stdout=out)
    assert out.getvalue() == ""
    assert failed.value.returncode == 1
    return without_secrets(str(failed.value))


def table(rows: dict[str, object]) -> str:
    width = max(map(len, rows))
    return "".join(f"{name:<{width}}  {value}".rstrip() + "\n" for name, value in rows.items())


def without_secrets(text: str) -> str:
    secrets = [
        settings.SECRET_KEY,
        settings.IDENTITY_JWT_SECRET,
        settings.ROOM_SECRET,
        *settings.ROOM_SECRET_RETIRING,
        settings.AGORA_APP_CERTIFICATE,
        *settings.AGORA_APP_CERTIFICATE_RETIRING,
    ]
    assert [secret for secret in secrets if secret and secret in text] == []
    return text
