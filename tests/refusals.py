"""Asserting that a call raises `Refusal`."""

from collections.abc import Callable
from typing import Any

import pytest

from tokensvc.web.refusals import Refusal


def refusal(code: str) -> pytest.RaisesExc[Refusal]:
    """Expect a refusal with this code, as a context manager."""
    return pytest.RaisesExc(Refusal, check=lambda error: error.code == code)


def refusal_of(act: Callable[..., Any], *arguments: Any, **options: Any) -> Refusal:
    """Call, and return the refusal it raises."""
    with pytest.raises(Refusal) as caught:
        act(*arguments, **options)
    return caught.value
