"""What an ARN can be: its parts, the resource types that fit, and the actions that take them."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import Any

from iam_catalog.arn.match import match_arn
from iam_catalog.arn.parts import Arn
from iam_catalog.datasette_plugin.site.asked import Asked
from iam_catalog.datasette_plugin.site.models.answers import answered
from iam_catalog.datasette_plugin.site.models.examples import examples
from iam_catalog.datasette_plugin.site.models.named_actions import (
    asked_level,
    at_level,
    by_level,
    listed,
)
from iam_catalog.records import ArnMatch

PARTS = ("partition", "service", "region", "account", "resource")


def arn(connection: sqlite3.Connection, asked: Asked) -> dict[str, Any]:
    """The resource types that `arn` can be, the most specific first, and the actions that take one.

    `parts` is None for `*`. Where no type fits, `formats` has what the service documents. `levels`
    counts all actions, `actions` lists those of `access_level`. Unasked, there are `examples`.
    """
    text = asked.value("arn")
    given = {"arn": text, "access_level": asked.value("access_level")}
    if text is None:
        return {**given, "examples": list(examples(connection).arns)}
    return answered(given, lambda: answer(connection, text, given["access_level"]))


def answer(connection: sqlite3.Connection, text: str, level: str | None) -> dict[str, Any]:
    level = asked_level(level)
    found = match_arn(connection, text)
    taken = taken_by_action(connection, found)
    names = sorted(taken, key=str.lower)
    actions = [
        {**each, "resource_types": taken[each["action"]]} for each in listed(connection, names)
    ]
    arn = Arn(text)
    parts = None if arn.head is None or arn.text == "*" else arn.parts
    formats = [] if found else formats_of(connection, arn.service)
    return {
        "access_level": level,
        "parts": dict(zip(PARTS, parts, strict=True)) if parts else None,
        "resource_types": [asdict(each) for each in found],
        "formats": formats,
        "levels": by_level(actions),
        "actions": at_level(actions, level),
    }


def formats_of(connection: sqlite3.Connection, service: str) -> list[dict[str, str]]:
    """The ARN formats that name a service, each with its resource type."""
    rows = connection.execute(
        "select distinct resource_type, format from arn_formats where service = ? order by 1, 2",
        (service,),
    )
    return [{"resource_type": name, "arn_format": text} for name, text in rows]


def taken_by_action(connection: sqlite3.Connection, found: list[ArnMatch]) -> dict[str, list[str]]:
    """The actions that take one of the resource types, each with those that it takes."""
    taken: dict[str, list[str]] = {}
    for resource_type in dict.fromkeys(each.resource_type for each in found):
        rows = connection.execute(
            "select distinct action from action_rows where resource_type = ?", (resource_type,)
        )
        for (action,) in rows:
            taken.setdefault(action, []).append(resource_type)
    return taken
