"""Show one action: everything that the catalog knows of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from iam_catalog.facts import actions
from iam_catalog.facts.overviews import (
    around,
    keys_of_resource_types,
    last_arn_formats,
    service_name,
)
from iam_catalog.facts.resource_types import formats_of_types
from iam_catalog.facts.samples import has_policies
from iam_catalog.facts.sources import description_source, holds_dependents
from iam_catalog.policy.facts import policy_facts
from iam_catalog.policy.samples import policies_using
from iam_catalog.policy.write.grants import granted_action
from iam_catalog.policy.write.statements import groups_of, statements_of
from iam_catalog.records import Action
from iam_catalog.site.graph import by_service, graph_of
from iam_catalog.site.parts import disagreements_on, history, life, source_of
from iam_catalog.site.render import Model, SitePage
from iam_catalog.site.request import Request
from iam_catalog.site.typography import json_text, listed_in_words

_OWN_FIELDS = (
    *("action", "service_prefix", "name", "access_level", "access_levels", "description"),
    *("permission_only", "url", "first_seen", "last_seen", "removed", "removed_by", "incomplete"),
)


def action(connection: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """Return the action with its rows, dependents, operations, policies, history and source.

    Of a removed action these are the last documented facts. The `state` of its dependents is `not
    in source` where no held source of it has a place for them; `policies` is null in a catalog that
    has no place for them. `held` says whether any source of the catalog has a place for dependent
    actions.
    """
    found = actions.action(connection, request.names["name"])
    name = found.action
    fields = asdict(found)
    return {
        "action": {field: fields[field] for field in _OWN_FIELDS},
        "service_name": service_name(connection, found.service_prefix),
        "takes_known": found.resource_types is not None,
        "rows": fields["rows"],
        "resource_types": _resource_types(connection, found),
        "dependents": {
            "state": found.dependents_state,
            "documented_on": found.dependents_documented_on,
            "page": found.dependents_page,
            "held": holds_dependents(connection),
            "references": fields["dependents"],
            **around(connection, name, found.dependent_actions),
        },
        "operations": {
            "documented_on": actions.operations_documented_on(connection, name),
            "names": actions.operations_of_action(connection, name),
        },
        "policies": _policies(connection, name),
        "statement": None if found.removed else _statement(connection, name),
        "changes": history(connection, "action", [name]),
        "disagreements": disagreements_on(connection, "action", name),
        "source": source_of(connection, found.source),
        "described": description_source(connection, name, found.removed)._asdict(),
    }


def _resource_types(connection: sqlite3.Connection, found: Action) -> list[dict[str, Any]]:
    names = found.resource_types or ()
    formats = formats_of_types(connection, names)
    keys = keys_of_resource_types(connection, names)
    return [
        {
            "resource_type": name,
            "arn_formats": formats.get(name) or last_arn_formats(connection, name),
            "condition_keys": keys.get(name, []),
        }
        for name in names
    ]


def _policies(connection: sqlite3.Connection, action: str) -> list[dict[str, Any]] | None:
    if not has_policies(connection):
        return None
    return [asdict(use) for use in policies_using(connection, action)]


def _statement(connection: sqlite3.Connection, action: str) -> dict[str, Any]:
    """Return the least statement that allows the action, as `iam-catalog write ACTION` gives it.

    AWS's ARN formats in it are to be filled in.
    """
    known = policy_facts(connection).facts_of([action])
    granted = granted_action(action, known.get(action.lower()), {})
    return statements_of(groups_of([granted], known), ())[0]


def _shown(model: Model) -> dict[str, Any]:
    """Return the graph, the rows by scenario, what it needs and what requires it, and its life."""
    dependents = model["dependents"]
    rows = _grouped_rows(model)
    sources = {(each["page"], each["line"]) for each in dependents["references"]}
    has_one_source = len(sources) == 1 and next(iter(sources))[1] is None
    # Keys of an action that takes no resource need no table.
    is_plain = len(rows) == len(model["rows"]) == 1 and not rows[0]["scenario"]
    is_plain = is_plain and not model["resource_types"]
    return {
        "graph": graph_of(dependents),
        "rows": [] if is_plain else rows,
        "plain_keys": rows[0]["rows"][0]["condition_keys"] if is_plain else [],
        "has_required": any(row["required"] for row in model["rows"]),
        "needs": _needed(dependents),
        "needs_source": next(iter(sources))[0] if has_one_source else None,
        "has_types": any(each["resource_type"] for each in dependents["references"]),
        "unheld": {
            each["action"] for each in dependents["needs"] if each["state"] == "not in the catalog"
        },
        "datasets": sorted({each["dataset"] for each in dependents["references"]} - {None}),
        "required_by": _requiring(dependents),
        "unknown": listed_in_words(_unknown(model)),
        "life": life(model["action"], model["changes"]),
        "statement": json_text(model["statement"]) if model["statement"] else None,
    }


def _unknown(model: Model) -> list[str]:
    """Return what no held source has a place for, in words."""
    action, dependents, operations = model["action"], model["dependents"], model["operations"]
    needs_known = dependents["direct"] or dependents["state"] == "none"
    known = {
        "its access level": action["access_levels"],
        "its resource types and condition keys": model["takes_known"],
        "what it needs": needs_known,
        "what requires it": dependents["held"],
        "whether it is permission only": action["permission_only"] is not None,
        "which API operations need it": operations["names"] or operations["documented_on"],
    }
    return [words for words, is_known in known.items() if not is_known]


def _grouped_rows(model: Model) -> list[dict[str, Any]]:
    """Return the rows by scenario, each with the formats and the further keys of its resource type.

    Rows without either are left out: what they need is in a list of its own.
    """
    types = {each["resource_type"]: each for each in model["resource_types"]}
    rows = [_row_with_type(row, types.get(row["resource_type"])) for row in model["rows"]]
    shown = [row for row in rows if _has_content(row)]
    return [
        {"scenario": scenario, "rows": list(group)}
        for scenario, group in groupby(shown, key=lambda row: row["scenario"])
    ]


def _has_content(row: Mapping[str, Any]) -> bool:
    return bool(row["resource_type"] or row["condition_keys"])


def _row_with_type(row: Mapping[str, Any], kind: Mapping[str, Any] | None) -> dict[str, Any]:
    own = {key.lower() for key in row["condition_keys"]}
    keys = kind["condition_keys"] if kind else ()
    return {
        **row,
        "arn_formats": kind["arn_formats"] if kind else [],
        "type_keys": [key for key in keys if key.lower() not in own],
    }


def _needed(dependents: Mapping[str, Any]) -> list[tuple[int, list[dict[str, Any]]]]:
    """Return what the action needs by steps: direct ones with the places that list them, further
    ones with those a step nearer that need them (`through`)."""
    references: dict[str, list[dict[str, Any]]] = {}
    for reference in dependents["references"]:
        references.setdefault(reference["dependent_action"].lower(), []).append(reference)
    ordered = sorted(dependents["needs"], key=lambda node: node["steps"])
    nodes = [
        {
            **node,
            **_places_of(references.get(node["action"].lower(), [])),
            "through": [
                each["action"]
                for each in ordered
                if each["steps"] == node["steps"] - 1 and node["action"] in each["needs"]
            ],
        }
        for node in ordered
    ]
    return [(steps, list(group)) for steps, group in groupby(nodes, lambda node: node["steps"])]


def _places_of(references: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return where references are stated, and the resource types that they are beside."""
    types = dict.fromkeys(each["resource_type"] for each in references if each["resource_type"])
    places = {(each["page"], each["line"], each["place"]): each for each in references}
    return {"resource_types": list(types), "places": list(places.values())}


def _requiring(dependents: Mapping[str, Any]) -> dict[str, Any]:
    """Return what requires the action, by service; `through` has those that a further one needs."""
    nodes = dependents["required_by"]
    actions = [
        {**node, "through": [] if node["steps"] == 1 else node["needs"]}
        for node in sorted(nodes, key=lambda node: node["action"].lower())
    ]
    direct = sum(node["steps"] == 1 for node in nodes)
    return {
        "direct": direct,
        "further": len(nodes) - direct,
        "services": [
            {"service_prefix": group[0]["action"].partition(":")[0], "actions": group}
            for group in by_service(actions).values()
        ],
    }


PAGE = SitePage(
    "action/(?P<name>.+?)",
    "action.html",
    action,
    lambda model: model["action"]["action"],
    shown=_shown,
    shows_whole_catalog=True,
    name=lambda model: model["action"]["action"],
    description=lambda model: model["action"]["description"],
)
