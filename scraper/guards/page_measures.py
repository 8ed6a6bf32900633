"""What a page lists, kind by kind, so that it can be compared with what another page lists.

Only what the page itself states counts, before anything is carried on from older pages. A kind
that the format of the page has no place for is None; a table that the page leaves out, though its
format has one, lists nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from scraper.guards.base import COLUMN_SHARE, SHARE
from scraper.page.model import Action, ServicePage

Names = dict[tuple[str, str], str]
"""What is listed: the row's own name and what else tells it apart, folded -> how it is shown."""
Listed = Callable[[ServicePage], Names | None]


@dataclass(frozen=True, slots=True)
class Measure:
    """One kind of thing that pages list."""

    what: str
    listed: Listed
    share: float = SHARE
    """Of what was listed; to lose more is too much."""
    across: bool = True
    """The guide's pages and the JSON service reference list the same ones."""
    subjects: Measure | None = None
    """The table in whose rows it stands: what went with its row is no loss of the column."""


def names(listed: Iterable[tuple[str, str, str]]) -> Names:
    """From a row's name, a word, and what stands in the row: `s3:GetObject`, `on`, `object`."""
    return {
        (name.lower(), value.lower()): f"{name} {word} {value}".rstrip()
        for name, word, value in listed
    }


def named_actions(page: ServicePage) -> list[tuple[str, Action]]:
    return [(f"{page.service_prefix}:{each.name}", each) for each in page.actions if each.name]


def actions(page: ServicePage) -> Names:
    return names((name, "", "") for name, _ in named_actions(page))


def resource_types(page: ServicePage) -> Names | None:
    """In their own case, as two types may differ in case alone; None without such a section."""
    if "resource_types" not in page.states:
        return None
    types = (f"{page.service_prefix}:{each.name}" for each in page.resource_types if each.name)
    return {(name, ""): name for name in types}


def condition_keys(page: ServicePage) -> Names:
    return names((each.key, "", "") for each in page.condition_keys if each.key)


def operations(page: ServicePage) -> Names | None:
    """None for the formats before 2026-07, known by their column of dependent actions."""
    old = page.carries("dependent_actions")
    if old and page.state("operations") == "not in source":
        return None
    return names((f"{page.service_prefix}:{each.name}", "", "") for each in page.operations)


def actions_of_operations(page: ServicePage) -> Names | None:
    if page.state("operations") != "parsed":
        return None
    return names(
        (f"{page.service_prefix}:{each.name}", "needs", needed.action)
        for each in page.operations
        for needed in each.actions
    )


def of_actions(
    detail: str, listed: Callable[[ServicePage], Iterator[tuple[str, str, str]]]
) -> Listed:
    """What stands in a column of the action table; None where there is no such column.

    A page without its action table has lost that, which says enough.
    """

    def column(page: ServicePage) -> Names | None:
        if page.state("actions") != "parsed" or not page.carries(detail):
            return None
        return names(listed(page))

    return column


def dependent_actions(page: ServicePage) -> Iterator[tuple[str, str, str]]:
    for name, action in named_actions(page):
        for row in action.rows:
            yield from ((name, "needs", each) for each in row.dependent_actions)


def types_of_actions(page: ServicePage) -> Iterator[tuple[str, str, str]]:
    """Without those of scenarios, which AWS has given up."""
    for name, action in named_actions(page):
        types = (row.resource_type for row in action.rows if not row.scenario)
        yield from ((name, "on", each) for each in types if each)


def required_types(page: ServicePage) -> Iterator[tuple[str, str, str]]:
    for name, action in named_actions(page):
        types = (row.resource_type for row in action.rows if row.required and not row.scenario)
        yield from ((name, "on", f"{each}*") for each in types if each)


def keys_of_actions(page: ServicePage) -> Iterator[tuple[str, str, str]]:
    """With those of their resource types, which pages since 2026-07 repeat on every row."""
    of_type: dict[str | None, tuple[str, ...]] = {}
    for each in page.resource_types:
        of_type[each.name] = of_type.get(each.name, ()) + each.condition_keys
    for name, action in named_actions(page):
        for row in action.rows:
            if not row.scenario:
                keys = (*row.condition_keys, *of_type.get(row.resource_type, ()))
                yield from ((name, "under", each) for each in keys)


def descriptions(page: ServicePage) -> Iterator[tuple[str, str, str]]:
    yield from ((name, "described", "") for name, each in named_actions(page) if each.description)


def keys_of_types(page: ServicePage) -> Names | None:
    """None where the page defines no resource types."""
    if page.state("resource_types") != "parsed":
        return None
    return {
        (f"{page.service_prefix}:{each.name}", key.lower()): (
            f"{page.service_prefix}:{each.name} under {key}"
        )
        for each in page.resource_types
        for key in each.condition_keys
    }


ACTIONS = Measure("actions", actions)
TYPES = Measure("resource types", resource_types)
OPERATIONS = Measure("operations", operations, across=False)
MEASURES = (
    ACTIONS,
    TYPES,
    Measure("condition keys", condition_keys),
    Measure("dependent actions", of_actions("dependent_actions", dependent_actions)),
    OPERATIONS,
    Measure(
        "resource types of actions",
        of_actions("row_pairing", types_of_actions),
        COLUMN_SHARE,
        subjects=ACTIONS,
    ),
    Measure(
        "required resource types",
        of_actions("required", required_types),
        COLUMN_SHARE,
        subjects=ACTIONS,
    ),
    Measure(
        "condition keys of actions",
        of_actions("row_pairing", keys_of_actions),
        COLUMN_SHARE,
        subjects=ACTIONS,
    ),
    Measure(
        "descriptions of actions",
        of_actions("descriptions", descriptions),
        COLUMN_SHARE,
        subjects=ACTIONS,
    ),
    Measure("condition keys of resource types", keys_of_types, COLUMN_SHARE, subjects=TYPES),
    Measure(
        "actions of operations",
        actions_of_operations,
        COLUMN_SHARE,
        across=False,
        subjects=OPERATIONS,
    ),
)
"""In the order of a report: the tables, then the columns that could turn blank."""
