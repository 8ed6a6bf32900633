"""Turn the rows of one service at two dates into what is current, past, and changed.

A fact has one row for each interval in which sources state it with equal content. A source that
says the same again as the one whose place it took moves `last_seen` and the reference to the
source, and adds no row; so a catalog grows with changes, not with dates. `first_seen` is the date
of the oldest source of the fact without a gap. A past row says when it was replaced (`until`) and,
where no source states the fact any more, when it was `removed`, and by which dataset (`removed_by`)
if not by AWS itself.

Which sources the interval of a row had is not stored with the row: they are the line of pages that
ends with the row's own (`pages.lineage`), from the date of the row on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from operator import itemgetter
from typing import Any

from scraper.merge.unite import Rows, TableRow

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
    "dependent_actions": ("action", "dependent_action"),
    "operations": ("operation",),
    "operation_actions": ("operation", "action", "condition_key"),
    "disagreements": ("kind", "subject", "field", "page"),
}
"""What makes a fact the same fact on another page, for each table that has a history.

Never the pairing of rows: a dependent action that moved to another row is the same fact.
"""

DATES = ("first_seen", "last_seen", "valid_from")
PAGES = ("page", "details_page", "dependents_page")
"""The columns that refer to a source."""
POSITION = ("line", "details_line", "place")
"""The columns that say where in its source a row is: where the newest source of the interval has
it. A row that moves down a page reads as it did."""
KNOWN_SINCE = {"permission_only": "permission_only_since"}
"""Columns of which many sources say nothing, each with the column of the date since when one does:
what was not known and is known now reads as it did."""
KEYS = ("action_row", "reference", "arn_format", "definition", "disagreement")
"""The columns that name a row by the source in which it was first seen."""
CASELESS = {"action", "dependent_action", "condition_key", "service_prefix"}

Dates = Mapping[str, str | None]
"""The newest date of each page."""
Before = Mapping[str, str]
"""The page whose place each page took alone, by their keys."""
Pages = tuple[Dates, Before]


class History:
    """The current rows of every service, and the past ones, as date follows date."""

    def __init__(self) -> None:
        self.current: dict[str, Rows] = {}
        self.past: Rows = defaultdict(list)
        self.changes: list[TableRow] = []

    def advance(
        self, prefix: str, when: tuple[str | None, str | None], new: Rows, pages: Pages
    ) -> None:
        """Replace the rows of a service by those of a collection.

        *when* is its date, and the dataset that it is.
        """
        old = self.current.get(prefix, {})
        if old:
            _keep_names_of_rows(old, new, pages[1])
        for table, key in FACT_KEYS.items():
            rows = old.get(table, []), new.get(table, [])
            self._advance_table(table, key, when, rows, pages)
        self.current[prefix] = new

    def _advance_table(
        self,
        table: str,
        key: tuple[str, ...],
        when: tuple[str | None, str | None],
        rows: tuple[list[TableRow], list[TableRow]],
        pages: Pages,
    ) -> None:
        """Date the new rows of a table, and move the old ones that they replace to the past."""
        old, new = rows
        dates, before = pages
        date, _ = when
        if not old:
            for row in new:
                page_date = dates[row["page"]]
                row.update(first_seen=page_date, last_seen=page_date, valid_from=date)
            return
        since: dict[Any, Any] = {}
        for row in old:
            fact = _fact_key(row, key)
            since[fact] = _earliest(since.get(fact, row["first_seen"]), row["first_seen"])
        stated = set()
        held = set()
        for row, known in _continued(old, new, before):
            fact = _fact_key(row, key)
            stated.add(fact)
            page_date = dates[row["page"]]
            if known is not None:
                held.add(id(known))
                row.update({name: known[name] for name in DATES + KEYS if name in known})
                row["last_seen"] = _latest(known["last_seen"], page_date)
                for name, dated in KNOWN_SINCE.items():
                    if name in row:
                        is_new = known[name] is None and row[name] is not None
                        row[dated] = date if is_new else known[dated]
            else:
                row["first_seen"] = since.get(fact, page_date)
                row["last_seen"] = page_date
                row["valid_from"] = date
        ended = [row for row in old if id(row) not in held]
        self.past[table] += [
            _past_row(row, when, dates, gone=_fact_key(row, key) not in stated) for row in ended
        ]


def _past_row(
    row: TableRow, when: tuple[str | None, str | None], dates: Dates, *, gone: bool
) -> TableRow:
    """Return *row* with the end of its interval."""
    date, dataset = when
    return {
        **row,
        "last_seen": _latest(row["last_seen"], dates[row["page"]]),
        "until": date,
        "removed": date if gone else None,
        "removed_by": dataset if gone else None,
    }


def _keep_names_of_rows(old: Rows, new: Rows, before: Before) -> None:
    """Give the rows of actions, and what refers to them, the names under which they are known.

    A dependent action that is carried on from an older source goes on beside its row, if that does.
    """
    pairs = _continued(
        old.get("action_rows", []), new.get("action_rows", []), before, _APART | {"action_row"}
    )
    names = {row["action_row"]: known["action_row"] for row, known in pairs if known is not None}
    for table in ("action_rows", "action_condition_keys", "dependent_actions"):
        for row in new.get(table, []):
            row["action_row"] = names.get(row["action_row"], row["action_row"])
    carried = itemgetter("action", "dependent_action", "resource_type_name", "page")
    beside = {carried(row): row["action_row"] for row in old.get("dependent_actions", [])}
    current = {row["action_row"] for row in new.get("action_rows", [])}
    for row in new.get("dependent_actions", []):
        if row["action_row"] is None and beside.get(carried(row)) in current:
            row["action_row"] = beside[carried(row)]


_APART = frozenset((*DATES, *PAGES, *POSITION, *KEYS, *KNOWN_SINCE, *KNOWN_SINCE.values())) - {
    "action_row"
}
"""The columns that are not what a row says. With which row of an action a fact is paired, is."""


def _continued(
    old: list[TableRow], new: list[TableRow], before: Before, apart: Set[str] = _APART
) -> Iterator[tuple[TableRow, TableRow | None]]:
    """Yield each new row with the old one whose interval it continues, if there is one."""
    if not (old and new):
        yield from ((row, None) for row in new)
        return
    said = itemgetter(*(name for name in new[0] if name not in apart))
    pages = [name for name in PAGES if name in new[0]]
    filled = [name for name in KNOWN_SINCE if name in new[0]]
    same: dict[Any, list[TableRow]] = {}
    for row in old:
        same.setdefault(said(row), []).append(row)
    for row in new:
        known = same.get(said(row), [])
        found = (
            each
            for each in known
            if all(_goes_on(each[name], row[name], before) for name in pages)
            and all(each[name] in (None, row[name]) for name in filled)
        )
        first = next(found, None)
        if first is not None:
            known.remove(first)
        yield row, first


def _goes_on(old: str | None, new: str | None, before: Before) -> bool:
    """Return True if the new source is the old one, or took its place; None is not a source."""
    return old == new or (new is not None and before.get(new) == old)


def _fact_key(row: TableRow, key: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(row[name].lower() if name in CASELESS and row[name] else row[name] for name in key)


def _earliest(first: str | None, second: str | None) -> str | None:
    return min((date for date in (first, second) if date), default=None)


def _latest(first: str | None, second: str | None) -> str | None:
    return max((date for date in (first, second) if date), default=None)
