"""What a catalog says of services, kept in memory while many policies are checked.

`ServiceFacts` reads each service once, when a policy first names it, and of it only what a check
asks for. Names are compared in lower case and come back as AWS spells them. Answers may be kept:
nothing here changes after it was read.
"""

from __future__ import annotations

import sqlite3
from functools import cached_property

from iam_catalog.arn.match import arn_types
from iam_catalog.cache import BoundedCache
from iam_catalog.facts.about import what_brings_all
from iam_catalog.facts.lookup import as_of, services_named
from iam_catalog.policy.check.findings import Evidence
from iam_catalog.policy.documented_keys import DocumentedKeys
from iam_catalog.policy.service import Service
from iam_catalog.words import removal_words

NOTHING_STATED = "not in source"

Dependent = tuple[str, str, str | None, Evidence]
"""An action, a dependent action of it as the source writes it, the public dataset that says so
where AWS itself does not, and where it is stated."""


class ServiceFacts:
    """The facts of one catalog; not safe to use from several threads at once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.keys = DocumentedKeys(connection)
        self.arns = arn_types(connection)
        self._expanded: BoundedCache[tuple[str, ...]] = BoundedCache()
        self._services: dict[str, Service] = {}
        self._unheld: BoundedCache[tuple[bool, list[str]]] = BoundedCache()

    def forget(self) -> None:
        """Forget the answers about texts of policies, and keep what was read of the catalog."""
        self.arns.forget()
        self._expanded.clear()
        self._unheld.clear()

    @cached_property
    def date(self) -> str | None:
        """As of when the catalog stands."""
        return as_of(self.connection)

    @cached_property
    def brings_all(self) -> str | None:
        """What brings all of AWS, where the catalog does not hold it."""
        return what_brings_all(self.connection)

    @cached_property
    def held(self) -> dict[str, tuple[str, tuple[object, ...]]]:
        """Every service by its prefix in lower case, with what its sources say of its tables."""
        rows = self.connection.execute(
            "select services.service_prefix, max(last_date),"
            " min(actions_state <> ?1 and actions_in_error = 0),"
            " min(resource_types_state <> ?1 and resource_types_in_error = 0),"
            " min(condition_keys_state <> ?1 and condition_keys_in_error = 0), max(incomplete)"
            " from services join pages on pages.service_prefix = services.service_prefix"
            " where replaced is null group by services.service_prefix",
            (NOTHING_STATED,),
        )
        return {row[0].lower(): (row[0], row[1:]) for row in rows}

    def service(self, prefix: str) -> Service | None:
        """The service of a prefix in any case; None where the catalog does not hold it."""
        prefix = prefix.lower()
        if prefix not in self.held:
            return None
        service = self._services.get(prefix)
        if service is None:
            spelled, row = self.held[prefix]
            service = Service(self.connection, spelled, row, self.arns, self._expanded)
            self._services[prefix] = service
        return service

    def unheld(self, prefix: str) -> tuple[bool, list[str]]:
        """Of a prefix that is not held: whether it had actions, and whose other name it is.

        The latter are the prefixes of the services that it is a title, page slug or SDK client of.
        """
        found = self._unheld.get(prefix)
        if found is None:
            names = (f"{prefix}:", f"{prefix};")
            past = self.connection.execute(
                "select 1 from past_actions where action >= ? and action < ? limit 1", names
            ).fetchone()
            others = services_named(self.connection, prefix)
            found = self._unheld.keep(prefix, (past is not None, others))
        return found

    def removed(self, action: str) -> tuple[str, str, Evidence] | None:
        """AWS's spelling, since when it is gone in words, and where it was last documented."""
        row = self.connection.execute(
            "select action, removed, removed_by, last_seen, page, line, place from removed_actions"
            " where action = ?",
            (action,),
        ).fetchone()
        if row is None:
            return None
        name, removed, removed_by, last_seen, page, line, place = row
        evidence = Evidence(page, line, last_seen, place)
        return name, removal_words(removed, removed_by, last_seen), evidence

    @cached_property
    def without_dependents(self) -> frozenset[str]:
        """Name in lower case the actions whose dependent actions no held source has a place for."""
        sql = "select action from actions where dependents_page is null"
        return frozenset([action.lower() for (action,) in self.connection.execute(sql)])

    @cached_property
    def dependents(self) -> dict[str, dict[str, tuple[Dependent, ...]]]:
        """Map each action to what it needs, as `iam_catalog.dependent_actions` answers, by names in
        lower case."""
        found: dict[str, dict[str, tuple[Dependent, ...]]] = {}
        for row in self.connection.execute(
            "select action, dependent_action, dataset, t.page, line, last_seen, place"
            " from dependent_actions as t join pages on pages.page = t.page"
            " where needed order by action, position"
        ):
            dependent = (*row[:3], Evidence(*row[3:]))
            found.setdefault(row[0].lower(), {})[row[1].lower()] = (dependent,)
        return found
