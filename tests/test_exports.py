"""The public names: few, in AWS's words, documented, and the same in both forms."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import pydoc
import re
import sys
from dataclasses import fields, is_dataclass
from types import ModuleType
from typing import get_args

import pytest

import iam_catalog
import iam_catalog.arn
import iam_catalog.facts
import iam_catalog.policy
from iam_catalog import Catalog, errors, records

BANNED = {
    "privilege",
    "privileges",
    "permission",
    "permissions",
    "namespace",
    "crud",
    "raw",
    "get",
    "method",
    "dependency",
    "dependencies",
}
"""Words that AWS has another word for; `permission_only` is AWS's own."""

ONE_CALL = [name for name in iam_catalog.__all__ if name.islower()]
OF_ONE_CATALOG = {"about", "close", "differences", "lists_all_services", "what_brings_all"}
"""Methods that ask about a file, or compare two: there is no one-call form of these."""

METHODS = [
    name for name in vars(Catalog) if not name.startswith("_") and name not in OF_ONE_CATALOG
]
MODULES = [
    info.name
    for package in (iam_catalog.arn, iam_catalog.facts, iam_catalog.policy)
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
]
QUERIES = {
    name: function
    for module in MODULES
    for name, function in vars(importlib.import_module(module)).items()
    if inspect.isfunction(function) and "connection" in inspect.signature(function).parameters
}
"""The functions that take a connection, whatever file they stand in."""


def words_of(name: str) -> set[str]:
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name.replace("permission_only", ""))
    return set(re.split(r"[ _]+", spaced.lower()))


def public_names() -> set[str]:
    """Functions, classes, their methods and fields, and every parameter."""
    names = set(iam_catalog.__all__) | set(QUERIES)
    for module in (records, errors):
        names |= {name for name in vars(module) if not name.startswith("_")}
    classes = [each for each in vars(records).values() if inspect.isclass(each)]
    for each in (Catalog, *classes):
        names |= {name for name in dir(each) if not name.startswith("_")}
    for name in METHODS:
        names |= set(inspect.signature(getattr(Catalog, name)).parameters)
    return names


def test_all_is_what_is_visible():
    visible = {
        name
        for name in dir(iam_catalog)
        if not name.startswith("_") and not isinstance(getattr(iam_catalog, name), ModuleType)
    }

    assert visible - {"TYPE_CHECKING"} == set(iam_catalog.__all__)


def test_all_is_what_type_checkers_see():
    """They read the branch that never runs: imports, and one-call forms as methods of a catalog."""
    tree = ast.parse(inspect.getsource(iam_catalog))
    (branch,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        alias.asname or alias.name
        for node in branch.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    } | {
        target.id
        for node in branch.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    assert seen - {"_asked"} == set(iam_catalog.__all__)


def test_a_name_that_is_not_public_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'iam_catalog' has no attribute 'about'"):
        iam_catalog.about  # noqa: B018


def test_every_type_of_an_answer_can_be_imported_from_the_top():
    """Those of records, and those that they and the answers of questions are made of."""
    classes = {value for value in vars(records).values() if inspect.isclass(value)}
    waiting = [*classes, *[getattr(iam_catalog, name) for name in iam_catalog.__all__]]
    while waiting:
        found = [each for each in types_in(waiting.pop()) if each not in classes]
        classes |= set(found)
        waiting += found

    assert {each.__name__ for each in classes} - set(iam_catalog.__all__) == set()


def types_in(owner: object) -> list[type]:
    """The records that the fields of a record, or what a question returns, are made of."""
    space = vars(sys.modules[owner.__module__]) if inspect.isclass(owner) else vars(iam_catalog)
    if is_dataclass(owner):
        texts = [str(each.type) for each in fields(owner)]
    elif inspect.isfunction(owner):
        texts = [owner.__annotations__["return"]]
    else:
        return []
    named = {word for text in texts for word in re.findall(r"\w+", text)}
    return [each for each in map(space.get, named) if inspect.isclass(each) and is_dataclass(each)]


def test_no_module_has_the_name_of_a_question():
    """A module that is imported late would take the place of the function of its name."""
    modules = {info.name for info in pkgutil.iter_modules(iam_catalog.__path__)}

    assert modules & set(iam_catalog.__all__) == set()


def test_every_error_can_be_imported_from_the_top():
    classes = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, errors.CatalogError)
    }

    assert classes - set(iam_catalog.__all__) == set()


@pytest.mark.parametrize("name", iam_catalog.__all__)
def test_every_public_name_is_documented(name):
    """A choice of words, such as `Severity`, needs no more than its words."""
    value = getattr(iam_catalog, name)

    assert get_args(value) or inspect.getdoc(value)


@pytest.mark.parametrize("name", sorted(OF_ONE_CATALOG))
def test_every_method_is_documented(name):
    assert inspect.getdoc(getattr(Catalog, name))


@pytest.mark.parametrize("name", METHODS)
def test_all_forms_of_a_question_have_the_documentation_of_its_function(name):
    forms = (QUERIES[name], getattr(Catalog, name), getattr(iam_catalog, name))
    documented = {inspect.getdoc(form) for form in forms}

    assert len(documented) == 1
    assert ">>> " in documented.pop()
    assert [(form.__name__, form.__qualname__) for form in forms[1:]] == [
        (name, f"Catalog.{name}"),
        (name, name),
    ]


def test_help_shows_a_question_as_a_method_with_its_signature():
    text = pydoc.plain(pydoc.render_doc(Catalog))

    assert "  action(self, name: 'str') -> 'Action'\n" in text
    assert "Describe one action" in text


def test_wrong_arguments_name_the_question():
    with pytest.raises(TypeError, match=r"^Catalog\.action\(\) missing 1 required .* 'name'$"):
        Catalog.action(None)
    with pytest.raises(
        TypeError, match=r"^actions\(\) got an unexpected keyword argument 'level'$"
    ):
        iam_catalog.actions(level="List")


def test_no_public_name_has_a_banned_word():
    assert {name for name in public_names() if words_of(name) & BANNED} == set()


def test_there_is_a_method_for_each_one_call_form():
    assert sorted(ONE_CALL) == sorted(METHODS)


@pytest.mark.parametrize("name", ONE_CALL)
def test_all_forms_of_a_question_have_the_same_signature(name):
    one_call = inspect.signature(getattr(iam_catalog, name))
    method = inspect.signature(getattr(Catalog, name))
    query = inspect.signature(QUERIES[name])

    assert [
        [str(parameter) for parameter in signature.parameters.values()][skipped:]
        for signature, skipped in ((method, 1), (query, 1))
    ] == [[str(parameter) for parameter in one_call.parameters.values()]] * 2
    assert one_call.return_annotation == method.return_annotation == query.return_annotation
