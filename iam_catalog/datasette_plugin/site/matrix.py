"""The picture of a service: which resource types its actions touch, at which access level.

A table whose cells carry a bar, so that it is a picture for the eye and a table for everyone else.
Bars are classes, not styles: the pages of the site have no inline styles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iam_catalog.names import ACCESS_LEVELS

STEPS = 8
"""Lengths that a bar can have."""


def picture(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The levels that occur, and a row for each resource type with a bar for each of them."""
    used = {level for row in rows for level in row["actions"]}
    levels = [level for level in (*ACCESS_LEVELS, "unknown") if level in used]
    most = max((number for row in rows for number in row["actions"].values()), default=0)
    return {
        "levels": levels,
        "rows": [
            {
                "resource_type": row["resource_type"],
                "cells": [cell(row["actions"].get(level, 0), most, level) for level in levels],
            }
            for row in rows
        ],
    }


def cell(number: int, most: int, level: str) -> dict[str, Any]:
    """A number with the length of its bar: 0 for nothing, else from 1 to `STEPS`."""
    step = -(-number * STEPS // most) if number else 0
    return {"number": number, "step": step, "level": level}
