"""Read rows for records, and convert their values: sources, marks, lists of names.

Records are imported by the functions that make them, because `dataclasses` is slow to import.
"""

from __future__ import annotations

import sqlite3

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any, Concatenate, ParamSpec, TypeVar

    from iam_catalog.records import Source

    Asked = ParamSpec("Asked")
    Answer = TypeVar("Answer")

_AT_ONCE = 500
"""Names in one question: SQLite lets a question have at least 999 parameters."""

SOURCE = (
    "case when pages.dataset is null then pages.date else pages.last_date end, pages.title,"
    " pages.url, pages.dataset, pages.incomplete, pages.licence"
)
"""The columns of a `Source` that follow its key, the line and the place; see `source`."""


def source(row: Sequence[Any]) -> Source:
    """Make the source of *row*: its key, the line, the place, and the columns of `SOURCE`."""
    from iam_catalog.records import Source

    page, line, place, date, title, url, dataset, incomplete, licence = row
    return Source(page, line, date, title, url, dataset, mark(incomplete), place, licence)


def mark(value: int | None) -> bool | None:
    """Return True for a mark that is set; otherwise None, because nothing is known to be marked."""
    return bool(value) or None


def boolean(value: int | None) -> bool | None:
    """Convert SQLite's 0, 1 or NULL; None means that no source states the value."""
    return None if value is None else bool(value)


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Drop repeats, whatever their case, and keep the order and the first spelling."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.lower(), name)
    return tuple(found.values())


def read_at_once(
    connection: sqlite3.Connection,
    question: Callable[Concatenate[sqlite3.Connection, Asked], Answer],
    *args: Asked.args,
    **kwargs: Asked.kwargs,
) -> Answer:
    """Ask a question of several statements in one transaction.

    SQLite then locks the file once and not for each statement, which takes as long as a small
    statement itself.
    """
    if connection.in_transaction:
        return question(connection, *args, **kwargs)
    connection.execute("begin")
    try:
        return question(connection, *args, **kwargs)
    finally:
        execute_undisturbed(connection, "commit")


def execute_undisturbed(connection: sqlite3.Connection, statement: str) -> None:
    """Execute a statement that has to come to its end, also where the time of a question is up.

    A progress handler that interrupts it, as the time limits of Datasette are, is taken off.
    """
    try:
        connection.execute(statement)
    except sqlite3.OperationalError:
        connection.set_progress_handler(None, 0)
        connection.execute(statement)


def select_in(
    connection: sqlite3.Connection, sql: str, names: Iterable[str]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of *sql*, whose `in ({})` is filled with *names*, as often as need be."""
    left = list(names)
    for start in range(0, len(left), _AT_ONCE):
        chunk = left[start : start + _AT_ONCE]
        yield from connection.execute(sql.format(", ".join("?" * len(chunk))), chunk)


def gathered(rows: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the values of each key without repeats, in the order of *rows*."""
    found: dict[str, dict[str, None]] = {}
    for key, value in rows:
        found.setdefault(key, {})[value] = None
    return {key: list(values) for key, values in found.items()}
