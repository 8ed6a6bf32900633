"""A limit for the time that one page may take: who asks for everything at once is refused.

SQLite looks at the clock while it answers, so a model is stopped at its next question.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from time import thread_time

from iam_catalog.datasette_plugin.site.asked import BadRequest

SECONDS = 3.0
"""Of work, not of waiting: many times what the largest page of a full catalog takes."""
STEPS = 1_000
"""Of SQLite's machine, between two looks at the clock."""


@contextmanager
def time_limit(connection: sqlite3.Connection, seconds: float = SECONDS) -> Iterator[None]:
    """Stop what asks *connection* for longer than *seconds*, by raising `BadRequest`.

    For the thread that asks: its own time counts, so that a busy machine stops nobody.
    """
    end = thread_time() + seconds
    connection.set_progress_handler(lambda: thread_time() > end, STEPS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
            raise
        raise BadRequest(
            f"That takes more than {seconds:g} seconds of work: ask for less at once, or ask"
            " iam-catalog on the command line, which takes its time.",
            503,
        ) from None
    finally:
        connection.set_progress_handler(None, 0)
