"""Build what the pages of names have in common: source, disagreements, changes and dates."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from iam_catalog.facts.history import changes_of_subjects
from iam_catalog.facts.sources import addresses_of_source, statements_about
from iam_catalog.records import Change, Source

_LISTS = frozenset(
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


def source_of(connection: sqlite3.Connection, source: Source) -> dict[str, Any]:
    """Return the source of a fact, with its address at its date (`url_then`), and with the address
    of the public dataset that it is of (`dataset_url`)."""
    url_then, dataset_url = addresses_of_source(connection, source.page)
    return {**asdict(source), "url_then": url_then, "dataset_url": dataset_url}


def disagreements_on(
    connection: sqlite3.Connection, kind: str, subject: str
) -> list[dict[str, Any]]:
    """Return what sources of one time say differently of a subject, each with its place."""
    return [each._asdict() for each in statements_about(connection, kind, subject)]


def history(
    connection: sqlite3.Connection, kind: str, subjects: Sequence[str], most: int = -1
) -> list[dict[str, Any]]:
    """Return what changed of *subjects* of one kind, the newest first.

    At most *most*; -1 is all.
    """
    return [change(each) for each in changes_of_subjects(connection, kind, subjects, most)]


def change(found: Change) -> dict[str, Any]:
    """Return a change with the `name` of its subject; of a list also what is `newly` in it, and
    what `no_longer`."""
    shown = asdict(found)
    shown["name"] = _subject_name(found.kind, found.subject)
    if found.field in _LISTS:
        old, new = _by_lower_case(found.old_value), _by_lower_case(found.new_value)
        shown["newly"] = [name for key, name in new.items() if key not in old]
        shown["no_longer"] = [name for key, name in old.items() if key not in new]
    return shown


def life(fact: Mapping[str, Any], changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what happened to a fact by date, the newest first: its dates, and what changed of it.

    The `event` of each is `removed`, `last`, `first` or `only` for its own dates, and `None` for a
    change.
    """
    first, last, removed = fact["first_seen"], fact["last_seen"], fact["removed"]
    changed = [
        {"date": each["date"], "event": None, "change": each}
        for each in changes
        if each["field"] or each["date"] not in (first, removed)
    ]
    is_alone = first == last and not changed
    own = [(last, "only")] if is_alone else [(last, "last"), (first, "first")]
    if removed:
        own.insert(0, (removed, "removed"))
    events = [
        {"date": date, "event": event, "change": None, "removed_by": fact["removed_by"]}
        for date, event in own
    ]
    order = {"removed": 0, "last": 1, "only": 1, None: 2, "first": 3}
    events = sorted([*events, *changed], key=lambda each: order[each["event"]])
    events = sorted(events, key=lambda each: each["date"] or "", reverse=True)
    dates = [(date, list(group)) for date, group in groupby(events, key=lambda each: each["date"])]
    return [{"date": date, "events": each, "datasets": _datasets_of(each)} for date, each in dates]


def _datasets_of(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the public datasets that stated changes."""
    return sorted({each["change"]["dataset"] for each in events if each["change"]} - {None})


def _subject_name(kind: str, subject: str) -> str:
    """Return a subject without the service behind a condition key, or the SDK client.

    >>> _subject_name("condition key", "aws:TagKeys (connect)")
    'aws:TagKeys'
    """
    has_suffix = kind in ("condition key", "operation") and subject.endswith(")")
    return subject.rpartition(" (")[0] if has_suffix and " (" in subject else subject


def _by_lower_case(value: str | None) -> dict[str, str]:
    """Return the names of a list, by their lower case."""
    return {name.lower(): name for name in (value or "").split(", ") if name}
