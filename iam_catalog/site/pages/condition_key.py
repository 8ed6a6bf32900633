"""Show one condition key: what each service says of it, and what has it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import Any

from iam_catalog.errors import UnknownConditionKey
from iam_catalog.facts.global_keys import DESCRIPTIONS
from iam_catalog.facts.keys import (
    AS_OF,
    GLOBAL_KEYS,
    LISTED_BY_SERVICES,
    RemovedKey,
    key_definitions,
    key_uses,
    known_condition_key,
    removed_key,
    services_of_key,
)
from iam_catalog.facts.keys import PAGE as PAGE_OF_GLOBAL_KEYS
from iam_catalog.facts.names import known_service
from iam_catalog.facts.overviews import actions_named
from iam_catalog.policy.grammar.conditions import fitting_operators, is_multivalued
from iam_catalog.site.parts import disagreements_on, history
from iam_catalog.site.render import Model, SitePage
from iam_catalog.site.request import Request

MOST_LISTED = 400
"""Actions that are listed of all services together; of more, those of one service are."""
_MOST_CHANGES = 50

_VALUES = {
    (): "not known",
    (False,): "one",
    (True,): "several",
    (False, True): "one or several, as the service says",
}
"""How many values a request has, by whether the stated types are those of several."""


def condition_key(connection: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """Return the key with its definitions, and its uses by service; `service` lists those of one.

    A key of a tag, such as `aws:RequestTag/team`, is answered with the key that it is a case of. Of
    a removed key there are its last documented definitions. A global key is found, too, where no
    source lists it.
    """
    name = request.names["name"]
    found = _found_key(connection, name)
    key, removed = found.condition_key, found.removed or None
    chosen = request.value("service")
    chosen = known_service(connection, chosen) if chosen else None
    subjects = [f"{key} ({prefix})" for prefix in services_of_key(connection, key)]
    return {
        "condition_key": key,
        "asked": name,
        "removed": removed,
        "removed_by": found.removed_by,
        "global": _global_key(key),
        "definitions": [
            each._asdict() for each in key_definitions(connection, key, removed=bool(removed))
        ],
        "service": chosen,
        **_uses(connection, key, chosen),
        "disagreements": disagreements_on(connection, "condition key", key),
        "changes": history(connection, "condition key", subjects, _MOST_CHANGES),
    }


def _found_key(connection: sqlite3.Connection, name: str) -> RemovedKey:
    """Return the key as it is spelled; with an empty `removed` while a source has it."""
    try:
        return RemovedKey(known_condition_key(connection, name), "", None)
    except UnknownConditionKey:
        if removed := removed_key(connection, name):
            return removed
        if spelled := _global_name(name):
            return RemovedKey(spelled, "", None)
        raise


def _global_name(name: str) -> str | None:
    return {key.lower(): key for key in GLOBAL_KEYS}.get(name.lower())


def _global_key(key: str) -> dict[str, Any] | None:
    """Return what AWS's page of global keys says of the key; `None` for a key of services."""
    spelled = _global_name(key)
    if spelled is None:
        return None
    return {
        "description": DESCRIPTIONS[spelled],
        "types": list(GLOBAL_KEYS[spelled]),
        "on_pages_of_services": spelled.partition("/")[0].lower() in LISTED_BY_SERVICES,
        "as_of": AS_OF,
        "url": PAGE_OF_GLOBAL_KEYS,
    }


def _uses(connection: sqlite3.Connection, key: str, service: str | None) -> dict[str, Any]:
    """Count the actions and resource types that have the key, by service or of one *service*.

    They are listed where they are few, or of one service.
    """
    found = key_uses(connection, key, service)
    types, actions = found.resource_types, found.own | found.through_types
    per_service = Counter(name.partition(":")[0] for name in actions)
    types_per_service = Counter(name.partition(":")[0] for name in types)
    is_listed = service is not None or len(actions) <= MOST_LISTED
    return {
        "actions": len(actions),
        "resource_types": len(types),
        "by_service": [
            {
                "service_prefix": each,
                "actions": per_service[each],
                "resource_types": types_per_service[each],
            }
            for each in sorted(per_service.keys() | types_per_service.keys())
        ],
        "listed_actions": _listed(connection, sorted(actions), found.own) if is_listed else None,
        "listed_resource_types": sorted(types) if is_listed else None,
    }


def _listed(
    connection: sqlite3.Connection, actions: list[str], own: set[str]
) -> list[dict[str, Any]]:
    """List the actions, and say whether a row of their own has the key."""
    known = actions_named(connection, actions)
    return [
        {
            "action": name,
            "access_level": known[name.lower()].access_level if name.lower() in known else None,
            "on_own_row": name in own,
        }
        for name in actions
    ]


def _shown(model: Model) -> dict[str, Any]:
    """Return the services that define the key or use it, or the chosen one of them."""
    found: dict[str, dict[str, Any]] = {
        each["service_prefix"].lower(): {**each, "definitions": []} for each in model["by_service"]
    }
    for own in model["definitions"]:
        prefix = own["service_prefix"]
        empty = {"service_prefix": prefix, "actions": 0, "resource_types": 0, "definitions": []}
        found.setdefault(prefix.lower(), empty)["definitions"].append(own)
    chosen = model["service"]
    shown = sorted(found) if chosen is None else {chosen.lower()} & found.keys()
    return {"services": [found[prefix] for prefix in shown], **_usage(model)}


def _usage(model: Model) -> dict[str, Any]:
    """Return how a policy compares the key: its types, whether it has several values, operators.

    The types are those of AWS's page of global keys, or else of every definition. `Null` fits any.
    """
    stated = (
        model["global"]["types"]
        if model["global"]
        else [each["type"] for each in model["definitions"] if each["type"]]
    )
    types = list(dict.fromkeys(stated))
    operators = dict.fromkeys(name for each in types for name in fitting_operators(each))
    return {
        "types": types,
        "values": _VALUES[tuple(sorted({is_multivalued(each) for each in types}))],
        "operators": [name for name in operators if name != "Null"],
    }


def _name(model: dict[str, Any]) -> str:
    """Return the key; one that was asked for with the key of a tag has that in its address."""
    key, asked = str(model["condition_key"]), str(model["asked"])
    return key if asked.lower() == key.lower() else asked


PAGE = SitePage(
    "condition-key/(?P<name>.+?)",
    "condition_key.html",
    condition_key,
    lambda model: f"{model['condition_key']} - condition key",
    shown=_shown,
    narrowed_by={"html": frozenset(["service"])},
    name=_name,
)
