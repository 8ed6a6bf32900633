"""Find wildcards that allow changes of what the statement's resources can be.

Only in policies that allow something to their holder: SCPs and RCPs allow nothing by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from iam_catalog.facts.services_held import ChangingRow
from iam_catalog.policy.check.action_items import NO_TYPES, HeldAction, gravest
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
from iam_catalog.policy.facts import PolicyFacts
from iam_catalog.policy.held_service import CHANGING

_ACCESS_LEVELS = (
    f"{GUIDE}/access_policies_understand-policy-summary-access-level-summaries.html"
    "#access_policies_access-level"
)

_OPEN = r"\$\{[^{}]*\}"
_ACCOUNT = re.compile(
    rf"\d{{12}}|\$\{{AWS::AccountId\}}|arn:([a-z-]+|{_OPEN}):iam::(\d{{12}}|{_OPEN}):root"
)
"""Templates leave the number open: `arn:${AWS::Partition}:iam::${AWS::AccountId}:root`."""

_WITHOUT_HOLDER = ("scp", "rcp", "trust")


class FullAdministrator(PolicyRule):
    """The statement allows every action on every resource."""

    topic = "grants"
    code = "full-administrator"
    severity = "warning"
    reference = "IAM User Guide, AWS managed policies for job functions, Administrator job function"
    source = f"{GUIDE}/access_policies_job-functions.html#jf_administrator"
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        for read in policy.statements:
            index = _full_administrator(policy, read)
            if index is not None and not _delegates(read):
                said = f"{quoted((read.actions or ())[index].text)} on every resource allows all of"
                said += " AWS: whoever has the policy is a full administrator of the account."
                yield self.finding(said, read.statement.item_path("Action", index))


def _full_administrator(policy: ReadPolicy, read: ReadStatement) -> int | None:
    """Return the place of `*` in a statement that allows everything, without conditions.

    None in the policy of a resource: its `*` is that resource, or what an endpoint leads to.
    """
    statement = read.statement
    if policy.kind == "resource" or policy.kind in _WITHOUT_HOLDER:
        return None
    if not read.allows or statement.conditions or "*" not in (statement.resources or ()):
        return None
    return next((index for index, item in read.others if item.state == "everything"), None)


class WildcardGrantsPermissionsManagement(PolicyRule):
    """A wildcard allows actions of the access level Permissions management.

    Those that the statement's resources rule out are not counted.
    """

    topic = "grants"
    code = "wildcard-grants-permissions-management"
    severity = "warning"
    reference = "IAM User Guide, Understanding access level summaries within policy summaries"
    source = _ACCESS_LEVELS
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        """Yield the most serious that a wildcard allows: permissions management, else changes."""
        if policy.kind in _WITHOUT_HOLDER:
            return
        for read in policy.statements:
            if read.allows and _full_administrator(policy, read) is None and not _delegates(read):
                yield from self._of_statement(policy, read)

    def _of_statement(self, policy: ReadPolicy, read: ReadStatement) -> Iterator[Finding]:
        writing: list[_Changing] = []
        wild = [(index, item) for element, index, item in read.notable if element == "Action"]
        for index, item in wild:
            path = read.statement.item_path("Action", index)
            if item.state == "everything":
                yield from self._of_everything(policy, read, path, quoted(item.text))
            elif isinstance(item, HeldAction) and item.changes:
                found = _changing(read, index, item)
                if found.level == CHANGING[0]:
                    yield _kept_note(policy, found).at(path)
                elif found.level is not None:
                    writing.append(found)
        if writing:
            yield _of_writing(policy, read, writing)
        if read.not_actions is not None:
            path = (*read.statement.path, "NotAction")
            yield from self._of_everything(policy, read, path, "NotAction with Allow")

    def _of_everything(
        self, policy: ReadPolicy, read: ReadStatement, path: tuple[str | int, ...], name: str
    ) -> Iterator[Finding]:
        """Yield what `*` or NotAction allows: all services, or what the ARNs of them take."""
        if read.arns is None:
            every = "every other action, of" if read.not_actions is not None else "every action of"
            yield self.finding(f"{name} allows {every} all services.", path)
            return
        rows = gravest(_changes_on_arns(policy, read))
        if rows:
            verb = "may allow" if read.is_open else "allows"
            said = f"{name} {verb} {_words(rows)} on the statement's resources"
            said += f"{as_of(policy.facts.date)}: {_names(rows)}."
            rule = _RULES[rows[0][1]]
            yield rule.finding(said, path, _evidence(policy.facts, rows))


class WildcardGrantsWrite(Rule):
    """A wildcard allows actions of the access level Write.

    Those that the statement's resources rule out are not counted.
    """

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


class _Changing(NamedTuple):
    """A pattern with the most serious that it allows on the statement's resources."""

    place: int
    """In the list of actions."""
    item: HeldAction
    rows: Sequence[ChangingRow]
    limited: bool
    """The resources rule out some of its actions."""
    is_open: bool = False
    """What they are is open in part: these are all that it can allow."""

    @property
    def level(self) -> str | None:
        return self.rows[0][1] if self.rows else None


def _changing(read: ReadStatement, index: int, item: HeldAction) -> _Changing:
    """Return what a pattern changes on the statement's resources.

    Actions of which the catalog does not know what they take all count.
    """
    available = read.available(item.service)
    without = NO_TYPES if available is None else item.ruled_out(available)
    if not without and (available is None or not read.is_open):
        return _Changing(index, item, item.changes, False)
    changing = item.service.changing
    rows = [changing[name] for name in item.names if name in changing and name not in without]
    return _Changing(index, item, gravest(rows), True, read.is_open)


def _kept_note(policy: ReadPolicy, found: _Changing) -> Note:
    if found.limited:
        return _note(policy.facts, found)
    kept = policy.readers.notes
    key = f"{WildcardGrantsPermissionsManagement.code} {found.item.text}"
    return kept.get(key) or kept.keep(key, _note(policy.facts, found))


def _changes_on_arns(policy: ReadPolicy, read: ReadStatement) -> list[ChangingRow]:
    """Return all actions that change something and take one of the statement's ARNs."""
    found: list[ChangingRow] = []
    excepted = read.not_actions or ()
    prefixes: dict[str, None] = {}
    for name in sorted(read.available_types):
        prefixes.setdefault(name.partition(":")[0])
    for service in filter(None, map(policy.facts.service, prefixes)):
        for action, row in service.changing.items():
            types = service.told_types.get(action) or NO_TYPES
            taken = not types.isdisjoint(read.available_types)
            if taken and not any(item.has(action) for item in excepted):
                found.append(row)
    return sorted(found)


def _words(rows: Sequence[ChangingRow]) -> str:
    return f"{count(len(rows), 'action')} of the access level {rows[0][1]}"


def _names(rows: Sequence[ChangingRow]) -> str:
    return listed([row[0] for row in rows])


def _evidence(facts: PolicyFacts, rows: Sequence[ChangingRow]) -> tuple[Evidence, ...]:
    return facts.sources_of_levels(rows[:EXAMPLES])


def _note(facts: PolicyFacts, found: _Changing) -> Note:
    """Return the note for a pattern with its actions that change something."""
    where = " on the statement's resources" if found.limited else ""
    verb = "may allow" if found.is_open else "allows"
    said = f"{quoted(found.item.text)} {verb} {_words(found.rows)}{where}"
    said += f"{as_of(found.item.service.date)}: {_names(found.rows)}."
    return _RULES[found.rows[0][1]].note(said, _evidence(facts, found.rows))


def _of_writing(policy: ReadPolicy, read: ReadStatement, found: list[_Changing]) -> Finding:
    """Return the finding for the patterns of a statement that allow changes, at the first."""
    first = found[0]
    path = read.statement.item_path("Action", first.place)
    if len(found) == 1:
        return _note(policy.facts, first).at(path)
    rows = list(dict.fromkeys([row for each in found for row in each.rows]))
    names = listed([quoted(each.item.text) for each in found])
    verb = "may allow" if any(each.is_open for each in found) else "allow"
    said = f"{names} {verb} {_words(rows)}{as_of(first.item.service.date)}: {_names(rows)}."
    return WildcardGrantsWrite.finding(said, path, _evidence(policy.facts, rows))


def _delegates(read: ReadStatement) -> bool:
    """Return True if a statement only lets accounts decide with policies of their own.

    That is what naming an account as the principal does (IAM User Guide, "AWS JSON policy elements:
    Principal", section "AWS account principals"), as in the key policy that AWS KMS makes.
    """
    principals = read.statement.principals or ()
    return bool(principals) and all(
        kind == "AWS" and _ACCOUNT.fullmatch(name) for kind, name in principals
    )
