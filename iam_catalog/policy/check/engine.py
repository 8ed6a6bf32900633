"""Checks policies against a catalog: grammar first, then all that the catalog tells.

A `Checker` keeps what it read of the catalog, so that many policies take little time, and memory
stays flat over millions.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from itertools import chain, islice

from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.check.notes import finding
from iam_catalog.policy.check.reading import Readers, read_items
from iam_catalog.policy.check.rules.actions import (
    action_findings,
    held_in_part_findings,
    unheld_findings,
)
from iam_catalog.policy.check.rules.conditions import condition_findings
from iam_catalog.policy.check.rules.grants import grant_findings
from iam_catalog.policy.check.rules.redundancy import redundancy_findings
from iam_catalog.policy.check.rules.resources import placeholder_findings, resource_findings
from iam_catalog.policy.check.rules.size import size_findings
from iam_catalog.policy.grammar.document import MOST, grammar_findings
from iam_catalog.policy.read.given import as_document
from iam_catalog.policy.read.kinds import policy_kind
from iam_catalog.policy.read.lines import line_of
from iam_catalog.policy.read.statements import read_policy
from iam_catalog.policy.records import Kind, PolicyDocument
from iam_catalog.policy.service_facts import ServiceFacts

CHECKS = (
    action_findings,
    unheld_findings,
    held_in_part_findings,
    resource_findings,
    placeholder_findings,
    condition_findings,
    grant_findings,
    redundancy_findings,
)


class Checker:
    """Checks policies against one catalog; for one thread at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._readers = Readers(ServiceFacts(connection))

    def forget(self) -> None:
        """Forget what the policies so far said, and keep what was read of the catalog."""
        facts = self._readers.facts
        facts.forget()
        self._readers = Readers(facts)

    def findings(self, document: PolicyDocument) -> list[Finding]:
        """What is found in a policy, by statement; lines are not filled in."""
        _ = self.connection.total_changes  # a closed catalog answers nothing, kept facts or not
        policy = read_policy(document.value)
        kind = document.kind or policy_kind(policy)
        read = read_items(policy, kind, self._readers)
        found = grammar_findings(document, policy)
        most = len(document.text) if document.syntax == "json" and document.text else None
        checked = chain.from_iterable([check(read) for check in CHECKS])
        found += islice(chain(size_findings(document.value, kind, most), checked), MOST + 1)
        if len(found) > MOST:
            text = f"More than {MOST:,} findings: the rest is left out."
            found[MOST:] = [finding("too-many-findings", text, ())]
        return sorted(found, key=statement_number)

    def check(self, document: PolicyDocument) -> list[Finding]:
        """What is found in a policy of a file, with the file, the title and the lines."""
        one_line = "\n" not in document.text
        return [
            replace(
                each,
                line=document.text_line if one_line else line_of(document, each.path),
                file=document.file,
                title=document.title,
            )
            for each in self.findings(document)
        ]


def statement_number(finding: Finding) -> int:
    """Sorts findings by statement; what is said of the policy comes first."""
    number = finding.path[1] if len(finding.path) > 1 else -1
    return number if isinstance(number, int) else -1


def check_policy(
    connection: sqlite3.Connection, policy: object, *, kind: Kind | None = None
) -> list[Finding]:
    """What is found in a policy, in the order of its statements.

    *policy* is the value of a policy, such as a dict, or its JSON text; of a text the findings have
    lines, too. *kind* says what it is attached to, where its form does not. Each finding has a code
    of `iam_catalog.policy.check.codes`, and says what the policy states and what the catalog holds,
    with the rows that it rests on; none is a verdict. Raises `UnreadablePolicy` for a text that is
    no JSON.
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
    return [replace(each, line=line_of(document, each.path)) for each in found]
