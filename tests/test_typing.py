"""What a type checker and an editor see of the package, though it is made when it is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
PROGRAM = """\
import iam_catalog
from iam_catalog import Action, Catalog, Finding, dependent_actions

names: list[str] = dependent_actions("connect:CreateInstance", transitive=True)
reveal_type(Catalog.dependent_actions)
with Catalog() as catalog:
    found: Action = catalog.action("connect:CreateInstance")
    findings: list[Finding] = catalog.check_policy({}, kind=None)
    reveal_type(catalog.actions)
    catalog.dependent_actions(5)
    catalog.actions(level="List")
    iam_catalog.action()
iam_catalog.nothing
"""
SEEN = [
    (
        "5: note: Revealed type is "
        '"def (iam_catalog.catalog.Catalog, action: str, *, transitive: bool =) -> list[str]"'
    ),
    (
        "9: note: Revealed type is "
        '"def (*, service_prefix: str | None =, access_level: str | None =, '
        "resource_type: str | None =, condition_key: str | None =, without_resource_type: bool =) "
        '-> list[iam_catalog.records.ActionSummary]"'
    ),
    '10: error: Argument 1 has incompatible type "int"; expected "str"  [arg-type]',
    '11: error: Unexpected keyword argument "level"  [call-arg]',
    "12: error: Too few arguments  [call-arg]",
    '13: error: Module has no attribute "nothing"  [attr-defined]',
]


def test_questions_have_the_types_of_their_functions(tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    line = ["--strict", "--config-file=", f"--cache-dir={tmp_path / 'cache'}", "program.py"]

    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", *line],
        cwd=tmp_path,
        env={"MYPYPATH": str(CHECKOUT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    assert [each.removeprefix("program.py:") for each in done.stdout.splitlines()] == SEEN
