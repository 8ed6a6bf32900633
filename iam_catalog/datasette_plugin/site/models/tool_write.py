"""A least-privilege policy for what a form asks, with what is to be said of it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from typing import Any

from iam_catalog.datasette_plugin.site.asked import Asked
from iam_catalog.datasette_plugin.site.models.answers import answered, lines_in, names_in
from iam_catalog.datasette_plugin.site.models.checkers import checker_of
from iam_catalog.datasette_plugin.site.models.examples import examples, level_on
from iam_catalog.datasette_plugin.site.models.tool_check import as_plain, counts, one_of
from iam_catalog.facts.services_held import select_in
from iam_catalog.policy.check.engine import Checker
from iam_catalog.policy.read.given import as_document
from iam_catalog.policy.write.policy import KINDS, WrittenPolicies, write_policy
from iam_catalog.policy.write.sizes import LIMITS, size_of
from iam_catalog.policy.write.statements import COMMON

FILL = "fill."
FLAGS = ("with_dependent_actions", "with_optional_types", "shrink")


def write(connection: sqlite3.Connection, asked: Asked) -> dict[str, Any]:
    """The policies for `actions`, `arns`, `access_level`s and a `service_prefix`.

    `written` is the answer of `iam_catalog.write_policy`; each of its policies comes with its size
    as AWS counts it, and with what `check` finds in it. Unasked, there are `examples` instead: an
    action that needs others, and an ARN.
    """
    given: dict[str, Any] = {
        "actions": names_in((*asked.values.get("actions", ()), *asked.values.get("action", ()))),
        "arns": lines_in(asked.values.get("arns", ())),
        "access_levels": [text for text in asked.values.get("access_level", ()) if text],
        "service_prefix": asked.value("service_prefix"),
        "kind": asked.value("kind") or KINDS[0],
        **{flag: asked.flag(flag) for flag in FLAGS},
        "values": values_in(asked),
        "services": services(connection),
    }
    if not any(given[each] for each in ("actions", "arns", "access_levels", "service_prefix")):
        return {**given, "examples": proposed(connection)}
    return answered(given, lambda: answer(connection, given))


def proposed(connection: sqlite3.Connection) -> dict[str, str | None]:
    """An action, and an ARN with a level that actions on it have."""
    found = examples(connection)
    arn, resource_type = next(iter(found.arns.items()), (None, ""))
    return {"action": found.action, "arn": arn, "access_level": level_on(connection, resource_type)}


def values_in(asked: Asked) -> dict[str, str]:
    """What is to be written for placeholders, by their names."""
    return {
        name.removeprefix(FILL): value
        for name in asked.values
        if name.startswith(FILL) and (value := asked.value(name))
    }


def answer(connection: sqlite3.Connection, given: dict[str, Any]) -> dict[str, Any]:
    kind = one_of("kind", given["kind"], KINDS)
    question = {name: given[name] for name in ("arns", "access_levels", "service_prefix", *FLAGS)}
    written = write_policy(connection, given["actions"], kind=kind, **question)
    open_names = written.placeholders
    # A value for a placeholder of an earlier question stays in the form, and does no harm.
    values = {
        name: value
        for name, value in given["values"].items()
        if name in open_names or name in COMMON
    }
    if values:
        written = write_policy(connection, given["actions"], kind=kind, values=values, **question)
    checker = checker_of(connection)
    return {
        "written": without_policies(written),
        "not_in_catalog": without_page(connection, written),
        "policies": [checked(checker, policy, kind) for policy in written.policies],
        "all_placeholders": list(open_names),
        "limit": asdict(LIMITS[kind]),
    }


def without_policies(written: WrittenPolicies) -> dict[str, Any]:
    plain = asdict(written)
    del plain["policies"]
    return plain


def without_page(connection: sqlite3.Connection, written: WrittenPolicies) -> list[str]:
    """The dependent actions that the catalog neither holds nor held."""
    names = sorted({each.dependent_action for each in written.dependent_actions})
    held = {
        action.lower()
        for table in ("actions", "past_actions")
        for (action,) in select_in(
            connection, f"select action from {table} where action in ({{}})", names
        )
    }
    return [name for name in names if name.lower() not in held]


def checked(checker: Checker, policy: dict[str, Any], kind: str) -> dict[str, Any]:
    """A policy with its text, its size, and its findings."""
    text = json.dumps(policy, indent=2, ensure_ascii=False)
    findings = [as_plain(each) for each in checker.check(as_document(text))]
    size = size_of(policy, LIMITS[kind])
    return {"policy": policy, "size": size, "counts": counts(findings), "findings": findings}


def services(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """What can be asked for as a service."""
    rows = connection.execute("select service_prefix, name from services order by 1")
    return [{"service_prefix": prefix, "name": name} for prefix, name in rows]
