"""What a question is refused with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from iam_catalog import CatalogError


def refusal(kind: type[CatalogError], ask: Callable[[], Any]) -> str:
    """The message of the error, which is of this very *kind*."""
    with pytest.raises(kind) as caught:
        ask()
    assert type(caught.value) is kind
    return str(caught.value)
