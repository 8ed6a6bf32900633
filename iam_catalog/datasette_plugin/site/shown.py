"""What templates get beside the models: the same facts, grouped and drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from iam_catalog.datasette_plugin.site.graph import graph_of
from iam_catalog.datasette_plugin.site.graph_boxes import by_service
from iam_catalog.datasette_plugin.site.matrix import picture
from iam_catalog.datasette_plugin.site.page import Model
from iam_catalog.datasette_plugin.site.typography import json_text

FIRST_ROWS = 24
"""About as many as a screen shows at once."""
MORE_ROWS = 100


def shown_of_action(model: Model) -> dict[str, Any]:
    """The graph, the rows by scenario, and both sides of the dependents."""
    dependents = model["dependents"]
    return {
        "graph": graph_of(dependents),
        "rows": grouped_rows(model),
        "needs": needed(dependents),
        "has_types": any(each["resource_type"] for each in dependents["references"]),
        "unheld": {
            each["action"] for each in dependents["needs"] if each["state"] == "not in the catalog"
        },
        "datasets": sorted({each["dataset"] for each in dependents["references"]} - {None}),
        "required_by": requiring(dependents),
        "life": life(model["action"], model["changes"]),
        "statement": json_text(model["statement"]) if model["statement"] else None,
    }


def shown_of_service(model: Model) -> dict[str, Any]:
    """The picture of what its actions touch, and the actions by their primary level.

    A column that no action has a value for is left out.
    """
    actions = model["actions"]
    found: dict[str | None, list[dict[str, Any]]] = {}
    for each in actions:
        found.setdefault(each["access_level"], []).append(each)
    order = [each["access_level"] for each in model["levels"] if each["access_level"] in found]
    return {
        "picture": picture(model["matrix"]),
        "groups": [
            {"access_level": level, "number": len(found[level]), "tables": in_tables(found[level])}
            for level in order
        ],
        **(known := known_of(actions)),
        "not_known": in_words([words for name, words in DETAILS.items() if not known[name]]),
    }


DETAILS = {
    "has_descriptions": "descriptions",
    "knows_needs": "dependent actions",
    "knows_marks": "permission-only marks",
}
"""What may be known of no action of a service, in words."""


def in_words(names: Sequence[str]) -> str:
    """Join names to the subject of a sentence; empty for none.

    >>> in_words(["descriptions", "dependent actions", "permission-only marks"])
    'Descriptions, dependent actions and permission-only marks'
    """
    text = " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
    return text[:1].upper() + text[1:]


def known_of(actions: Sequence[Mapping[str, Any]]) -> dict[str, bool]:
    """Which of `DETAILS` are known of any action."""
    return {
        "has_descriptions": any(each["description"] for each in actions),
        "knows_needs": any(each["dependent_actions"] is not None for each in actions),
        "knows_marks": any(each["permission_only"] is not None for each in actions),
    }


def in_tables(actions: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """A long list in parts, so that a browser lays out the first screen without the others."""
    starts = [0, *range(FIRST_ROWS, len(actions), MORE_ROWS)]
    return [actions[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]


def shown_of_search(model: Model) -> dict[str, Any]:
    """The results by kind, the kind of the best one first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in model["results"]:
        found.setdefault(each["kind"], []).append(each)
    return {"groups": [{"kind": kind, "results": found[kind]} for kind in found]}


def shown_of_resource_type(model: Model) -> dict[str, Any]:
    return {"life": life(model["resource_type"], model["changes"])}


def life(fact: Mapping[str, Any], changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What happened to a fact, the newest first: its dates between what changed of it.

    `event` is `removed`, `last`, `first` or `only` for its own dates, and None for a change.
    """
    first, last, removed = fact["first_seen"], fact["last_seen"], fact["removed"]
    told = [
        {"date": each["date"], "event": None, "change": each}
        for each in changes
        if each["field"] or each["date"] not in (first, removed)
    ]
    is_alone = first == last and not told
    own = [(last, "only")] if is_alone else [(last, "last"), (first, "first")]
    if removed:
        own.insert(0, (removed, "removed"))
    events = [
        {"date": date, "event": event, "change": None, "removed_by": fact["removed_by"]}
        for date, event in own
    ]
    order = {"removed": 0, "last": 1, "only": 1, None: 2, "first": 3}
    events = sorted([*events, *told], key=lambda each: order[each["event"]])
    return sorted(events, key=lambda each: each["date"] or "", reverse=True)


def grouped_rows(model: Model) -> list[dict[str, Any]]:
    """The rows by scenario, each with the formats and the further keys of its resource type.

    Rows without anything, which every action has that takes nothing, are left out.
    """
    types = {each["resource_type"]: each for each in model["resource_types"]}
    rows = [row_with_type(row, types.get(row["resource_type"])) for row in model["rows"]]
    told = [row for row in rows if has_content(row)]
    return [
        {"scenario": scenario, "rows": list(group)}
        for scenario, group in groupby(told, key=lambda row: row["scenario"])
    ]


def has_content(row: Mapping[str, Any]) -> bool:
    return bool(row["resource_type"] or row["condition_keys"] or row["dependent_actions"])


def row_with_type(row: Mapping[str, Any], kind: Mapping[str, Any] | None) -> dict[str, Any]:
    own = {key.lower() for key in row["condition_keys"]}
    keys = kind["condition_keys"] if kind else ()
    return {
        **row,
        "arn_formats": kind["arn_formats"] if kind else [],
        "type_keys": [key for key in keys if key.lower() not in own],
    }


def needed(dependents: Mapping[str, Any]) -> list[tuple[int, list[dict[str, Any]]]]:
    """What the action needs by steps; direct ones with the places that list them."""
    references: dict[str, list[dict[str, Any]]] = {}
    for reference in dependents["references"]:
        references.setdefault(reference["dependent_action"].lower(), []).append(reference)
    nodes = [
        {**node, **places_of(references.get(node["action"].lower(), []))}
        for node in sorted(dependents["needs"], key=lambda node: node["steps"])
    ]
    return [(steps, list(group)) for steps, group in groupby(nodes, lambda node: node["steps"])]


def places_of(references: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Where references are stated, each once, and the resource types that they are beside."""
    types = dict.fromkeys(each["resource_type"] for each in references if each["resource_type"])
    places = {(each["page"], each["line"], each["place"]): each for each in references}
    return {"resource_types": list(types), "places": list(places.values())}


def requiring(dependents: Mapping[str, Any]) -> dict[str, Any]:
    """What requires the action, by service; `through` says of a further one which actions do."""
    nodes = dependents["required_by"]
    told = [
        {**node, "through": [] if node["steps"] == 1 else node["needs"]}
        for node in sorted(nodes, key=lambda node: node["action"].lower())
    ]
    direct = sum(node["steps"] == 1 for node in nodes)
    return {
        "direct": direct,
        "further": len(nodes) - direct,
        "services": [
            {"service_prefix": group[0]["action"].partition(":")[0], "actions": group}
            for group in by_service(told).values()
        ],
    }


def shown_of_condition_key(model: Model) -> dict[str, Any]:
    """The services that define the key or use it, with what they say of it; or the chosen one."""
    found: dict[str, dict[str, Any]] = {
        each["service_prefix"].lower(): {**each, "definitions": []} for each in model["by_service"]
    }
    for own in model["definitions"]:
        prefix = own["service_prefix"]
        empty = {"service_prefix": prefix, "actions": 0, "resource_types": 0, "definitions": []}
        found.setdefault(prefix.lower(), empty)["definitions"].append(own)
    chosen = model["service"]
    shown = sorted(found) if chosen is None else {chosen.lower()} & found.keys()
    return {"services": [found[prefix] for prefix in shown]}
