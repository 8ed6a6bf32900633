"""Show what an ARN can be: its parts, the resource types that fit, the actions that take them."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import Any

from iam_catalog.arn.match import match_arn
from iam_catalog.arn.parts import Arn
from iam_catalog.errors import CatalogError
from iam_catalog.facts.overviews import actions_taking, arn_formats_of_service
from iam_catalog.site.action_lists import at_level, by_level, checked_level, listed
from iam_catalog.site.examples import examples
from iam_catalog.site.forms import answered, arns_in, status_of, titled
from iam_catalog.site.render import SitePage
from iam_catalog.site.request import Request

_MOST_ARNS = 50
_LONGEST_TEXT = 8_000
_PARTS = ("partition", "service", "region", "account", "resource")


def arn(connection: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """Return the resource types that `arn` can be, the most specific first, and their actions.

    `parts` is `None` for `*`. Where no type fits, `formats` has what the service documents.
    `levels` counts all actions, `actions` lists those of `access_level`. Of several ARNs, such as
    those of a statement, this is said of the first, and `several` has the types of each, or what is
    wrong with it. Unasked, there are `examples`.
    """
    arns = arns_in(request.values.get("arn", ()))
    text = arns[0] if arns else request.value("arn")
    asked = {"arn": text, "access_level": request.value("access_level")}
    if text is None:
        return {**asked, "examples": list(examples(connection).arns)}
    if len(arns) > 1:
        return answered(asked, lambda: _several(connection, arns, asked["access_level"]))
    return answered(asked, lambda: _answer(connection, text, asked["access_level"]))


def _several(connection: sqlite3.Connection, arns: list[str], level: str | None) -> dict[str, Any]:
    """Return the answer for the first of some ARNs, and a line for each."""
    if len(arns) > _MOST_ARNS:
        raise CatalogError(
            f"{len(arns):,} ARNs are more than the {_MOST_ARNS:,} that can be matched at once:"
            " leave some out."
        )
    lines: list[dict[str, Any]] = []
    first: dict[str, Any] = {}
    for text in arns:
        try:
            found = _answer(connection, text, level)
        except CatalogError as error:
            lines.append({"arn": text, "resource_types": [], "actions": None, "error": str(error)})
            continue
        types = dict.fromkeys(each["resource_type"] for each in found["resource_types"])
        total = sum(each["actions"] for each in found["levels"])
        line = {"arn": text, "resource_types": list(types), "actions": total, "error": None}
        lines.append(line)
        first = first or (found if text == arns[0] else {})
    return {**first, "several": lines}


def _answer(connection: sqlite3.Connection, text: str, level: str | None) -> dict[str, Any]:
    level = checked_level(level)
    found = match_arn(connection, text)
    taken = actions_taking(connection, dict.fromkeys(each.resource_type for each in found))
    names = sorted(taken, key=str.lower)
    actions = [
        {**each, "resource_types": taken[each["action"]]} for each in listed(connection, names)
    ]
    arn = Arn(text)
    parts = None if arn.head is None or arn.text == "*" else arn.parts
    formats = [] if found else arn_formats_of_service(connection, arn.service)
    return {
        "access_level": level,
        "parts": dict(zip(_PARTS, parts, strict=True)) if parts else None,
        "resource_types": [asdict(each) for each in found],
        "formats": [{"resource_type": name, "arn_format": each} for name, each in formats],
        "levels": by_level(actions),
        "actions": at_level(actions, level),
    }


PAGE = SitePage(
    "tools/arn",
    "tool_arn.html",
    arn,
    lambda model: titled("Match an ARN", model, model["arn"]),
    status=status_of,
    longest_value={"arn": _LONGEST_TEXT},
    needs_server=True,
)
