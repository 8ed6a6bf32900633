"""Check policies against a catalog: grammar first, then all that the catalog knows.

A `Checker` keeps what it read of the catalog, so that many policies take little time, and memory
stays flat over millions.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice

from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.check.reading import (
    ConditionRule,
    PolicyRule,
    ReadCondition,
    Readers,
    ReadPolicy,
    read_items,
)
from iam_catalog.policy.check.registry import RULES
from iam_catalog.policy.check.rule import TOPICS
from iam_catalog.policy.facts import policy_facts
from iam_catalog.policy.grammar.document import MOST, TooManyFindings, grammar_findings
from iam_catalog.policy.model import Kind, PolicyDocument
from iam_catalog.policy.read.kinds import policy_kind
from iam_catalog.policy.read.source import line_of, part_at
from iam_catalog.policy.read.statements import as_document, read_policy

_CONDITION_RULES = tuple([rule for rule in RULES if isinstance(rule, ConditionRule)])
_OF_ANY_KEY = tuple([rule for rule in _CONDITION_RULES if not rule.keys])
_OF_KEY = {
    key: tuple([rule for rule in _CONDITION_RULES if not rule.keys or key in rule.keys])
    for key in frozenset().union(*[rule.keys for rule in _CONDITION_RULES])
}
"""The rules that are asked of the keys that some rules are about, each in the order of all."""


def _action_findings(policy: ReadPolicy) -> Iterator[Finding]:
    """Yield what rules find in each item of Action and NotAction alone."""
    for read in policy.statements:
        for element, index, item in read.notable:
            for note in item.notes:
                near = None
                if note.rule.suggests and policy.may_suggest():
                    near = policy.readers.actions.nearest(item)
                yield note.at(read.statement.item_path(element, index), near)


def _resource_findings(policy: ReadPolicy) -> Iterator[Finding]:
    """Yield what rules find in each item of Resource and NotResource alone."""
    for read in policy.statements:
        for element, items in (("Resource", read.resources), ("NotResource", read.not_resources)):
            for index, item in enumerate(items or ()):
                for note in item.notes:
                    yield note.at(read.statement.item_path(element, index), kind=policy.strictness)


def _condition_findings(policy: ReadPolicy) -> Iterator[Finding]:
    """Yield what rules find in each condition, and then in the variables of its values."""
    for read in policy.statements:
        for condition in read.statement.conditions:
            asked = ReadCondition(policy, read, condition)
            for rule in _OF_KEY.get(condition.key.lower(), _OF_ANY_KEY):
                yield from rule.check(asked)
            for value in condition.values:
                for note in policy.readers.variables.notes(value):
                    yield note.at(condition.path)


_Check = Callable[[ReadPolicy], Iterable[Finding]]

_WALKS: dict[str, _Check] = {
    "actions": _action_findings,
    "resources": _resource_findings,
    "conditions": _condition_findings,
}
"""By topic: what asks the rules about parts, before those about policies of the topic."""


def _checks() -> Iterator[_Check]:
    for topic in TOPICS:
        if topic in _WALKS:
            yield _WALKS[topic]
        for rule in RULES:
            if rule.topic == topic and isinstance(rule, PolicyRule):
                yield rule.check


_CHECKS = tuple(_checks())


class Checker:
    """Checks policies against one catalog; for one thread at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._readers = Readers(policy_facts(connection), RULES)

    def forget(self) -> None:
        """Forget what the policies so far said, and keep what was read of the catalog."""
        facts = self._readers.facts
        facts.forget()
        self._readers = Readers(facts, RULES)

    def findings(self, document: PolicyDocument) -> list[Finding]:
        """Return what is found in a policy, by statement; lines are not filled in."""
        _ = self.connection.total_changes  # a closed catalog answers nothing, kept facts or not
        if document.alternatives:
            return self._findings_of_alternatives(document)
        policy = read_policy(document.value)
        kind = document.kind or policy_kind(policy)
        read = read_items(document, policy, kind, self._readers)
        found = grammar_findings(document, policy)
        found += islice(chain.from_iterable([check(read) for check in _CHECKS]), MOST + 1)
        if len(found) > MOST:
            text = f"More than {MOST:,} findings: the rest is left out."
            found[MOST:] = [TooManyFindings.finding(text, ())]
        if len(found) > 1:
            found.sort(key=_statement_number)
        return found

    def _findings_of_alternatives(self, document: PolicyDocument) -> list[Finding]:
        """Return what is found in any of the values that a policy can have.

        Two findings of one code about the same part are one, unless the part differs.
        """
        found: dict[tuple[object, ...], Finding] = {}
        for value in document.alternatives:
            for each in self.findings(replace(document, value=value, alternatives=())):
                part = repr(part_at(value, each.path)) if each.path else each.text
                found.setdefault((each.code, each.path, part), each)
        return sorted(found.values(), key=_statement_number)

    def check(self, document: PolicyDocument) -> list[Finding]:
        """Return what is found in a policy of a file, with the file, the title and the lines."""
        return [
            each.at(line_of(document, each.path), document.file, document.title)
            for each in self.findings(document)
        ]


def _statement_number(finding: Finding) -> int:
    """Return the key that sorts findings by statement, those of the whole policy first."""
    number = finding.path[1] if len(finding.path) > 1 else -1
    return number if isinstance(number, int) else -1


def check_policy(
    connection: sqlite3.Connection, policy: object, *, kind: Kind | None = None
) -> list[Finding]:
    """List what is found in a policy, in the order of its statements.

    *policy* is the value of a policy, such as a dict, or its JSON text; of a text the findings have
    lines, too. *kind* says what it is attached to, where its form does not: `identity`, `resource`,
    `trust`, `scp` or `rcp`. Each finding has a code, which `iam-catalog rule CODE` explains, and
    says what the policy states and what the catalog holds, with the rows that it rests on; none is
    a verdict. Raises `UnreadablePolicy` for a text that is not JSON, and `CatalogError` for another
    *kind*.

    >>> statement = {"Effect": "Allow", "Action": "connect:StopContacts", "Resource": "*"}
    >>> policy = {"Version": "2012-10-17", "Statement": statement}
    >>> [(found.code, found.suggestion) for found in check_policy(policy)]
    [('unknown-action', 'connect:StopContact')]
    """
    return check_given(Checker(connection), policy, kind=kind)


def check_given(checker: Checker, policy: object, *, kind: Kind | None = None) -> list[Finding]:
    """See `check_policy`."""
    document = as_document(policy, kind)
    if isinstance(policy, PolicyDocument):
        return checker.check(document)
    found = checker.findings(document)
    if not document.text:
        return found
    return [each.at(line_of(document, each.path)) for each in found]
