"""Rows of one service at two dates -> what is current, what is past, and what changed.

A fact has one row per interval: `first_seen` is the date of the oldest page of the interval,
`last_seen` of the newest, and a past row says when it was replaced (`until`) and, where no page
states the fact any more, when it was `removed`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from scraper.unite import Rows, TableRow

FACT_KEYS: dict[str, tuple[str, ...]] = {
    "services": ("service_prefix",),
    "actions": ("action",),
    "action_access_levels": ("action", "access_level"),
    "resource_types": ("resource_type",),
    "arn_formats": ("resource_type", "format"),
    "resource_type_condition_keys": ("resource_type", "condition_key"),
    "condition_key_definitions": ("condition_key", "service_prefix"),
    "action_rows": ("action", "scenario", "resource_type_name"),
    "action_condition_keys": ("action", "condition_key"),
    "dependent_actions": ("action", "dependent_action", "resource_type_name"),
    "operations": ("operation",),
    "operation_actions": ("operation", "action", "condition_key"),
    "disagreements": ("kind", "subject", "field", "page"),
}
"""What makes a fact the same fact on another page, for each table that has a history."""

DATES = ("first_seen", "last_seen", "valid_from")
CASELESS = {"action", "dependent_action", "condition_key", "service_prefix"}


class History:
    """The current rows of every service, and the past ones, as date follows date."""

    def __init__(self) -> None:
        self.current: dict[str, Rows] = {}
        self.past: Rows = defaultdict(list)
        self.changes: list[TableRow] = []

    def advance(
        self, prefix: str, date: str | None, new: Rows, dates: Mapping[str, str | None]
    ) -> None:
        """Replace the rows of a service by those of *date*.

        *dates* are the dates of the pages on which facts stand.
        """
        old = self.current.get(prefix, {})
        for table, key in FACT_KEYS.items():
            self.advance_table(table, key, date, (old.get(table, []), new.get(table, [])), dates)
        self.current[prefix] = new

    def advance_table(
        self,
        table: str,
        key: tuple[str, ...],
        date: str | None,
        rows: tuple[list[TableRow], list[TableRow]],
        dates: Mapping[str, str | None],
    ) -> None:
        """Date the new rows of a table, and move the old ones that they replace to the past."""
        old, new = rows
        if not old:
            for row in new:
                page_date = dates[row["page"]]
                row.update(first_seen=page_date, last_seen=page_date, valid_from=date)
            return
        same = {content(row): row for row in old}
        since: dict[Any, Any] = {}
        for row in old:
            fact = fact_key(row, key)
            since[fact] = earliest(since.get(fact, row["first_seen"]), row["first_seen"])
        stated = set()
        kept = set()
        for row in new:
            fact = fact_key(row, key)
            stated.add(fact)
            known = same.get(content(row))
            page_date = dates[row["page"]]
            if known is not None:
                kept.add(id(known))
                row.update({name: known[name] for name in DATES})
                row["last_seen"] = latest(known["last_seen"], page_date)
            else:
                row["first_seen"] = since.get(fact, page_date)
                row["last_seen"] = page_date
                row["valid_from"] = date
        for row in old:
            if id(row) not in kept:
                gone = fact_key(row, key) not in stated
                seen = latest(row["last_seen"], dates[row["page"]])
                ended = {"last_seen": seen, "until": date, "removed": date if gone else None}
                self.past[table].append({**row, **ended})


def content(row: TableRow) -> tuple[Any, ...]:
    """All that a row says, its source included, but for the dates."""
    return tuple(value for name, value in row.items() if name not in DATES)


def fact_key(row: TableRow, key: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(row[name].lower() if name in CASELESS and row[name] else row[name] for name in key)


def earliest(first: str | None, second: str | None) -> str | None:
    return min((date for date in (first, second) if date), default=None)


def latest(first: str | None, second: str | None) -> str | None:
    return max((date for date in (first, second) if date), default=None)
