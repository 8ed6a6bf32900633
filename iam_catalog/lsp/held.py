"""Keep one catalog open for all answers of a server, with what was read of it.

Checks run in a thread beside the one that answers completion and hover; both take `lock` while
they ask, since a connection and what is cached with it serve one thread at a time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import RLock

from iam_catalog.database import file_stamp, find_database, open_database, open_stamped
from iam_catalog.facts.actions import actions
from iam_catalog.facts.at_date import stand_at
from iam_catalog.facts.searched import in_rank
from iam_catalog.policy.check.engine import Checker, check_given
from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.facts import PolicyFacts, policy_facts
from iam_catalog.policy.model import Kind, PolicyDocument
from iam_catalog.records import ActionSummary


class HeldCatalog:
    """An open catalog as of a date, opened anew when another file takes its place."""

    def __init__(self, path: str | None, as_of: str | None = None) -> None:
        """Take the path that was named, if any. Raises what `Catalog` raises."""
        self._named = path
        self.as_of = as_of
        self.lock = RLock()
        self.path = find_database(path)
        self._stamp: tuple[int, ...] | None = None
        self._open()

    def _open(self) -> None:
        connection, stamp = open_stamped(self.path, open_database)
        if self.as_of is not None:
            try:
                stand_at(connection, self.as_of)
            except BaseException:
                connection.close()
                raise
        self.connection: sqlite3.Connection = connection
        self._stamp = stamp
        self.facts: PolicyFacts = policy_facts(connection)
        self._checker = Checker(connection)
        self._summaries: dict[str, dict[str, ActionSummary]] = {}

    @property
    def generation(self) -> int:
        """A number that no other open file shares."""
        return id(self.connection)

    def is_replaced(self) -> bool:
        """Return True if another file is at the path now."""
        path = find_database(self._named)
        return path != self.path or file_stamp(path) not in (self._stamp, None)

    def refresh(self) -> bool:
        """Open the file that took the place of the open one, if any; return whether one did.

        Raises `CatalogError` where that cannot be opened, and keeps the old one.
        """
        if not self.is_replaced():
            return False
        with self.lock:
            if not self.is_replaced():
                return False
            before, old_path = self.connection, self.path
            self.path = find_database(self._named)
            try:
                self._open()
            except BaseException:
                self.path = old_path
                raise
            before.close()
            return True

    def close(self) -> None:
        with self.lock:
            self.connection.close()

    @contextmanager
    def asked(self) -> Iterator[HeldCatalog]:
        """Hold the lock, so that a question has the connection for itself."""
        with self.lock:
            yield self

    # --- questions

    def check(self, document: PolicyDocument, kind: Kind | None) -> list[Finding]:
        """Return the findings of a policy, as `check` reports them."""
        with self.lock:
            return check_given(self._checker, document, kind=kind)

    def summaries(self, prefix: str) -> dict[str, ActionSummary]:
        """Return the actions of a service that is held, by name, in the order of a search."""
        service = self.facts.service(prefix)
        if service is None:
            return {}
        found = self._summaries.get(service.prefix)
        if found is None:
            rows = {
                row.action: row for row in actions(self.connection, service_prefix=service.prefix)
            }
            found = {name: rows[name] for name in in_rank(self.connection, "action", rows)}
            self._summaries[service.prefix] = found
        return found

    def spelled(self, patterns: Iterable[str], most: int) -> list[str]:
        """Return the first *most* actions that any of *patterns* stands for, in AWS's spelling."""
        found: dict[str, None] = {}
        for pattern in patterns:
            for service, names in self.facts.matching(pattern).items():
                for name in names:
                    if len(found) >= most:
                        return list(found)
                    found[service.actions[name]] = None
        return list(found)
