"""Show a least-privilege policy for what a form asks, with messages about it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from iam_catalog.facts.overviews import actions_named, main_level, service_names
from iam_catalog.names import ACCESS_LEVELS
from iam_catalog.policy.check.engine import Checker
from iam_catalog.policy.read.statements import as_document
from iam_catalog.policy.write.grants import COMMON
from iam_catalog.policy.write.policy import KINDS, WrittenPolicies, write_policy
from iam_catalog.policy.write.sizes import LIMITS, size_of
from iam_catalog.site.examples import examples
from iam_catalog.site.findings import as_plain, checker_of, counts
from iam_catalog.site.forms import (
    answered,
    arns_in,
    json_without,
    names_in,
    one_of,
    status_of,
    titled,
)
from iam_catalog.site.render import SitePage
from iam_catalog.site.request import Request

_FILL = "fill."
_FLAGS = ("with_dependent_actions", "with_optional_types", "shrink")
_LONGEST_WRITTEN = 8_000
"""Characters of the actions, and of the ARNs, that an address holds."""
_REMEMBERED = ("Partition", "Account")
"""Placeholders whose values a browser remembers: they are the same in most policies of a reader."""
_KIND_WORDS = (
    ("managed", "a managed policy"),
    ("inline-user", "an inline policy of a user"),
    ("inline-group", "an inline policy of a group"),
    ("inline-role", "an inline policy of a role"),
)


def write(connection: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """Return the policies for `actions`, `arns`, `access_level`s and a `service_prefix`.

    `written` is the answer of `iam_catalog.write_policy`; each of its policies comes with its size
    as AWS counts it, and with what `check` finds in it. Unasked, there are `examples` instead: an
    action that needs others, and an ARN.
    """
    texts = request.values
    asked: dict[str, Any] = {
        "actions": names_in((*texts.get("actions", ()), *texts.get("action", ()))),
        "arns": arns_in(texts.get("arns", ())),
        "access_levels": [text for text in texts.get("access_level", ()) if text],
        "service_prefix": request.value("service_prefix"),
        "kind": request.value("kind") or KINDS[0],
        **{flag: request.flag(flag) for flag in _FLAGS},
        "values": _placeholder_values(request),
        "services": [
            {"service_prefix": prefix, "name": name}
            for prefix, name in service_names(connection).items()
        ],
    }
    if not any(asked[each] for each in ("actions", "arns", "access_levels", "service_prefix")):
        return {**asked, "examples": _proposed(connection)}
    return answered(asked, lambda: _answer(connection, asked))


def _proposed(connection: sqlite3.Connection) -> dict[str, str | None]:
    """Return an action, and an ARN with a level that actions on it have."""
    found = examples(connection)
    arn, resource_type = next(iter(found.arns.items()), (None, ""))
    return {
        "action": found.action,
        "arn": arn,
        "access_level": main_level(connection, resource_type),
    }


def _placeholder_values(request: Request) -> dict[str, str]:
    return {
        name.removeprefix(_FILL): value
        for name in request.values
        if name.startswith(_FILL) and (value := request.value(name))
    }


def _answer(connection: sqlite3.Connection, asked: dict[str, Any]) -> dict[str, Any]:
    kind = one_of("kind", asked["kind"], KINDS)
    question = {name: asked[name] for name in ("arns", "access_levels", "service_prefix", *_FLAGS)}
    written = write_policy(connection, asked["actions"], kind=kind, **question)
    open_names = written.placeholders
    # A value for a placeholder of an earlier question stays in the form, and does no harm.
    values = {
        name: value
        for name, value in asked["values"].items()
        if name in open_names or name in COMMON
    }
    if values:
        written = write_policy(connection, asked["actions"], kind=kind, values=values, **question)
    checker = checker_of(connection)
    return {
        "written": _without_policies(written),
        "not_in_catalog": _without_page(connection, written),
        "policies": [_checked(checker, policy, kind) for policy in written.policies],
        "all_placeholders": list(open_names),
        "limit": asdict(LIMITS[kind]),
    }


def _without_policies(written: WrittenPolicies) -> dict[str, Any]:
    plain = asdict(written)
    del plain["policies"]
    return plain


def _without_page(connection: sqlite3.Connection, written: WrittenPolicies) -> list[str]:
    """Return the dependent actions that the catalog neither holds nor held."""
    names = sorted({each.dependent_action for each in written.dependent_actions})
    held = actions_named(connection, names, with_removed=True)
    return [name for name in names if name.lower() not in held]


def _checked(checker: Checker, policy: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return a policy with its text, its size, and its findings."""
    text = json.dumps(policy, indent=2, ensure_ascii=False)
    findings = [as_plain(each) for each in checker.check(as_document(text))]
    size = size_of(policy, LIMITS[kind])
    return {"policy": policy, "size": size, "counts": counts(findings), "findings": findings}


def _shown(model: dict[str, Any]) -> dict[str, Any]:
    """Return the choices of the form, the placeholders to fill in, and the field with an error."""
    proposed = model.get("all_placeholders", _REMEMBERED)
    names = dict.fromkeys([*proposed, *model["values"]])
    return {
        "levels": ACCESS_LEVELS,
        "kinds": _KIND_WORDS,
        "field": _field_with_error(model),
        "fills": {name: model["values"].get(name, "") for name in names},
        "remembered": _REMEMBERED,
        "query": _query_of(model),
    }


def _field_with_error(model: dict[str, Any]) -> str | None:
    """Return the field that holds what an error is about; the first one where no field does."""
    if "error" not in model:
        return None
    wrong = str(model.get("wrong", ""))
    holds = {
        "service_prefix": model["service_prefix"] == wrong,
        "arns": any(wrong in text for text in model["arns"]),
        "levels": wrong in model["access_levels"],
    }
    return next((field for field, is_it in holds.items() if wrong and is_it), "actions")


def _query_of(model: dict[str, Any]) -> str:
    """Return the query string that asks the same again."""
    pairs = [
        ("actions", "\n".join(model["actions"])),
        ("arns", "\n".join(model["arns"])),
        *[("access_level", level) for level in model["access_levels"]],
        ("service_prefix", model["service_prefix"]),
        ("kind", model["kind"]),
        *[(flag, "1") for flag in _FLAGS if model[flag]],
        *[(f"{_FILL}{name}", value) for name, value in model["values"].items()],
    ]
    return urlencode([(name, value) for name, value in pairs if value])


PAGE = SitePage(
    "tools/write",
    "tool_write.html",
    write,
    lambda model: titled("Write a policy", model, None),
    formats={"json": json_without("services")},
    shown=_shown,
    status=status_of,
    longest_value={"actions": _LONGEST_WRITTEN, "arns": _LONGEST_WRITTEN},
    needs_server=True,
)
