"""A checker for each thread, which knows the catalog already when the next policy comes."""

from __future__ import annotations

import sqlite3
from threading import local

from iam_catalog.policy.check.engine import Checker

_of_thread = local()


def checker_of(connection: sqlite3.Connection) -> Checker:
    """The checker of this thread, which knows nothing of the policies that it has checked."""
    checker: Checker | None = getattr(_of_thread, "checker", None)
    if checker is None or checker.connection is not connection:
        checker = _of_thread.checker = Checker(connection)
    checker.forget()
    return checker
