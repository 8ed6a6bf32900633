"""Collect every rule of a check: those of the grammar, and those of each file in `rules/`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from iam_catalog.database import CHECKOUT, PACKAGE
from iam_catalog.errors import CatalogError
from iam_catalog.policy.check import rules
from iam_catalog.policy.check.rule import TOPICS, Rule
from iam_catalog.policy.grammar import (
    conditions,
    document,
    principals,
    rcps,
    statements,
    values,
)

_GRAMMAR = (document, values, statements, rcps, principals, conditions)


def _modules() -> Iterator[ModuleType]:
    yield from _GRAMMAR
    for name in sorted([each.name for each in iter_modules(rules.__path__)]):
        yield import_module(f"{rules.__name__}.{name}")


def _declared(module: ModuleType) -> Iterator[Rule]:
    """Yield the rules of a module, in its order."""
    for value in vars(module).values():
        own = isinstance(value, type) and value.__module__ == module.__name__
        if own and issubclass(value, Rule) and "code" in vars(value):
            yield value()


RULES: tuple[Rule, ...] = tuple(
    sorted(
        [rule for module in _modules() for rule in _declared(module)],
        key=lambda rule: TOPICS.index(rule.topic),
    )
)
"""By topic, file and place in the file: the order in which a policy is checked."""

CODES: dict[str, Rule] = {rule.code: rule for rule in RULES}
"""Every code that a finding can have, with its rule."""

INDEX = "README"
"""Name of the page that lists every rule."""


def rule_named(code: str) -> Rule:
    """Return the rule of *code*; raises `CatalogError` with the nearest codes for any other."""
    if code in CODES:
        return CODES[code]
    from iam_catalog.policy.check.ignores import meant

    raise CatalogError(
        f"{code!r} is not a code of a finding: 'iam-catalog rule' lists them.{meant(code, CODES)}"
    )


def rule_page(name: str) -> str:
    """Read the page of a code, or `INDEX`: the wheel has a copy of the checkout's `docs/checks/`.

    *name* is looked up as the name of a file: pass none that a user wrote.
    """
    for folder in (Path(PACKAGE, "checks"), Path(CHECKOUT, "docs", "checks")):
        file = folder / f"{name}.md"
        if file.exists():
            return file.read_text(encoding="utf-8")
    raise CatalogError(f"No page {name}.md in {folder}: install iam-catalog again.")
