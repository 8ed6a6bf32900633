"""Where SQL is executed: in `iam_catalog.facts`, and nowhere else in the package."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "iam_catalog"
EXECUTING = {"execute", "executemany", "executescript"}

OPENING = {"database.py"}
"""Opens files, and looks at their version before anything is asked."""


def executes_sql(file: Path) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in EXECUTING
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    )


def test_only_facts_execute_sql():
    files = [file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py")]
    executing = {
        file for file in files if not file.startswith("facts/") and executes_sql(PACKAGE / file)
    }

    assert executing == OPENING
