"""Find wildcards that allow changes.

Only in policies that allow something to their holder: SCPs and RCPs allow nothing by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from iam_catalog.policy.check.action_items import ActionItem
from iam_catalog.policy.check.findings import (
    EXAMPLES,
    Evidence,
    Finding,
    as_of,
    count,
    listed,
    quoted,
)
from iam_catalog.policy.check.reading import PolicyRule, ReadPolicy, ReadStatement
from iam_catalog.policy.check.rule import GUIDE, Note, Rule

_ACCESS_LEVELS = (
    f"{GUIDE}/access_policies_understand-policy-summary-access-level-summaries.html"
    "#access_policies_access-level"
)

_OPEN = r"\$\{[^{}]*\}"
_ACCOUNT = re.compile(
    rf"\d{{12}}|\$\{{AWS::AccountId\}}|arn:([a-z-]+|{_OPEN}):iam::(\d{{12}}|{_OPEN}):root"
)
"""Templates leave the number open: `arn:${AWS::Partition}:iam::${AWS::AccountId}:root`."""


class WildcardGrantsPermissionsManagement(PolicyRule):
    """A wildcard allows actions of the access level Permissions management."""

    topic = "grants"
    code = "wildcard-grants-permissions-management"
    severity = "warning"
    reference = "IAM User Guide, Understanding access level summaries within policy summaries"
    source = _ACCESS_LEVELS
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        """Yield the gravest that each wildcard allows: management of permissions, else changes."""
        if policy.kind in ("scp", "rcp", "trust"):
            return
        for read in policy.statements:
            if read.allows and not _delegates(read):
                yield from self._of_statement(policy, read)

    def _of_statement(self, policy: ReadPolicy, read: ReadStatement) -> Iterator[Finding]:
        for element, index, item in read.notable:
            if element != "Action":
                break
            if item.changes:
                kept = policy.readers.notes
                key = f"{self.code} {item.text}"
                note = kept.get(key) or kept.keep(key, _note(item))
                yield note.at(read.statement.item_path(element, index))
            elif item.state == "everything":
                said = f"{quoted(item.text)} allows every action of all services."
                yield self.finding(said, read.statement.item_path(element, index))
        if read.not_actions is not None:
            said = "NotAction with Allow allows every other action, of all services."
            yield self.finding(said, (*read.statement.path, "NotAction"))


class WildcardGrantsWrite(Rule):
    """A wildcard allows actions of the access level Write."""

    topic = "grants"
    code = "wildcard-grants-write"
    severity = "info"
    reference = "IAM User Guide, Understanding access level summaries within policy summaries"
    source = _ACCESS_LEVELS
    read_on = "2026-11-29"


_RULES = {
    "Permissions management": WildcardGrantsPermissionsManagement,
    "Write": WildcardGrantsWrite,
}


def _note(item: ActionItem) -> Note:
    """Return the note for a pattern with its actions that change something."""
    level = item.changes[0][1]
    date = as_of(item.service.date) if item.service else ""
    said = f"{quoted(item.text)} allows {count(len(item.changes), 'action')} of the access"
    said += f" level {level}{date}: {listed([row[0] for row in item.changes])}."
    evidence = tuple([Evidence(*row[2:]) for row in item.changes[:EXAMPLES]])
    return _RULES[level].note(said, evidence)


def _delegates(read: ReadStatement) -> bool:
    """Return True if a statement only lets accounts decide with policies of their own.

    That is what naming an account as the principal does (IAM User Guide, "AWS JSON policy elements:
    Principal", section "AWS account principals"), as in the key policy that AWS KMS makes.
    """
    principals = read.statement.principals or ()
    return bool(principals) and all(
        kind == "AWS" and _ACCOUNT.fullmatch(name) for kind, name in principals
    )
