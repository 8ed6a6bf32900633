"""Write a check in the formats that people and other tools read.

A format is a module of this folder, named like the format, with a function `pieces(run)` that
yields the report in pieces of text; it is found by its name, and listed nowhere else. The first
line of its docstring is what the help of `--format` says, and `ENDINGS`, which may be left out,
names the endings of files that `--output` writes in the format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from iam_catalog.policy.check.run import CheckRun

FORMATS = tuple(sorted([each.name for each in iter_modules(__path__)]))
"""The names of all formats."""


def report(form: str) -> Callable[[CheckRun], Iterator[str]]:
    """Return the function that writes a run in a format, in pieces of text."""
    pieces: Callable[[CheckRun], Iterator[str]] = _module(form).pieces
    return pieces


def format_of(file: str) -> str | None:
    """Return the format that the ending of a file's name stands for; None where it has none."""
    for form in FORMATS:
        if file.lower().endswith(getattr(_module(form), "ENDINGS", ())):
            return form
    return None


def endings() -> dict[str, str]:
    """Return the format of each ending that stands for one."""
    return {ending: form for form in FORMATS for ending in getattr(_module(form), "ENDINGS", ())}


def _module(form: str) -> ModuleType:
    return import_module(f"{__name__}.{form}")
