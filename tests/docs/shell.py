"""Running the documentation's command lines: each program in the way that proves most."""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command, get_commands, load_command_class
from django.test import Client

from tests.tokensvc.processes import ROOT
from tests.tokensvc.test_env_example import READ

SERVERS = {"migrate", "deliver_webhooks"}
"""Commands whose arguments are parsed only: one has been run for the tests' database, one does not end."""

HOST = "http://testserver"


def command_lines(text: str, variables: Mapping[str, str]) -> Iterator[list[str]]:
    """Yield the words of each command, its variables replaced."""
    filled = re.sub(r"\$([A-Z_]+)", lambda name: variables[name[1]], text)
    for line in filled.replace("\\\n", " ").splitlines():
        if words := shlex.split(line, comments=True):
            yield words


def run_command(words: list[str]) -> Any:
    """Run one command; return the response of `curl`, else None. Fails on what it does not know."""
    while re.fullmatch(r"[A-Z_]+=.*", words[0]):
        assert words[0].partition("=")[0] in READ
        words = words[1:]
    return _PROGRAMS[Path(words[0]).name](words[1:])


def curl(words: list[str]) -> Any:
    method, headers, data, address, given = None, {}, "", "", iter(words)
    for word in given:
        match word:
            case "-X":
                method = next(given)
            case "-H":
                name, _, headers[name] = next(given).partition(": ")
            case "-d":
                data = next(given)
            case _:
                address = word
    assert address.startswith(f"{HOST}/")
    content_type = headers.pop("Content-Type", "application/x-www-form-urlencoded")
    method = method or ("POST" if data else "GET")
    path = address.removeprefix(HOST)
    return Client().generic(method, path, data, content_type=content_type, headers=headers)


def manage(name: str, arguments: list[str]) -> None:
    command = load_command_class(get_commands()[name], name)
    command.create_parser("manage.py", name).parse_args(arguments)
    if name not in SERVERS:
        call_command(name, *arguments, stdout=StringIO())


def _python(words: list[str]) -> None:
    match words:
        case ["manage.py", name, *arguments]:
            manage(name, arguments)
        case ["-m", "pytest", *paths]:
            assert [path for path in paths if not (ROOT / path).exists()] == []
        case _:
            raise AssertionError(words)


def _granian(words: list[str]) -> None:
    """Check the options against Granian's own list, and that the application is there."""
    granian = [str(Path(sys.executable).with_name("granian")), "--help"]
    options = subprocess.run(granian, capture_output=True, text=True, check=True, timeout=60).stdout
    assert [word for word in words if word.startswith("--") and word not in options] == []
    module, _, attribute = words[-1].partition(":")
    assert callable(getattr(import_module(module), attribute))


def _make(targets: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert [target for target in targets if f"\n{target}:" not in makefile] == []


_PROGRAMS: Mapping[str, Callable[[list[str]], Any]] = {
    "curl": curl,
    "python": _python,
    "granian": _granian,
    "make": _make,
}
