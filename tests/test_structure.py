"""How the tests are arranged: they mirror the product, and define each helper once."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
PRODUCT = TESTS.parent
# Tests of no single package: real processes, and the documentation's examples.
OF_THEIR_OWN = {"system", "docs", "attack"}


def test_folders_mirror_the_product() -> None:
    folders = {path.parent.relative_to(TESTS) for path in TESTS.rglob("test_*.py")} - {Path()}
    mirrored = [folder for folder in folders if folder.parts[0] not in OF_THEIR_OWN]
    assert [folder for folder in mirrored if not (PRODUCT / folder).is_dir()] == []


def test_no_helper_is_defined_twice() -> None:
    places = defaultdict(list)
    for path in TESTS.rglob("*.py"):
        for helper in helpers(path):
            places[ast.dump(helper)].append(f"{path.relative_to(TESTS)}: {helper.name}")
    assert [found for found in places.values() if len(found) > 1] == []


def helpers(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions of a module that are not tests."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("test_"):
            yield node
