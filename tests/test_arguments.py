"""What is not text is refused in words, by every question and in both forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest
from small_catalog import build_small_catalog

import iam_catalog
from iam_catalog import Catalog, CatalogError

NO_TEXTS = [5, 1.5, True, b"store:CreateShelf", ["store:CreateShelf"], {"store": 1}, object]
REQUIRED = [
    "action",
    "actions_of_operation",
    "dependent_actions",
    "documented_on",
    "operation",
    "operations_documented_on",
    "operations_of_action",
    "required_by",
    "resource_type",
    "search",
    "service",
]
OPTIONAL: list[tuple[str, Callable[[Any, Any], Any]]] = [
    ("condition_keys", lambda asked, value: asked.condition_keys(value)),
    ("disagreements", lambda asked, value: asked.disagreements(value)),
    ("resource_types", lambda asked, value: asked.resource_types(value)),
    ("service_prefix", lambda asked, value: asked.actions(service_prefix=value)),
    ("access_level", lambda asked, value: asked.actions(access_level=value)),
    ("resource_type", lambda asked, value: asked.actions(resource_type=value)),
    ("condition_key", lambda asked, value: asked.actions(condition_key=value)),
    ("since", lambda asked, value: asked.changes(since=value)),
    ("of a service", lambda asked, value: asked.changes(service_prefix=value)),
]


def message(value: object) -> str:
    return (
        f"{value!r} is not text: names, words and dates are written as text, for example "
        "'connect:StopContact'."
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("small"))


@pytest.fixture
def catalog(path: str) -> Iterator[Catalog]:
    with Catalog(path) as opened:
        yield opened


def error_of(ask: Callable[[], Any]) -> str:
    with pytest.raises(CatalogError) as caught:
        ask()
    assert type(caught.value) is CatalogError
    return str(caught.value)


@pytest.mark.parametrize("value", [None, *NO_TEXTS], ids=repr)
@pytest.mark.parametrize("name", REQUIRED)
def test_a_name_that_is_no_text_is_an_error(catalog: Catalog, name: str, value: object) -> None:
    assert error_of(lambda: getattr(catalog, name)(value)) == message(value)


@pytest.mark.parametrize("value", NO_TEXTS, ids=repr)
@pytest.mark.parametrize(("name", "ask"), OPTIONAL)
def test_a_filter_that_is_no_text_is_an_error(
    catalog: Catalog, name: str, ask: Callable[[Any, Any], Any], value: object
) -> None:
    assert (name, error_of(lambda: ask(catalog, value))) == (name, message(value))


def test_one_call_forms_say_the_same(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IAM_CATALOG_DB", path)

    assert error_of(lambda: iam_catalog.action(None)) == message(None)  # type: ignore[arg-type]


def test_the_pattern_that_is_no_text_is_named(catalog: Catalog) -> None:
    patterns: list[Any] = ["store:*", ["store:Create*"]]

    for ask in (catalog.expand, catalog.invert, catalog.changes_of_patterns):
        assert error_of(lambda ask=ask: ask(*patterns)) == message(patterns[1])  # type: ignore[misc]


@pytest.mark.parametrize("day", [date(2020, 1, 31), datetime(2020, 1, 31, 12)])
def test_a_date_of_python_is_answered_with_its_text(catalog: Catalog, day: Any) -> None:
    said = error_of(lambda: catalog.changes(since=day))

    assert said.endswith("are written as text, for example '2020-01-31'.")
    assert error_of(lambda: Catalog(catalog.path, as_of=day)) == said


def test_a_date_that_is_no_text_is_an_error(path: str) -> None:
    assert error_of(lambda: Catalog(path, as_of=2020)) == message(2020)  # type: ignore[arg-type]


def test_at_a_date_a_search_says_the_same(path: str) -> None:
    with Catalog(path, as_of="2020-12-31") as catalog:
        assert error_of(lambda: catalog.search(None)) == message(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("limit", [None, "10", 1.5, 2**63])
def test_a_limit_that_is_no_number_is_an_error(catalog: Catalog, limit: Any) -> None:
    assert error_of(lambda: catalog.search("shelf", limit=limit)) == (
        f"{limit!r} is not a number of results: write a whole number, for example 100."
    )


def test_a_closed_catalog_says_so_for_a_text(catalog: Catalog) -> None:
    catalog.close()

    assert error_of(lambda: catalog.action("store:CreateShelf")).endswith(
        "cannot be queried: Cannot operate on a closed database."
    )


def test_a_mistake_in_code_is_not_called_one_of_the_caller(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Any, name: str) -> None:
        raise AttributeError(f"{name} has a mistake")

    action = catalog.action  # made before its function is patched: made of that
    monkeypatch.setattr("iam_catalog.facts.actions.action", broken)

    with pytest.raises(AttributeError, match="has a mistake"):
        action("store:CreateShelf")
