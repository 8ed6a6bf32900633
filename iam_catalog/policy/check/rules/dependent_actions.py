"""Find actions that a policy allows without their dependent actions.

Those can be allowed by other policies of the same holder, so this is a fact to know, and no error.
Asked of policies that allow something to their holder alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from iam_catalog.arn.pattern import matches
from iam_catalog.policy.check.action_items import EVERYTHING
from iam_catalog.policy.check.findings import EXAMPLES, Finding, as_of, listed
from iam_catalog.policy.check.reading import PolicyRule, ReadPolicy
from iam_catalog.policy.check.rule import TABLES, Note
from iam_catalog.policy.coverage import Patterns
from iam_catalog.policy.held_service import Needed
from iam_catalog.policy.model import Path

_MOST_NAMED = 5
_WITHOUT_HOLDER = ("scp", "rcp", "trust", "resource")


class _Allowed:
    """Actions that the statements of a policy allow, whatever their resources."""

    def __init__(self, policy: ReadPolicy) -> None:
        allowing = [read for read in policy.statements if read.allows]
        self.names = frozenset(chain.from_iterable([read.keys for read in allowing]))
        self.everything = not self.names.isdisjoint(EVERYTHING)
        texts = [item.key for read in allowing for _, item in read.others]
        self.patterns = Patterns(texts)
        self.variables = [text for text in texts if "${" in text]
        self.excepted = [
            Patterns(item.key for item in read.not_actions)
            for read in allowing
            if read.not_actions is not None
        ]

    def lacks(self, names: Iterable[str]) -> list[str]:
        """Return the names of actions, in lower case, that are not allowed, and cannot be."""
        if self.everything:
            return []
        return [name for name in names if name not in self.names and not self._may_match(name)]

    def _may_match(self, action: str) -> bool:
        if self.patterns.match(action):
            return True
        if not (self.variables or self.excepted):
            return False
        return any(matches(text, action) for text in self.variables) or any(
            not excepted.match(action) for excepted in self.excepted
        )


class MissingDependentActions(PolicyRule):
    """The policy allows an action, but not what AWS last listed as its dependent actions."""

    topic = "grants"
    code = "missing-dependent-actions"
    severity = "info"
    reference = (
        "Service Authorization Reference, Actions, resources, and condition keys for AWS "
        "services, The actions table"
    )
    source = f"{TABLES}#actions_table"
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        """Yield one finding for all actions of which some are not allowed, at the first."""
        if policy.kind in _WITHOUT_HOLDER:
            return
        items = [
            (item, read, index)
            for read in policy.statements
            if read.allows
            for element, index, item in read.notable
            if element == "Action" and item.dependents
        ]
        if not items:
            return
        allowed = _Allowed(policy)
        missing: dict[str, list[Needed]] = {}
        first: Path = ()
        for item, read, index in items:
            for name in allowed.lacks(item.dependents):
                for row in item.dependents[name]:
                    rows = missing.setdefault(row[0], [])
                    if row not in rows:
                        rows.append(row)
                    first = first or read.statement.item_path("Action", index)
        if missing:
            rows = [row for rows in missing.values() for row in rows]
            kept = policy.readers.notes
            key = " ".join([self.code, *[f"{row[0]} {row[1]}" for row in rows]])
            yield (kept.get(key) or kept.keep(key, self._note(rows))).at(first)

    def _note(self, missing: list[Needed]) -> Note:
        needs: dict[str, list[str]] = {}
        for row in missing:
            needs.setdefault(row[0], []).append(row[1])
        needed = list({row[1].lower(): row[1] for row in missing}.values())
        date = max([row.date or "" for row in missing])
        datasets = sorted({row[2] for row in missing if row[2]})
        where = f"{as_of(date or None)}{' in ' + listed(datasets) if datasets else ''}"
        if len(needs) == 1:
            said = f"{next(iter(needs))} lists dependent actions that the policy does not allow"
            said += f"{where}: {listed(needed, _MOST_NAMED)}."
        else:
            pairs = [f"{action} ({listed(names)})" for action, names in needs.items()]
            said = f"{len(needs):,} actions list dependent actions that the policy does not allow"
            said += f"{where}: {listed(pairs, _MOST_NAMED)}."
        evidence = tuple(dict.fromkeys([row.evidence for row in missing[:EXAMPLES]]))
        return self.note(said, evidence, ", ".join(needed))


class DependentActionsNotKnown(PolicyRule):
    """No source of the action has a place for dependent actions, so they are not checked."""

    topic = "grants"
    code = "dependent-actions-not-known"
    severity = "info"
    reference = "the catalog"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        """Yield one finding for all such actions, at the first one.

        None where a statement allows everything, and so whatever they need.
        """
        if policy.kind in _WITHOUT_HOLDER or not policy.facts.without_dependents:
            return
        found: dict[str, Path] = {}
        for read in policy.statements:
            for element, index, item in read.notable if read.allows else ():
                if element != "Action":
                    break
                if item.state == "everything":
                    return
                if item.unlisted:
                    path = read.statement.item_path(element, index)
                    found |= {name: path for name in item.unlisted if name not in found}
        if found:
            names = list(found)
            said = f"The dependent actions of {listed(names)} are not known: no held page has a"
            said += " place for them, so whether the policy allows them is not checked."
            yield self.finding(said, found[names[0]])
