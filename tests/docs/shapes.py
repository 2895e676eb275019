"""Comparing a JSON example with a real document: the same keys, values of the same types."""

import json
from collections.abc import Iterator
from typing import Any

REST = "…"
"""A key of an example that stands for keys that are left out."""


def differences(example: Any, real: Any, path: str = "") -> list[str]:
    """Return where an example differs from a real document in keys or types. Lists differ in length."""
    if isinstance(example, dict) and isinstance(real, dict):
        return _differences_of_objects(example, real, path)
    if isinstance(example, list) and isinstance(real, list):
        if not example or not real:
            return [] if example == real else [f"{path}: {real}, not {example}"]
        return [why for item in example for why in differences(item, real[0], f"{path}[]")]
    return [] if type(example) is type(real) else [f"{path}: {real!r}, not {example!r}"]


def _differences_of_objects(example: dict[str, Any], real: dict[str, Any], path: str) -> list[str]:
    missing = set() if REST in example else real.keys() - example.keys()
    unknown = example.keys() - real.keys() - {REST}
    found = [f"{path}.{key}: missing in the example" for key in sorted(missing)]
    found += [f"{path}.{key}: not in the real document" for key in sorted(unknown)]
    for key in example.keys() & real.keys():
        found += differences(example[key], real[key], f"{path}.{key}")
    return found


def documents(text: str) -> Iterator[Any]:
    """Yield the JSON documents that follow one another in a text."""
    decoder, text = json.JSONDecoder(), text.strip()
    while text:
        document, end = decoder.raw_decode(text)
        yield document
        text = text[end:].strip()
