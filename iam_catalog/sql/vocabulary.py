"""Define the SQL functions once: what each takes and returns, and what it asks of a catalog.

Values are plain: texts, booleans, integers, lists of texts, and lists of records, a record being a
tuple in the order of its fields. The adapters beside this module give them to an engine.

What holds for all functions: an argument that is NULL gives NULL, except a *kind*. A text that is
not what the function expects never raises: the answer is then what is true of it, such as no
actions, and NULL where the catalog cannot tell.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from iam_catalog.arn.match import arn_types, is_of_held_service
from iam_catalog.arn.parts import Arn
from iam_catalog.arn.pattern import fold_stars, matches
from iam_catalog.catalog import Catalog
from iam_catalog.errors import (
    CatalogError,
    MalformedActionName,
    MalformedPattern,
    UnreadablePolicy,
)
from iam_catalog.facts.dependents import dependent_actions, dependents_state
from iam_catalog.names import ACCESS_LEVELS, split_action_name
from iam_catalog.policy.check.findings import Finding, quoted
from iam_catalog.policy.check.run import UNREADABLE
from iam_catalog.policy.coverage import covered
from iam_catalog.policy.expand import check_form, names_held_service, spelled_actions
from iam_catalog.policy.facts import PolicyFacts, is_every_action, policy_facts
from iam_catalog.policy.grammar.values import is_action
from iam_catalog.policy.model import KINDS, Statement
from iam_catalog.policy.read.source import path_text
from iam_catalog.policy.read.statements import as_document, read_policy, statement_number
from iam_catalog.schema.model import BOOLEAN, INTEGER, STRING

MOST_NAMED = 1_000_000
"""Records of `iam_actions` of one policy. The largest policies that AWS takes have far fewer."""

LONGEST_PATTERN = 500
"""Characters of a pattern that are repeated beside each action that it names."""

Fields = tuple[tuple[str, str], ...]
"""The names and types of the fields of a record."""


@dataclass(frozen=True, slots=True)
class ListOf:
    """The type of a list: of texts, or of records with *fields*."""

    fields: Fields = ()


@dataclass(frozen=True, slots=True)
class SqlWords:
    """How an engine writes types: a word for each type of a column, and forms with gaps."""

    of: dict[str, str]
    array: str
    struct: str
    field: str
    """With a gap for the name and one for the type."""

    def written(self, returns: str | ListOf) -> str:
        """Write what a function returns."""
        if not isinstance(returns, ListOf):
            return self.of[returns]
        if not returns.fields:
            return self.array.format(self.of[STRING])
        fields = [self.field.format(name, self.of[kind]) for name, kind in returns.fields]
        return self.array.format(self.struct.format(", ".join(fields)))


FINDING: Fields = (
    ("code", STRING),
    ("severity", STRING),
    ("place", STRING),
    ("text", STRING),
    ("suggestion", STRING),
    ("line", INTEGER),
)
"""What `iam_check` and `check-many` say of a finding."""

NAMED: Fields = (
    ("action", STRING),
    ("effect", STRING),
    ("statement", INTEGER),
    ("by", STRING),
)

Record = tuple[str | int | None, ...]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class SqlFunction:
    """A function of the vocabulary; all of its parameters are texts."""

    name: str
    parameters: tuple[str, ...]
    returns: str | ListOf
    """A type of `iam_catalog.schema.model`, or a list."""
    answer: Callable[..., object]
    """Takes a catalog and the arguments, none of which is None but those that are *optional*."""
    optional: int = 0
    """How many of the last parameters may be NULL."""

    def __call__(self, catalog: Catalog, *values: str | None) -> object:
        """Return the answer; None where an argument that has to be there is None."""
        required = len(self.parameters) - self.optional
        if None in values[:required]:
            return None
        return self.answer(catalog, *values)


# --- policies


def check(catalog: Catalog, policy: object, kind: str | None = None) -> list[Record]:
    """List what `check_policy` finds in a policy, as values of `FINDING`.

    What cannot be checked is a finding too, under the code by which reports list such files: a text
    that is not JSON, and a kind that no policy has.
    """
    if kind is not None and kind not in KINDS:
        expected = f"expected {', '.join(KINDS)}, or NULL where the form of the policy decides"
        return [not_checked(f"{quoted(kind)} is not a kind of policy: {expected}.")]
    try:
        if isinstance(policy, str):
            _refuse_other_text(policy)
        found = catalog.check_policy(policy, kind=kind)  # type: ignore[arg-type]
    except UnreadablePolicy as error:
        return [not_checked(str(error), error.line)]
    return [_record(each) for each in found]


def _record(finding: Finding) -> Record:
    return (
        finding.code,
        finding.severity,
        path_text(finding.path),
        finding.text,
        finding.suggestion,
        finding.line,
    )


def not_checked(text: str, line: int | None = None) -> Record:
    return (UNREADABLE, "error", "", text, None, line)


def text_of(value: bytes) -> str:
    """Decode what an engine has as a text; a byte that is not UTF-8 becomes half of a pair."""
    return value.decode("utf-8", "surrogateescape")


def _is_text(text: str) -> bool:
    """Return False for a text with half of a surrogate pair, which no engine can hold."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_other_text(policy: str) -> None:
    if not _is_text(policy):
        raise UnreadablePolicy("<policy>", "it is not UTF-8 text")


def _named_by_policy(catalog: Catalog, policy: str) -> list[Record] | None:
    """List the actions that each statement covers, with its effect, its index and the pattern.

    None for a text that no policy can be read from: `check` says why. None, too, for one that
    names more than `MOST_NAMED`.
    """
    return catalog._ask(_in_policy, policy, _named_by_statement)


def _access_levels(catalog: Catalog, policy: str) -> list[str] | None:
    """List the access levels of all actions that Allow statements cover, in AWS's order.

    An action can have several. None for a text that no policy can be read from.
    """
    found = catalog._ask(_in_policy, policy, _levels_of_statement)
    return None if found is None else [level for level in ACCESS_LEVELS if level in set(found)]


def _in_policy(
    connection: sqlite3.Connection,
    policy: str,
    question: Callable[[PolicyFacts, Statement], Iterable[Item]],
) -> list[Item] | None:
    """Ask a question of each statement of a policy; None if it cannot be read, or is too large."""
    try:
        _refuse_other_text(policy)
        value = as_document(policy).value
    except UnreadablePolicy:
        return None
    facts = policy_facts(connection)
    found: list[Item] = []
    for statement in read_policy(value).statements:
        for item in question(facts, statement):
            if len(found) == MOST_NAMED:
                return None
            found.append(item)
    return found


def _named_by_statement(facts: PolicyFacts, statement: Statement) -> Iterator[Record]:
    """Yield an action for each pattern of Action, each once; of NotAction, all other actions."""
    effect, index = statement.effect, statement_number(statement.path) - 1
    if statement.actions is None:
        by = _all_but(statement.not_actions or ())
        for action in covered(facts, statement).actions:
            yield action, effect, index, by
        return
    for item in dict.fromkeys(filter(is_action, statement.actions)):
        by = _shortened(item)
        for service, names in facts.matching(item).items():
            for name in names:
                yield service.actions[name], effect, index, by


def _all_but(patterns: Iterable[str]) -> str:
    """Return what names the actions of a NotAction: `NotAction iam:*, sts:*`."""
    return _shortened(f"NotAction {', '.join(patterns)}")


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_PATTERN else f"{text[: LONGEST_PATTERN - 1]}…"


def _levels_of_statement(facts: PolicyFacts, statement: Statement) -> frozenset[str]:
    """Return the access levels of what a statement allows."""
    if statement.effect != "Allow":
        return frozenset()
    levels = [
        service.levels.get(name, frozenset())
        for service, names in covered(facts, statement).names.items()
        for name in names
    ]
    return frozenset().union(*levels)


# --- patterns, ARNs and actions


def _expanded(catalog: Catalog, pattern: str) -> list[str] | None:
    """List the actions that a pattern matches; None for a service that the catalog lacks."""
    return catalog._ask(_read_actions, pattern)


def _read_actions(connection: sqlite3.Connection, pattern: str) -> list[str] | None:
    facts = policy_facts(connection)
    names = spelled_actions(facts, pattern)
    return (
        names if names or not _is_pattern(pattern) or names_held_service(facts, pattern) else None
    )


def _is_pattern(text: str) -> bool:
    try:
        check_form(text)
    except MalformedPattern:
        return False
    return True


def _matches(_: Catalog, pattern: str, action: str) -> bool:
    """Return True if a pattern matches an action, which the catalog need not hold."""
    if not (_is_pattern(pattern) and _is_name(action)):
        return False
    return is_every_action(pattern) or matches(fold_stars(pattern), action, ignore_case=True)


def _is_name(text: str) -> bool:
    try:
        split_action_name(text)
    except MalformedActionName:
        return False
    return True


def _types_of_arn(catalog: Catalog, arn: str) -> list[str] | None:
    """List the resource types that an ARN can be; None for a service that the catalog lacks."""
    return catalog._ask(_read_types, arn) if _is_text(arn) else []


def _read_types(connection: sqlite3.Connection, text: str) -> list[str] | None:
    types = arn_types(connection).types(text)
    arn = Arn(text)
    is_known = types or not arn.is_arn or is_of_held_service(connection, arn)
    return list(types) if is_known else None


def _dependents(catalog: Catalog, action: str) -> list[str] | None:
    """List what an action needs besides itself; None where nothing is known of that."""
    return catalog._ask(_known_dependents, action)


def _known_dependents(connection: sqlite3.Connection, text: str) -> list[str] | None:
    # Not by the error of an unknown name, which looks for similar ones.
    if not _is_name(text):
        return None
    action = text.strip()
    facts = policy_facts(connection)
    if not facts.facts_of([action]) and facts.removed(action) is None:
        return None
    found = dependent_actions(connection, action)
    is_known = found or dependents_state(connection, action) != "not in source"
    return found if is_known else None


FUNCTIONS = (
    SqlFunction("iam_expand", ("pattern",), ListOf(), _expanded),
    SqlFunction("iam_actions", ("policy",), ListOf(NAMED), _named_by_policy),
    SqlFunction("iam_access_levels", ("policy",), ListOf(), _access_levels),
    SqlFunction("iam_check", ("policy", "kind"), ListOf(FINDING), check, optional=1),
    SqlFunction("iam_matches", ("pattern", "action"), BOOLEAN, _matches),
    SqlFunction("iam_arn_types", ("arn",), ListOf(), _types_of_arn),
    SqlFunction("iam_dependent_actions", ("action",), ListOf(), _dependents),
)


def opened(catalog: object) -> Catalog:
    """Return *catalog* itself, or open the one at a path; None is the one that answers.

    Raises `CatalogError` for anything else, and for a catalog that was closed.
    """
    from os import PathLike

    if isinstance(catalog, Catalog):
        catalog.about()
        return catalog
    if catalog is None or isinstance(catalog, (str, PathLike)):
        return Catalog(catalog)
    raise CatalogError(
        f"{catalog!r} is not a catalog: expected a Catalog, the path of a catalog.db, or None for"
        " the one that answers."
    )
