"""What can be wrong with a page: the kinds, and the code that reports them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import scraper
from scraper.problems import KINDS, Problem

SOURCES = sorted(
    path for path in Path(scraper.__file__).parent.rglob("*.py") if path.name != "problems.py"
)
KIND = re.compile(r"[a-z]+(-[a-z]+)*")
REPORTERS = {"problem", "row_error", "no_page", "report_repeated", "report_undefined", "Name"}
"""Functions and methods that take the kind of a problem as one of their arguments."""


def trees() -> Iterator[ast.Module]:
    for path in SOURCES:
        yield ast.parse(path.read_text(encoding="utf-8"))


def texts(node: ast.AST) -> set[str]:
    """Every text that is written at *node* or below it."""
    constants = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
    return {text for text in constants if isinstance(text, str)}


def name_of(function: ast.expr) -> str | None:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else None


def reported_kinds() -> set[str]:
    """Texts of several words with hyphens among the arguments of a reporting call."""
    return {
        text
        for tree in trees()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and name_of(call.func) in REPORTERS
        for argument in [*call.args, *(keyword.value for keyword in call.keywords)]
        for text in texts(argument)
        if KIND.fullmatch(text) and "-" in text
    }


def test_reported_kinds_are_known() -> None:
    assert reported_kinds() - set(KINDS) == set()


def test_known_kinds_are_reported() -> None:
    written = {text for tree in trees() for text in texts(tree)}

    assert set(KINDS) - written == set()


@pytest.mark.parametrize("kind", KINDS)
def test_meaning_is_a_sentence(kind: str) -> None:
    assert KIND.fullmatch(kind)
    assert re.fullmatch(r"[A-Z].+\.", KINDS[kind].meaning)


@pytest.mark.parametrize(("kind", "accepted"), [("lost-name", False), ("detached-rows", True)])
def test_problem_is_accepted_as_its_kind_is(kind: str, accepted: bool) -> None:
    assert Problem("list_orders.md", 9, kind, "").accepted is accepted


def test_problem_says_where_it_stands() -> None:
    problem = Problem("list_orders.md", 9, "lost-name", "'https://docs.example.com'")

    assert str(problem) == "list_orders.md line 9: lost-name: 'https://docs.example.com'"
