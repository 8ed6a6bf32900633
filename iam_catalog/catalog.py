"""`Catalog`: an open file that answers many questions, from several threads."""

from __future__ import annotations

import os
import sqlite3
from functools import wraps

from iam_catalog.connections import ConnectionPool
from iam_catalog.database import find_database
from iam_catalog.errors import CatalogError, NotACatalog
from iam_catalog.facts import entities as facts
from iam_catalog.facts import names as queries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Concatenate, ParamSpec, TypeVar

    from iam_catalog.policy.check.findings import Finding
    from iam_catalog.policy.explain.policy import ExplainedPolicy
    from iam_catalog.policy.records import Kind
    from iam_catalog.policy.samples import NamedActions, PolicyUse, Sample
    from iam_catalog.policy.write.complete import CompletedPolicy
    from iam_catalog.policy.write.policy import WrittenPolicies
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
    Made = TypeVar("Made")

ERRORS = (AttributeError, TypeError, UnicodeEncodeError, sqlite3.Error)
"""What a question can end with that is said in other words."""


class Catalog:
    """An open catalog; a context manager. Threads may share it, and a process with it may fork.

    *path* names a `catalog.db`; without it, `$IAM_CATALOG_DB` or the shipped one is opened.
    With *as_of*, a date written YYYY-MM-DD, every answer is that of a catalog built from the
    sources dated up to then. Raises `CatalogNotFound`, `NotACatalog`, `CatalogOutdated` or
    `MalformedDate`.

    All answers come from the file that was opened, also when another has taken its place. Threads
    do not wait for each other, unless more than a few ask at once. A child process opens its own
    connections when it first asks.
    """

    def __init__(
        self, path: str | os.PathLike[str] | None = None, *, as_of: str | None = None
    ) -> None:
        self.path = find_database(path)
        self.as_of = as_of
        if as_of is None:
            self._pool = ConnectionPool(self.path, None)
            return
        from iam_catalog.facts.history import stand_at

        date = as_of
        try:
            self._pool = ConnectionPool(self.path, lambda connection: stand_at(connection, date))
        except ERRORS as error:
            ours = in_our_words(error, self.path, stand_at, (as_of,), {})
            if ours is None:
                raise
            raise ours from error

    def __enter__(self) -> Catalog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def what_brings_all(self) -> str | None:
        """Say what this catalog holds, and the one step to all of AWS; None where it is full."""
        from iam_catalog.facts.fullness import what_brings_all

        return self._ask(what_brings_all)

    def __repr__(self) -> str:
        return f"Catalog({self.path!r})"

    def close(self) -> None:
        """Close the file, once what other threads asked is answered.

        A question after that raises `CatalogError`.
        """
        self._pool.close()

    def _ask(
        self,
        question: Callable[Concatenate[sqlite3.Connection, Asked], Answer],
        *args: Asked.args,
        **kwargs: Asked.kwargs,
    ) -> Answer:
        """Answer a question on a connection that no other thread uses, with errors in our words."""
        taken = self._pool.take()
        try:
            return question(taken.connection, *args, **kwargs)
        except ERRORS as error:
            ours = in_our_words(error, self.path, question, args, kwargs)
            if ours is None:
                raise
            raise ours from error
        finally:
            self._pool.give(taken)

    def _ask_made(
        self,
        make: Callable[[sqlite3.Connection], Made],
        question: Callable[Concatenate[Made, Asked], Answer],
        *args: Asked.args,
        **kwargs: Asked.kwargs,
    ) -> Answer:
        """Answer a question as `_ask` does, on what *make* makes of a connection and is kept."""

        @wraps(question)
        def ask(
            connection: sqlite3.Connection, /, *args: Asked.args, **kwargs: Asked.kwargs
        ) -> Answer:
            return question(self._pool.made(connection, make), *args, **kwargs)

        self._pool.prefer(make)
        return self._ask(ask, *args, **kwargs)

    def dependent_actions(self, action: str, *, transitive: bool = False) -> list[str]:
        """See `iam_catalog.dependent_actions`."""
        return self._ask(queries.dependent_actions, action, transitive=transitive)

    def documented_on(self, action: str) -> str | None:
        """See `iam_catalog.documented_on`."""
        return self._ask(queries.documented_on, action)

    def dependents_state(self, action: str) -> str:
        """See `iam_catalog.dependents_state`."""
        return self._ask(queries.dependents_state, action)

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
        from iam_catalog.facts import search as full_text

        if self.as_of is None:
            return self._ask(full_text.search, text, limit=limit)
        from iam_catalog.facts.history import NUMBERED, with_search

        return self._ask_made(with_search, full_text.found_in, NUMBERED, text, limit=limit)

    def operation(self, name: str) -> Operation:
        """See `iam_catalog.operation`."""
        from iam_catalog.facts import operations

        return self._ask(operations.operation, name)

    def actions_of_operation(self, name: str) -> list[str]:
        """See `iam_catalog.actions_of_operation`."""
        from iam_catalog.facts import operations

        return self._ask(operations.actions_of_operation, name)

    def operations_of_action(self, action: str) -> list[str]:
        """See `iam_catalog.operations_of_action`."""
        from iam_catalog.facts import operations

        return self._ask(operations.operations_of_action, action)

    def operations_documented_on(self, action: str) -> str | None:
        """See `iam_catalog.operations_documented_on`."""
        from iam_catalog.facts import operations

        return self._ask(operations.operations_documented_on, action)

    def sample_policies(self) -> list[Sample]:
        """See `iam_catalog.sample_policies`."""
        from iam_catalog.policy.samples import sample_policies

        return self._ask(sample_policies)

    def policies_using(self, action: str) -> list[PolicyUse]:
        """See `iam_catalog.policies_using`."""
        from iam_catalog.policy.samples import policies_using

        return self._ask(policies_using, action)

    def actions_of_policy(self, policy: str) -> list[NamedActions]:
        """See `iam_catalog.actions_of_policy`."""
        from iam_catalog.policy.samples import actions_of_policy

        return self._ask(actions_of_policy, policy)

    def expand(self, *patterns: str) -> list[str]:
        """See `iam_catalog.expand`."""
        from iam_catalog.policy.expand import expand

        return self._ask(expand, *patterns)

    def changes_of_patterns(self, *patterns: str, since: str | None = None) -> list[Change]:
        """See `iam_catalog.changes_of_patterns`."""
        from iam_catalog.policy.expand import changes_of_patterns

        return self._ask(changes_of_patterns, *patterns, since=since)

    def shrink(self, actions: Iterable[str], *, shortest: bool = False) -> list[str]:
        """See `iam_catalog.shrink`."""
        from iam_catalog.policy.shrink import shrink

        return self._ask(shrink, actions, shortest=shortest)

    def match_arn(self, arn: str) -> list[ArnMatch]:
        """See `iam_catalog.match_arn`."""
        from iam_catalog.arn.match import match_arn

        return self._ask(match_arn, arn)

    def actions_for_arn(self, arn: str) -> list[str]:
        """See `iam_catalog.actions_for_arn`."""
        from iam_catalog.arn.match import actions_for_arn

        return self._ask(actions_for_arn, arn)

    def check_policy(self, policy: object, *, kind: Kind | None = None) -> list[Finding]:
        """See `iam_catalog.check_policy`."""
        from iam_catalog.policy.check.engine import Checker, check_given

        return self._ask_made(Checker, check_given, policy, kind=kind)

    def explain_policy(self, policy: object, *, kind: Kind | None = None) -> ExplainedPolicy:
        """See `iam_catalog.explain_policy`."""
        from iam_catalog.policy.explain.policy import explain_policy

        return self._ask(explain_policy, policy, kind=kind)

    def complete_policy(
        self,
        policy: object,
        *,
        transitive: bool = False,
        values: Mapping[str, str] | None = None,
    ) -> CompletedPolicy:
        """See `iam_catalog.complete_policy`."""
        from iam_catalog.policy.write.complete import complete_policy

        return self._ask(complete_policy, policy, transitive=transitive, values=values)

    def write_policy(
        self,
        actions: Iterable[str] = (),
        *,
        arns: Iterable[str] = (),
        access_levels: Iterable[str] = (),
        service_prefix: str | None = None,
        with_dependent_actions: bool = False,
        with_optional_types: bool = False,
        shrink: bool = False,
        kind: str = "managed",
        values: Mapping[str, str] | None = None,
    ) -> WrittenPolicies:
        """See `iam_catalog.write_policy`."""
        from iam_catalog.policy.write.policy import write_policy

        return self._ask(
            write_policy,
            actions,
            arns=arns,
            access_levels=access_levels,
            service_prefix=service_prefix,
            with_dependent_actions=with_dependent_actions,
            with_optional_types=with_optional_types,
            shrink=shrink,
            kind=kind,
            values=values,
        )

    def changes(
        self,
        *,
        since: str | None = None,
        service_prefix: str | None = None,
        descriptions: bool = False,
    ) -> list[Change]:
        """See `iam_catalog.changes`."""
        from iam_catalog.facts import history as past

        return self._ask(
            past.changes, since=since, service_prefix=service_prefix, descriptions=descriptions
        )

    def disagreements(self, service_prefix: str | None = None) -> list[Disagreement]:
        """See `iam_catalog.disagreements`."""
        from iam_catalog.facts import history as past

        return self._ask(past.disagreements, service_prefix)

    def differences(self, newer: Catalog) -> list[Change]:
        """What *newer* says that this catalog does not, and the reverse, descriptions included."""
        from iam_catalog.facts.history import catalog_differences, read_state

        return catalog_differences(self._ask(read_state), newer._ask(read_state))

    def about(self) -> About:
        """Say which catalog answers, as of which date, and from which sources."""
        from iam_catalog.facts import about as freshness

        return self._ask(freshness.about, self.path)


def in_our_words(
    error: Exception,
    path: str,
    question: Callable[..., object],
    args: tuple[object, ...],
    kwargs: dict[str, object],
) -> CatalogError | None:
    """What to raise where a question to *path* ended with *error*; None for a mistake in code."""
    if ours := no_text(question, args, kwargs):
        return ours
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
