"""`Catalog`: an open file that answers many questions, from several threads."""

from __future__ import annotations

import os
import sqlite3
import threading

from iam_catalog import facts, queries
from iam_catalog.database import find_database, open_database
from iam_catalog.errors import CatalogError, NotACatalog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Concatenate, ParamSpec, TypeVar

    from iam_catalog.policy.check import Checker
    from iam_catalog.policy.complete import CompletedPolicy
    from iam_catalog.policy.explain import ExplainedPolicy
    from iam_catalog.policy.findings import Finding
    from iam_catalog.policy.records import Kind
    from iam_catalog.policy.write import WrittenPolicies
    from iam_catalog.records import (
        About,
        Action,
        ActionSummary,
        ArnMatch,
        Change,
        ConditionKey,
        Disagreement,
        Operation,
        ResourceType,
        SearchResult,
        Service,
    )

    Asked = ParamSpec("Asked")
    Answer = TypeVar("Answer")


class Catalog:
    """An open catalog; a context manager, and safe to use from several threads.

    *path* names a `catalog.db`; without it, `$IAM_CATALOG_DB` or the shipped one is opened.
    With *as_of*, a date written YYYY-MM-DD, every answer is that of a catalog built from the
    pages dated up to then. Raises `CatalogNotFound`, `NotACatalog`, `CatalogOutdated` or
    `MalformedDate`.
    """

    def __init__(
        self, path: str | os.PathLike[str] | None = None, *, as_of: str | None = None
    ) -> None:
        self.path = find_database(path)
        self.as_of = as_of
        self._connection = open_database(self.path)
        self._lock = threading.Lock()
        self._checker: Checker | None = None
        if as_of is not None:
            from iam_catalog.past import stand_at

            try:
                self._ask(stand_at, as_of)
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Catalog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Catalog({self.path!r})"

    def close(self) -> None:
        """Close the file; a question after that raises `CatalogError`."""
        with self._lock:
            self._connection.close()

    def _ask(
        self,
        question: Callable[Concatenate[sqlite3.Connection, Asked], Answer],
        *args: Asked.args,
        **kwargs: Asked.kwargs,
    ) -> Answer:
        """The answer of a query, one thread at a time, with other errors in our words."""
        with self._lock:
            try:
                return question(self._connection, *args, **kwargs)
            except (AttributeError, TypeError, UnicodeEncodeError, sqlite3.Error) as error:
                ours = no_text(question, args, kwargs) or in_our_words(error, self.path)
                if ours is None:
                    raise
                raise ours from error

    def dependent_actions(self, action: str, *, transitive: bool = False) -> list[str]:
        """See `iam_catalog.dependent_actions`."""
        return self._ask(queries.dependent_actions, action, transitive=transitive)

    def documented_on(self, action: str) -> str | None:
        """See `iam_catalog.documented_on`."""
        return self._ask(queries.documented_on, action)

    def required_by(self, action: str) -> list[str]:
        """See `iam_catalog.required_by`."""
        return self._ask(queries.required_by, action)

    def action(self, name: str) -> Action:
        """See `iam_catalog.action`."""
        return self._ask(facts.action, name)

    def actions(
        self,
        *,
        service_prefix: str | None = None,
        access_level: str | None = None,
        resource_type: str | None = None,
        condition_key: str | None = None,
    ) -> list[ActionSummary]:
        """See `iam_catalog.actions`."""
        return self._ask(
            facts.actions,
            service_prefix=service_prefix,
            access_level=access_level,
            resource_type=resource_type,
            condition_key=condition_key,
        )

    def services(self) -> list[Service]:
        """See `iam_catalog.services`."""
        return self._ask(facts.services)

    def service(self, service_prefix: str) -> Service:
        """See `iam_catalog.service`."""
        return self._ask(facts.service, service_prefix)

    def resource_types(self, service_prefix: str | None = None) -> list[ResourceType]:
        """See `iam_catalog.resource_types`."""
        return self._ask(facts.resource_types, service_prefix)

    def resource_type(self, name: str) -> ResourceType:
        """See `iam_catalog.resource_type`."""
        return self._ask(facts.resource_type, name)

    def condition_keys(self, service_prefix: str | None = None) -> list[ConditionKey]:
        """See `iam_catalog.condition_keys`."""
        return self._ask(facts.condition_keys, service_prefix)

    def search(self, text: str, *, limit: int = 100) -> list[SearchResult]:
        """See `iam_catalog.search`."""
        from iam_catalog import full_text

        if self.as_of is None:
            return self._ask(full_text.search, text, limit=limit)
        from iam_catalog.past import NUMBERED, index_search

        self._ask(index_search)
        return self._ask(full_text.found_in, NUMBERED, text, limit=limit)

    def operation(self, name: str) -> Operation:
        """See `iam_catalog.operation`."""
        from iam_catalog import operations

        return self._ask(operations.operation, name)

    def actions_of_operation(self, name: str) -> list[str]:
        """See `iam_catalog.actions_of_operation`."""
        from iam_catalog import operations

        return self._ask(operations.actions_of_operation, name)

    def operations_of_action(self, action: str) -> list[str]:
        """See `iam_catalog.operations_of_action`."""
        from iam_catalog import operations

        return self._ask(operations.operations_of_action, action)

    def operations_documented_on(self, action: str) -> str | None:
        """See `iam_catalog.operations_documented_on`."""
        from iam_catalog import operations

        return self._ask(operations.operations_documented_on, action)

    def changes(
        self,
        *,
        since: str | None = None,
        service_prefix: str | None = None,
        descriptions: bool = False,
    ) -> list[Change]:
        """See `iam_catalog.changes`."""
        from iam_catalog import past

        return self._ask(
            past.changes, since=since, service_prefix=service_prefix, descriptions=descriptions
        )

    def disagreements(self, service_prefix: str | None = None) -> list[Disagreement]:
        """See `iam_catalog.disagreements`."""
        from iam_catalog import past

        return self._ask(past.disagreements, service_prefix)

    def differences(self, newer: Catalog) -> list[Change]:
        """What *newer* says that this catalog does not, and the reverse, descriptions included."""
        from iam_catalog.past import catalog_differences, read_state

        return catalog_differences(self._ask(read_state), newer._ask(read_state))

    def about(self) -> About:
        """Which catalog answers, and how fresh it is."""
        from iam_catalog import freshness

        return self._ask(freshness.about, self.path)


def in_our_words(error: Exception, path: str) -> CatalogError | None:
    """What to raise where a question to *path* ended with *error*; None for a mistake in code."""
    if isinstance(error, UnicodeEncodeError):
        return CatalogError(f"{error.object!r} is no text that a name can have.")
    if isinstance(error, sqlite3.ProgrammingError):
        return CatalogError(f"{path!r} can not be asked: {error}")
    if isinstance(error, sqlite3.DatabaseError):
        return NotACatalog(path, f"damaged ({error})")
    return None


def no_text(
    question: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]
) -> CatalogError | None:
    """The error for the first argument that should have been a text; None where all are.

    Looked for only when a question has failed, so that it costs the others nothing.
    """
    from inspect import signature

    asked = signature(question)
    for name, value in asked.bind(None, *args, **kwargs).arguments.items():
        wanted = asked.parameters[name].annotation
        if isinstance(value, str) or wanted not in ("str", "str | None"):
            continue
        if value is not None or wanted == "str":
            return CatalogError(
                f"{value!r} is no text: names, words and dates are written as text, for example "
                "'connect:StopContact'."
            )
    return None
