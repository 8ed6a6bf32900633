"""The canned queries of the site answer what Python answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from built_catalogs import build, write_pages
from dependent_readers import PAGES
from doors import Doors, doors
from site_catalog import FILES

from iam_catalog import Catalog, CatalogError

Rows = list[dict[str, Any]]
Answer = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("canned")
    texts = {**FILES, **PAGES}
    write_pages(folder, texts)
    dated = [folder / each for each in sorted({name.partition("/")[0] for name in texts})]
    with doors(build(dated, folder / "catalog.db")) as opened:
        yield opened


def asked(ask: Callable[[], Answer]) -> Answer:
    """Return the answer of Python; nothing where it does not know the name."""
    try:
        return ask()
    except CatalogError:
        return []


def texts(value: str | None) -> tuple[str, ...]:
    return tuple(value.split(", ")) if value else ()


# --- the answer of each query, by Python and by its rows


def service(catalog: Catalog, name: str) -> Answer:
    found = catalog.service(name)
    counts = (found.actions, found.resource_types, found.condition_keys)
    return [
        (each.page, each.date, each.actions_state, each.operations_state, *counts, found.aliases)
        for each in found.pages
    ]


def service_rows(rows: Rows) -> Answer:
    return [
        (
            *(row["page"], row["last_date"], row["actions_state"], row["operations_state"]),
            *(row["actions"], row["resource_types"], row["condition_keys"]),
            texts(row["aliases"]),
        )
        for row in rows
    ]


def resource_types(catalog: Catalog, prefix: str) -> Answer:
    return [
        (each.resource_type, text, each.condition_keys, len(each.actions), each.source.line)
        for each in catalog.resource_types(prefix or None)
        for text in each.arn_formats or (None,)
    ]


def resource_types_rows(rows: Rows) -> Answer:
    return [
        (
            *(row["resource_type"], row["arn_format"], texts(row["condition_keys"])),
            *(row["actions"], row["line"]),
        )
        for row in rows
    ]


def resource_type(catalog: Catalog, name: str) -> Answer:
    found = catalog.resource_type(name)
    return [
        *[("ARN format", each) for each in found.arn_formats],
        *[("condition key", each) for each in found.condition_keys],
        *[("action", each) for each in found.actions],
    ]


def kinds_and_values(rows: Rows) -> Answer:
    return list(dict.fromkeys((row["kind"], row["value"]) for row in rows))


def condition_keys(catalog: Catalog, prefix: str) -> Answer:
    return [
        (
            *(each.condition_key, each.service_prefix, each.type, each.description),
            *(each.last_seen, each.source.page, each.source.line),
        )
        for each in catalog.condition_keys(prefix or None)
    ]


def all_values(rows: Rows) -> Answer:
    return [tuple(row.values()) for row in rows]


def operation(catalog: Catalog, name: str) -> Answer:
    found = catalog.operation(name)
    return [
        (each.action, each.condition_key, each.condition_values, each.page, each.line)
        for each in found.authorized
    ]


def operation_rows(rows: Rows) -> Answer:
    return [
        (
            *(row["action"], row["condition_key"], row["condition_values"]),
            *(row["page"], row["line"]),
        )
        for row in rows
        if row["action"] is not None
    ]


def actions_of_operation(catalog: Catalog, name: str) -> Answer:
    return [(each,) for each in catalog.actions_of_operation(name)]


def operations_of_action(catalog: Catalog, name: str) -> Answer:
    return [(each,) for each in catalog.operations_of_action(name)]


def operations_rows(rows: Rows) -> Answer:
    return list(dict.fromkeys((f"{row['service_prefix']}:{row['name']}",) for row in rows))


def policies_using(catalog: Catalog, name: str) -> Answer:
    return [
        (
            *(each.policy, each.title, each.statement, each.effect, each.element, each.pattern),
            *(each.policy_document, each.line),
        )
        for each in catalog.policies_using(name)
    ]


def actions_of_policy(catalog: Catalog, name: str) -> Answer:
    return [
        (each.statement, each.effect, each.element, each.pattern, action, each.line)
        for each in catalog.actions_of_policy(name)
        for action in each.actions
    ]


def actions_of_policy_rows(rows: Rows) -> Answer:
    return [
        (
            *(row["statement"], row["effect"], row["element"], row["pattern"]),
            *(row["action"], row["line"]),
        )
        for row in rows
    ]


PERMISSION_ONLY = {
    True: [("permission only", "matches no API operation")],
    False: [],
    None: [("permission only", "not in source")],
}


def show(catalog: Catalog, name: str) -> Answer:
    found = catalog.action(name)
    state = catalog.dependents_state(name)
    return [
        ("action", found.action),
        *([("removed", found.removed)] if found.removed else []),
        ("service", found.service_prefix),
        *([("description", found.description)] if found.description else []),
        *[("access level", each) for each in found.access_levels],
        *PERMISSION_ONLY[found.permission_only],
        *([("documentation", found.url)] if found.url else []),
        *[("resource type", each) for each in found.resource_types],
        *[("condition key", each) for each in found.condition_keys],
        *([] if state == "parsed" else [("dependent actions", state)]),
        *[("required by", each) for each in catalog.required_by(name)],
        *[("operation", each) for each in catalog.operations_of_action(name)],
    ]


COMPARED = {"dependent action", "ARN format"}
"""Kinds of rows that other tests compare, or that Python tells of the resource type."""


def show_rows(rows: Rows) -> Answer:
    found = [
        (
            row["kind"],
            row["value"].partition(" (")[0] if row["kind"] == "operation" else row["value"],
        )
        for row in rows
        if row["kind"] not in COMPARED
    ]
    return list(dict.fromkeys(found))


PREFIXES = (
    "orders",
    "ORDERS",
    "Example Stock",
    "stock",
    "closed",
    "depot",
    "ring",
    "more",
    "nosuch",
)
ACTIONS = (
    *("orders:CreateOrder", "orders:createorder", "orders:ListOrders", "orders:CancelOrder"),
    *("orders:ShareOrder", "hazard:Explode", "stock:Reserve000", "ring:Pages", "ring:Rows"),
    *("ring:Gone", "iam:PassRole", "ebb:Older", "json:Never", "orders:Nothing", "orders"),
)
OPERATIONS = ("orders:CreateOrder", "CreateOrder", "ORDERS:createorder", "orders:Nothing")
QUERIES: dict[str, tuple[str, tuple[str, ...], Callable[..., Answer], Callable[[Rows], Answer]]] = {
    "service": ("service_prefix", PREFIXES, service, service_rows),
    "resource-types": (
        "service_prefix",
        ("", *PREFIXES),
        resource_types,
        resource_types_rows,
    ),
    "resource-type": (
        "resource_type",
        ("order", "orders:order", "ORDERS:order", "orders:Order", "hazard:bomb", "nothing"),
        resource_type,
        kinds_and_values,
    ),
    "condition-keys": ("service_prefix", ("", *PREFIXES), condition_keys, all_values),
    "operation": ("operation", OPERATIONS, operation, operation_rows),
    "actions-of-operation": (
        "operation",
        OPERATIONS,
        actions_of_operation,
        lambda rows: [(row["action"],) for row in rows],
    ),
    "operations-of-action": ("action", ACTIONS, operations_of_action, operations_rows),
    "policies-using": ("action", ACTIONS, policies_using, all_values),
    "actions-of-policy": (
        "policy",
        ("seeing-orders:6", "nothing"),
        actions_of_policy,
        actions_of_policy_rows,
    ),
    "show": ("action", ACTIONS, show, show_rows),
}
UNORDERED = ("show", "resource-types")


@pytest.mark.parametrize(
    ("query", "value"),
    [(query, value) for query, (_, values, *_) in QUERIES.items() for value in values],
)
async def test_a_canned_query_answers_as_python(query: str, value: str, door: Doors) -> None:
    name, _, ask, read = QUERIES[query]
    expected = asked(lambda: ask(door.catalog, value))
    found = read(await door.query(query, **{name: value}))

    if query in UNORDERED:
        expected, found = sorted(expected, key=repr), sorted(found, key=repr)
    assert found == expected
