"""`Catalog`, which holds a connection for many questions, and one-call forms of each question.

Nothing is opened at import. Answers are fresh objects that a caller may change.
"""

from __future__ import annotations

import os
import sqlite3
import threading

from iam_catalog import facts, queries
from iam_catalog.database import find_database, open_database
from iam_catalog.errors import CatalogError, NotACatalog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Concatenate, ParamSpec, TypeVar

    from iam_catalog.records import (
        About,
        Action,
        ActionSummary,
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
        """The answer of a query, one thread at a time, with SQLite's errors in our words."""
        with self._lock:
            try:
                return question(self._connection, *args, **kwargs)
            except sqlite3.ProgrammingError as error:
                raise CatalogError(f"{self.path!r} can not be asked: {error}") from error
            except sqlite3.DatabaseError as error:
                raise NotACatalog(self.path, f"damaged ({error})") from error

    def dependent_actions(self, action: str, *, transitive: bool = False) -> list[str]:
        """See `iam_catalog.dependent_actions`."""
        return self._ask(queries.dependent_actions, action, transitive=transitive)

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
        return self._ask(full_text.found_in, NUMBERED, text, limit)

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
        from iam_catalog.past import catalog_differences

        with newer._lock:
            return self._ask(catalog_differences, newer._connection)

    def about(self) -> About:
        """Which catalog answers, and how fresh it is."""
        return self._ask(facts.about, self.path)


class _Shared(threading.local):
    """The catalog that the one-call forms of one thread ask."""

    catalog: Catalog | None = None
    file: tuple[str, int, int, int] | None = None


_shared = _Shared()


def shared_catalog() -> Catalog:
    """This thread's open catalog, opened anew when the file was replaced or another one named."""
    path = find_database()
    status = os.stat(path)
    file = (path, status.st_ino, status.st_mtime_ns, status.st_size)
    if _shared.catalog is None or _shared.file != file:
        if _shared.catalog is not None:
            _shared.catalog.close()
            _shared.catalog = None
        _shared.catalog = Catalog(path)
        _shared.file = file
    return _shared.catalog


def dependent_actions(action: str, *, transitive: bool = False) -> list[str]:
    """The actions that AWS lists as dependent of *action*, in AWS's order, without repeats.

    Case is ignored, as IAM ignores it. *transitive* follows them breadth first, without the start,
    also where they form a cycle. Raises `UnknownAction` with the nearest names, or
    `MalformedActionName`.

    >>> dependent_actions("connect:GetFederationTokens")
    ['connect:DescribeInstance', 'connect:ListInstances', 'ds:DescribeDirectories']
    """
    return shared_catalog().dependent_actions(action, transitive=transitive)


def required_by(action: str) -> list[str]:
    """The actions that list *action* as dependent, sorted.

    Also for an action of a service that the catalog does not hold. Raises `UnknownAction` for a
    name that a held service does not have and no action lists.

    >>> required_by("kms:CreateGrant")
    ['connect:CreateInstance', 'connect:ModifyInstance']
    """
    return shared_catalog().required_by(action)


def action(name: str) -> Action:
    """Everything that the catalog knows of one action, its source included.

    Of a removed action these are the facts of the last page that documented it. Raises
    `UnknownAction` with the nearest names, or `MalformedActionName`.

    >>> action("connect:stopcontact").resource_types
    ('connect:contact',)
    """
    return shared_catalog().action(name)


def actions(
    *,
    service_prefix: str | None = None,
    access_level: str | None = None,
    resource_type: str | None = None,
    condition_key: str | None = None,
) -> list[ActionSummary]:
    """The actions that fit every filter, sorted by name; all of them without a filter.

    *access_level* means the primary level, without case. *resource_type* is `instance` or
    `connect:instance`. *condition_key* fits where a row of the action, or a resource type that it
    takes, has the key. An unknown word is an error: `UnknownServicePrefix`, `UnknownAccessLevel`,
    `UnknownResourceType` or `UnknownConditionKey`.

    >>> [found.action for found in actions(service_prefix="connect", access_level="list")]
    ['connect:ListInstances']
    """
    return shared_catalog().actions(
        service_prefix=service_prefix,
        access_level=access_level,
        resource_type=resource_type,
        condition_key=condition_key,
    )


def services() -> list[Service]:
    """Every service that the catalog holds, by prefix.

    >>> [found.service_prefix for found in services()]
    ['connect', 'ssmmessages']
    """
    return shared_catalog().services()


def service(service_prefix: str) -> Service:
    """One service with its pages and what they state; raises `UnknownServicePrefix`.

    Here and wherever a service is named, its name, page slugs and SDK clients will do as well.

    >>> service("connect").name
    'Amazon Connect'
    """
    return shared_catalog().service(service_prefix)


def resource_types(service_prefix: str | None = None) -> list[ResourceType]:
    """The resource types of a service, or of all, sorted; raises `UnknownServicePrefix`.

    >>> [found.name for found in resource_types("connect")]
    ['contact', 'instance', 'queue']
    """
    return shared_catalog().resource_types(service_prefix)


def resource_type(name: str) -> ResourceType:
    """One resource type; `instance` will do where only one service has it.

    Raises `UnknownResourceType`, also for a name that several services have: its suggestions are
    their full names.

    >>> resource_type("connect:instance").arn_formats
    ('arn:${Partition}:connect::${Account}:instance/${InstanceId}',)
    """
    return shared_catalog().resource_type(name)


def condition_keys(service_prefix: str | None = None) -> list[ConditionKey]:
    """What the pages of a service, or all pages, define as condition keys, sorted by key.

    One record for each definition. Raises `UnknownServicePrefix`.

    >>> condition_keys("connect")
    []
    """
    return shared_catalog().condition_keys(service_prefix)


def search(text: str, *, limit: int = 100) -> list[SearchResult]:
    """Services, actions, resource types and condition keys that have every word of *text*.

    Words may be cut short, and are found in the parts of a name too. Best first within a kind, at
    most *limit* of each; a text without a letter or digit finds nothing.

    >>> [found.name for found in search("federation tokens")]
    ['connect:GetFederationTokens']
    """
    return shared_catalog().search(text, limit=limit)


def operation(name: str) -> Operation:
    """One API operation with the actions that it needs: `prefix:Name`, or a `Name` of one service.

    With an SDK client as the prefix only that client's operation is meant, where a service has
    several. Raises `UnknownOperation`.
    """
    return shared_catalog().operation(name)


def actions_of_operation(name: str) -> list[str]:
    """The actions that an API operation needs, in AWS's order; raises `UnknownOperation`."""
    return shared_catalog().actions_of_operation(name)


def operations_of_action(action: str) -> list[str]:
    """The API operations that need *action*, as `prefix:Name`, sorted.

    Raises `UnknownAction` or `MalformedActionName`.

    >>> operations_of_action("connect:StopContact")
    []
    """
    return shared_catalog().operations_of_action(action)


def changes(
    *,
    since: str | None = None,
    service_prefix: str | None = None,
    descriptions: bool = False,
) -> list[Change]:
    """What collections of *since* and later brought, by date; of one service, or of all.

    Changes of descriptions alone come only with *descriptions*. Raises `MalformedDate` or
    `UnknownServicePrefix`.

    >>> changes(since="2019-08-12")
    []
    """
    return shared_catalog().changes(
        since=since, service_prefix=service_prefix, descriptions=descriptions
    )


def disagreements(service_prefix: str | None = None) -> list[Disagreement]:
    """What pages of the same time say differently: every statement of it, by subject and field.

    Raises `UnknownServicePrefix`.

    >>> disagreements()
    []
    """
    return shared_catalog().disagreements(service_prefix)
