"""A connection that remembers the last answers: for pages that all ask the same.

The page of a condition key for one service counts the uses of every service, too, and there are
pages for hundreds. The copy that is asked does not change, so an answer stays right, until a
statement lets the connection answer as of another date.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any

MOST = 32
"""Answers that are remembered: those that the pages of one name ask for again."""

_CHANGING_NOTHING = ("begin", "commit")
"""Statements after which every answer is what it was: nothing is written to a copy."""

Parameters = Sequence[Any] | dict[str, Any]


class Answer:
    """The rows of an answer, to be read as from a cursor."""

    def __init__(self, description: Any, rows: list[Any]) -> None:
        self.description = description
        self.rows = iter(rows)

    def __iter__(self) -> Iterator[Any]:
        return self.rows

    def fetchone(self) -> Any:
        return next(self.rows, None)

    def fetchall(self) -> list[Any]:
        return list(self.rows)


class Remembering(sqlite3.Connection):
    """Reads each answer at once, and returns it again to who asks the same soon after."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answers: OrderedDict[Any, tuple[Any, list[Any]]] = OrderedDict()

    def execute(self, sql: str, parameters: Parameters = (), /) -> Answer:  # type: ignore[override]
        if not sql.lstrip().lower().startswith(("select", "with")):
            if sql not in _CHANGING_NOTHING:
                self.answers.clear()
            return super().execute(sql, parameters)  # type: ignore[return-value]
        values = parameters.items() if isinstance(parameters, dict) else parameters
        key = (sql, tuple(values))
        if key in self.answers:
            self.answers.move_to_end(key)
        else:
            cursor = super().execute(sql, parameters)
            self.answers[key] = (cursor.description, cursor.fetchall())
            if len(self.answers) > MOST:
                self.answers.popitem(last=False)
        return Answer(*self.answers[key])
