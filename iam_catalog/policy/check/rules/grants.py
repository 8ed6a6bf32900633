"""What the statements that allow something leave out, and what their wildcards bring in.

Only of policies that allow something to their holder: SCPs and RCPs allow nothing by themselves,
and dependent actions can be allowed by other policies of the same holder, so both are facts to
know, not errors (Service Authorization Reference, "Actions, resources, and condition keys for AWS
services", section "The actions table"; access levels: IAM User Guide, "Understanding access level
summaries within policy summaries").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from iam_catalog.arn.pattern import matches
from iam_catalog.policy.check.action_items import EVERYTHING
from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.check.notes import Note, as_of, finding, listed, placed
from iam_catalog.policy.check.patterns import Patterns
from iam_catalog.policy.check.reading import ReadPolicy, ReadStatement
from iam_catalog.policy.grammar.codes import quoted
from iam_catalog.policy.records import Path
from iam_catalog.policy.service_facts import Dependent

OPEN = r"\$\{[^{}]*\}"
ACCOUNT = re.compile(
    rf"\d{{12}}|\$\{{AWS::AccountId\}}|arn:([a-z-]+|{OPEN}):iam::(\d{{12}}|{OPEN}):root"
)
"""Templates leave the number open: `arn:${AWS::Partition}:iam::${AWS::AccountId}:root`."""


def grant_findings(policy: ReadPolicy) -> Iterator[Finding]:
    """Dependent actions that are not allowed, and wildcards that allow changes."""
    if policy.kind in ("scp", "rcp", "trust"):
        return
    for read in policy.statements:
        if read.allows and not delegates(read):
            yield from wildcard_findings(read)
    if policy.kind != "resource":
        yield from dependent_findings(policy)
        yield from unlisted_findings(policy)


def delegates(read: ReadStatement) -> bool:
    """Whether a statement only lets accounts decide with policies of their own.

    That is what naming an account as the principal does (IAM User Guide, "AWS JSON policy elements:
    Principal", section "AWS account principals"), as in the key policy that AWS KMS makes.
    """
    principals = read.statement.principals or ()
    return bool(principals) and all(
        kind == "AWS" and ACCOUNT.fullmatch(name) for kind, name in principals
    )


def wildcard_findings(read: ReadStatement) -> Iterator[Finding]:
    """What each wildcard allows that changes something."""
    for element, index, item in read.notable:
        if element != "Action":
            break
        if item.grants is not None:
            yield placed(item.grants, read.statement.item_path(element, index))
        elif item.state == "everything":
            said = f"{quoted(item.text)} allows every action of all services."
            path = read.statement.item_path(element, index)
            yield finding("wildcard-grants-permissions-management", said, path)
    if read.not_actions is not None:
        said = "NotAction with Allow allows every other action, of all services."
        path = (*read.statement.path, "NotAction")
        yield finding("wildcard-grants-permissions-management", said, path)


class Allowed:
    """The actions that the statements of a policy allow, whatever their resources."""

    def __init__(self, policy: ReadPolicy) -> None:
        allowing = [read for read in policy.statements if read.allows]
        items = [item for read in allowing for item in read.actions or ()]
        self.names = frozenset([item.key for item in items])
        self.everything = not self.names.isdisjoint(EVERYTHING)
        texts = [item.key for item in items if item.state != "one"]
        self.patterns = Patterns(texts)
        self.variables = [text for text in texts if "${" in text]
        self.excepted = [
            Patterns(item.key for item in read.not_actions)
            for read in allowing
            if read.not_actions is not None
        ]

    def lacks(self, names: Iterable[str]) -> list[str]:
        """The names of actions, in lower case, that are not allowed, and can not be."""
        if self.everything:
            return []
        return [name for name in names if name not in self.names and not self.may_match(name)]

    def may_match(self, action: str) -> bool:
        if self.patterns.match(action):
            return True
        if not (self.variables or self.excepted):
            return False
        return any(matches(text, action) for text in self.variables) or any(
            not excepted.match(action) for excepted in self.excepted
        )


def dependent_findings(policy: ReadPolicy) -> Iterator[Finding]:
    """One finding for each item of Action some of whose dependent actions are not allowed."""
    items = [
        (item, read.statement.item_path(element, index))
        for read in policy.statements
        if read.allows
        for element, index, item in read.notable
        if element == "Action" and item.dependents
    ]
    allowed = Allowed(policy) if items else None
    said: set[str] = set()
    for item, path in items:
        assert allowed is not None
        missing = [
            row
            for name in allowed.lacks(item.dependents)
            for row in item.dependents[name]
            if row[0] not in said
        ]
        if missing:
            said.update([row[0] for row in missing])
            text = " ".join([f"{row[0]} {row[1]}" for row in missing])
            kept = policy.readers.missing
            yield placed(kept.get(text) or kept.keep(text, dependent_note(missing)), path)


def unlisted_findings(policy: ReadPolicy) -> Iterator[Finding]:
    """Yield one finding for all actions whose dependent actions are not known, at the first one.

    None where a statement allows everything, and so whatever they need.
    """
    if not policy.facts.without_dependents:
        return
    found: dict[str, Path] = {}
    for read in policy.statements:
        for index, item in enumerate(read.actions or () if read.allows else ()):
            if item.state == "everything":
                return
            path = read.statement.item_path("Action", index) if item.unlisted else ()
            found |= {name: path for name in item.unlisted if name not in found}
    if found:
        names = list(found)
        said = f"The dependent actions of {listed(names)} are not known: no held page has a place"
        said += " for them, so whether the policy allows them is not checked."
        yield finding("dependent-actions-not-known", said, found[names[0]])


def dependent_note(missing: list[Dependent]) -> Note:
    """What is said of actions that lack dependent ones."""
    actions = list(dict.fromkeys([row[0] for row in missing]))
    needed = list({row[1].lower(): row[1] for row in missing}.values())
    verb = "lists" if len(actions) == 1 else "list"
    date = max([row[3].date or "" for row in missing])
    datasets = sorted({row[2] for row in missing if row[2]})
    said = f"{listed(actions)} {verb} dependent actions that the policy does not allow"
    said += f"{as_of(date or None)}{' in ' + listed(datasets) if datasets else ''}: "
    said += f"{listed(needed, 5)}."
    evidence = tuple(dict.fromkeys([row[3] for row in missing[:3]]))
    return Note("missing-dependent-actions", said, evidence, ", ".join(needed))
