"""Who may import what, and what a cold start may load."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
STANDARD = set(sys.stdlib_module_names)
SCRAPING = {
    "scraper",
    "sqlite_utils",
    "markdown_it",
    "bs4",
    "httpx",
    "rich",
    "tenacity",
    "filelock",
}

MAY_NOT_IMPORT = [
    ("iam_catalog", SCRAPING - {"markdown_it"}),
    ("iam_catalog/cli/main.py", {"datasette", "iam_catalog.datasette_plugin"}),
    ("iam_catalog/errors.py", {"iam_catalog"}),
    ("iam_catalog/names.py", {"iam_catalog.facts", "iam_catalog.catalog", "sqlite3", "re"}),
    (
        "iam_catalog/schema",
        {"iam_catalog.facts", "iam_catalog.catalog", "sqlite3", "dataclasses"},
    ),
    ("iam_catalog/records.py", {"iam_catalog", "sqlite3"}),
    ("iam_catalog/facts", {"iam_catalog.catalog", "iam_catalog.cli", "click", "datasette"}),
    ("iam_catalog/facts", {"iam_catalog.policy", "iam_catalog.arn"}),
    ("iam_catalog/catalog.py", {"iam_catalog.cli", "click", "datasette"}),
    ("iam_catalog/arn", {"iam_catalog.policy", "iam_catalog.catalog", "iam_catalog.cli", "click"}),
    (
        "iam_catalog/site",
        {"datasette", "iam_catalog.datasette_plugin", "iam_catalog.export", "click"},
    ),
    (
        "iam_catalog/assistants",
        {
            "datasette",
            "iam_catalog.datasette_plugin",
            "iam_catalog.cli",
            "iam_catalog.site",
            "click",
        },
    ),
    ("iam_catalog/export", {"datasette", "iam_catalog.datasette_plugin", "click"}),
    ("iam_catalog/arn/pattern.py", {"iam_catalog", "sqlite3", "re"}),
    (
        "scraper",
        {"iam_catalog.catalog", "iam_catalog.cli.main", "iam_catalog.facts.names", "datasette"},
    ),
    ("scraper/page/tables.py", {"iam_catalog", "scraper"}),
    ("scraper/formats/markdown.py", {"sqlite3", "sqlite_utils"}),
    ("scraper/merge/normalise.py", {"sqlite3", "sqlite_utils"}),
]
"""Each place with the modules that it, or what is in it, may not import."""

CLICK_USERS = ("iam_catalog/cli", "scraper/cli", "scraper/datasets/history.py", "scraper/prune.py")
"""Only what a command line is made of starts so."""

PUBLIC_OF_DATASETTE = {
    *("datasette", "datasette.hookimpl", "datasette.NotFound", "datasette.Response"),
    *("datasette.version", "datasette.version.__version__"),
}

HEAVY = {
    "bs4",
    "click",
    "dataclasses",
    "datasette",
    "difflib",
    "iam_catalog.records",
    "importlib.resources",
    "inspect",
    "json",
    "markdown_it",
    "pathlib",
    "re",
    "sqlite_utils",
    "typing",
}


def files_of(place: str) -> list[Path]:
    path = CHECKOUT / place
    if path.is_dir():
        return sorted(path.rglob("*.py"))
    return sorted(path.parent.glob(path.name))


def imports_of(file: Path) -> Iterator[str]:
    """Every module that a file imports, at the top or late."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are written in full"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def named(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


@pytest.mark.parametrize(("place", "forbidden"), MAY_NOT_IMPORT)
def test_a_place_does_not_import_what_it_may_not(place, forbidden):
    files = files_of(place)
    found = {
        (named(file), module)
        for file in files
        for module in imports_of(file)
        if any(module == each or module.startswith(f"{each}.") for each in forbidden)
    }

    assert files
    assert found == set()


def test_one_module_of_the_plugin_uses_what_is_private_in_datasette():
    files = files_of("iam_catalog/datasette_plugin")
    modules = {
        named(file): {name for name in imports_of(file) if name.partition(".")[0] == "datasette"}
        for file in files
    }
    private = {name for name, used in modules.items() if used - PUBLIC_OF_DATASETTE}
    attributes = {
        named(file)
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and getattr(node.value, "id", getattr(node.value, "attr", None)) in ("datasette", "ds")
    }

    assert private | attributes == {"iam_catalog/datasette_plugin/compat.py"}


def test_optional_readers_are_imported_where_they_are_used():
    """The query module needs none of the extras `yaml`, `hcl` and `prose`."""
    readers = {"markdown_it", "yaml", "hcl2", "lark"}
    users = {
        named(file): found
        for file in files_of("iam_catalog")
        if (found := readers & {each.partition(".")[0] for each in imports_of(file)})
    }

    assert users == {
        "iam_catalog/policy/read/hcl_text.py": {"hcl2", "lark"},
        "iam_catalog/policy/read/markup.py": {"markdown_it"},
        "iam_catalog/policy/read/yaml_text.py": {"yaml"},
    }


def test_only_the_command_lines_use_click():
    users = {
        named(file)
        for place in ("iam_catalog", "scraper")
        for file in files_of(place)
        if any(module.partition(".")[0] == "click" for module in imports_of(file))
    }

    assert {user for user in users if not user.startswith(CLICK_USERS)} == set()


def test_the_query_module_needs_the_standard_library_alone():
    modules = {
        module.partition(".")[0]
        for file in files_of("iam_catalog/*.py")
        for module in imports_of(file)
    }

    assert modules - STANDARD <= {"iam_catalog", "click", "uvicorn", "datasette"}


@pytest.mark.parametrize(
    "program",
    [
        "import iam_catalog",
        "from iam_catalog import dependent_actions; dependent_actions('connect:CreateInstance')",
        "from iam_catalog import required_by; required_by('kms:CreateGrant')",
    ],
)
def test_a_cold_start_loads_nothing_heavy(program):
    measured = (
        "import sys; before = set(sys.modules)\n"
        f"{program}\n"
        "print(*sorted(set(sys.modules) - before), sep='\\n')"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-c", measured], capture_output=True, text=True, check=True
    )

    loaded = set(done.stdout.split())
    assert "iam_catalog" in loaded
    assert loaded & HEAVY == set()


def facts_imported(module: str) -> set[str]:
    """The modules of facts that one of them imports, at the top or late."""
    (file,) = files_of(f"iam_catalog/facts/{module}.py")
    return {
        name.split(".")[2] for name in imports_of(file) if name.startswith("iam_catalog.facts.")
    }


def test_no_module_of_facts_imports_itself_through_others():
    left = {file.stem for file in files_of("iam_catalog/facts")} - {"__init__"}
    while ready := {module for module in left if not facts_imported(module) & left}:
        left -= ready

    assert left == set()
