"""How the token formats refuse values and tokens."""

from collections.abc import Callable
from typing import Any

import pytest

from rooms.agora import Malformed, UnusableValue


def unusable(call: Callable[..., Any], *values: Any, **options: Any) -> tuple[str, str]:
    """Call, and return the field and the message of the `UnusableValue` it raises."""
    with pytest.raises(UnusableValue) as refused:
        call(*values, **options)
    return refused.value.field, str(refused.value)


def malformed(parse: Callable[[str], Any], token: str) -> str:
    """Parse, and return the message of the `Malformed` it raises."""
    with pytest.raises(Malformed) as refused:
        parse(token)
    return str(refused.value)
