"""Every example in a docstring gives what it shows."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import iam_catalog

CHECKOUT = Path(__file__).parent.parent
QUESTIONS = {name: getattr(iam_catalog, name) for name in iam_catalog.__all__ if name.islower()}
"""The one-call forms: examples of functions that take a connection show these."""


def modules_with_examples() -> list[str]:
    files = [
        file for name in ("iam_catalog", "scraper") for file in (CHECKOUT / name).rglob("*.py")
    ]
    return sorted(
        ".".join(file.relative_to(CHECKOUT).with_suffix("").parts).removesuffix(".__init__")
        for file in files
        if ">>> " in file.read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("module", modules_with_examples())
def test_the_examples_of_a_module(module):
    failed, tried = doctest.testmod(importlib.import_module(module), extraglobs=QUESTIONS)

    assert (failed, tried > 0) == (0, True)
