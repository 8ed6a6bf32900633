"""Where SQL is executed: in `iam_catalog.facts`, and nowhere else in the package."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "iam_catalog"
EXECUTING = {"execute", "executemany", "executescript"}

OPENING = {"database.py"}
"""Opens files, and looks at their version before anything is asked."""
ADAPTERS = {"datasette_plugin/__init__.py", "datasette_plugin/generations.py"}
"""Prepare the connections that Datasette opens and asks by itself."""
STILL_TO_MOVE = {
    "datasette_plugin/links.py",
    "datasette_plugin/site/models/access_level.py",
    "datasette_plugin/site/models/action.py",
    "datasette_plugin/site/models/change_rows.py",
    "datasette_plugin/site/models/changes.py",
    "datasette_plugin/site/models/condition_key.py",
    "datasette_plugin/site/models/dependents.py",
    "datasette_plugin/site/models/examples.py",
    "datasette_plugin/site/models/home.py",
    "datasette_plugin/site/models/policies.py",
    "datasette_plugin/site/models/removed_service.py",
    "datasette_plugin/site/models/search.py",
    "datasette_plugin/site/models/service.py",
    "datasette_plugin/site/models/services.py",
    "datasette_plugin/site/models/source_page.py",
    "datasette_plugin/site/models/sources.py",
    "datasette_plugin/site/models/tool_arn.py",
    "datasette_plugin/site/models/tool_expand.py",
    "datasette_plugin/site/models/tool_write.py",
    "export/at_date.py",
    "export/content.py",
    "export/json_files.py",
    "export/site/chosen.py",
    "export/site/pages.py",
    "export/site/remembered.py",
    "export/site/search_index.py",
}
"""Modules whose SQL belongs into `facts`. Whoever moves it takes the module out of here."""


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

    assert executing == OPENING | ADAPTERS | STILL_TO_MOVE
