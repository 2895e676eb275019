"""The architecture: layers by import-linter, and limits on import chains, modules and functions."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import grimp
from importlinter import api

from tests.tokensvc.processes import ROOT

PACKAGES = ("tokensvc", "moderation", "rooms")
MAX_CHAIN = 16
MAX_MODULE_LINES = 200
MAX_FUNCTION_LINES = 40
LONG_MODULES = {"tokensvc/settings.py"}


@lru_cache
def import_graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, cache_dir=None)


@lru_cache
def longest_chain(module: str) -> tuple[str, ...]:
    """Return the longest chain of imports that starts at the module."""
    imported = import_graph().find_modules_directly_imported_by(module)
    chains = (longest_chain(name) for name in imported)
    return (module, *max(chains, key=len, default=()))


def declared_packages() -> set[str]:
    """Return the packages whose modules a contract declares, exhaustively or by a pattern."""
    contracts = api.read_configuration(str(ROOT / ".importlinter"))["contracts_options"]
    layered = {contract["containers"] for contract in contracts if contract.get("exhaustive") == "True"}
    independent = {contract["modules"].removesuffix(".*") for contract in contracts if "modules" in contract}
    return layered | independent


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def length_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_import_linter_contracts_are_kept() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert process.returncode == 0, process.stdout + process.stderr


def test_every_package_has_a_contract() -> None:
    graph = import_graph()
    packages = {name for name in graph.modules if len(graph.find_children(name)) > 1}
    assert {name for name in packages if not name.endswith(".migrations")} == declared_packages()


def test_import_chains_are_short() -> None:
    chain = max(map(longest_chain, import_graph().modules), key=len)
    assert len(chain) <= MAX_CHAIN, "\n".join(chain)


def test_modules_are_short() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in sources()}
    too_long = {name: lines for name, lines in lengths.items() if lines > MAX_MODULE_LINES}
    assert too_long.keys() <= LONG_MODULES, too_long


def test_functions_are_short() -> None:
    too_long = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                and length_of(node) > MAX_FUNCTION_LINES
            ):
                too_long[f"{name_of(path)}:{node.name}"] = length_of(node)
    assert too_long == {}
