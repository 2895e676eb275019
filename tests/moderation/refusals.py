"""Acts that are refused."""

from collections.abc import Callable
from typing import Any

import pytest

from tokensvc.web.refusals import Refusal


def refusal(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.RaisesExc(Refusal, check=lambda error: error.code == code)


def refused(act: Callable[..., Any], *arguments: Any, **options: Any) -> Refusal:
    """What an act is refused with."""
    with pytest.raises(Refusal) as caught:
        act(*arguments, **options)
    return caught.value
