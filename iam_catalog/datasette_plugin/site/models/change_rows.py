"""Changes as the pages tell them: what came, what went, and what of a list did."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

COLUMNS = (
    *("date", "service_prefix", "change", "kind", "subject"),
    *("field", "old_value", "new_value", "dataset"),
)
SELECTED = ", ".join(COLUMNS)
LISTS = frozenset(
    [
        "ARN formats",
        "actions",
        "condition keys",
        "dependent actions",
        "required resource types",
        "resource types",
    ]
)
"""The fields whose values are names with commas between."""


def change(row: Sequence[Any]) -> dict[str, Any]:
    """A row of `changes`; of a list also what is `newly` in it, and what `no_longer`."""
    told = dict(zip(COLUMNS, row, strict=True))
    told["name"] = name_of(told["kind"], told["subject"])
    if told["field"] in LISTS:
        old, new = names_in(told["old_value"]), names_in(told["new_value"])
        told["newly"] = [name for key, name in new.items() if key not in old]
        told["no_longer"] = [name for key, name in old.items() if key not in new]
    return told


def name_of(kind: str, subject: str) -> str:
    """The subject without the service that stands behind a condition key, or an SDK client.

    >>> name_of("condition key", "aws:TagKeys (connect)")
    'aws:TagKeys'
    """
    is_told_apart = kind in ("condition key", "operation") and subject.endswith(")")
    return subject.rpartition(" (")[0] if is_told_apart and " (" in subject else subject


def names_in(value: str | None) -> dict[str, str]:
    """The names of a list, by their lower case."""
    return {name.lower(): name for name in (value or "").split(", ") if name}


def history(connection: sqlite3.Connection, kind: str, subject: str) -> list[dict[str, Any]]:
    """What changed of one subject, the newest first; changes of its description included."""
    rows = connection.execute(
        f"select {SELECTED} from changes where subject = ? and kind = ? order by date desc, id",
        (subject, kind),
    )
    return [change(row) for row in rows]
