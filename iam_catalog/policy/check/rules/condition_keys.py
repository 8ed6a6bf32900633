"""Find condition keys that do not exist, or that no action of the statement supports.

Names of keys compare without case.
"""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.check.action_items import ActionItem, HeldAction
from iam_catalog.policy.check.findings import Finding, documented, listed, quoted
from iam_catalog.policy.check.reading import ConditionRule, ReadCondition, ReadStatement
from iam_catalog.policy.check.rule import ANALYZER, TABLES, Rule
from iam_catalog.policy.condition_keys import ConditionKey
from iam_catalog.policy.grammar.operators import IF_EXISTS

_MOST_EVIDENCE = 3


class UnknownKey(ConditionRule):
    """Neither AWS's global keys nor the documented keys of the service have the condition key."""

    code = "unknown-condition-key"
    severity = "warning"
    reference = (
        "Service Authorization Reference, Actions, resources, and condition keys for AWS "
        "services, The condition keys table"
    )
    source = f"{TABLES}#context_keys_table"
    read_on = "2026-11-29"

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        key, condition = asked.key, asked.condition
        if key.known is False and not key.tag_missing:
            policy = asked.policy
            near = policy.readers.keys.nearest(condition.key) if policy.may_suggest() else ()
            said = f"No condition key {quoted(condition.key)}{key.as_of}."
            yield self.finding(said, condition.path, key.evidence, " or ".join(near) or None)


class ConditionKeyWithoutTag(ConditionRule):
    """The condition key lacks the key of a tag after the slash."""

    code = "condition-key-without-tag"
    severity = "warning"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - Missing tag key "
        "in condition"
    )
    source = f"{ANALYZER}-error-missing-tag-key-in-condition"
    read_on = "2026-11-29"

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        if asked.key.known is False and asked.key.tag_missing:
            name = asked.condition.key
            said = f"{quoted(name)} lacks the key of a tag: write {name.rstrip('/')}/…"
            yield self.finding(said, asked.condition.path)


class ConditionKeyWithoutAction(ConditionRule):
    """No action of the statement supports the condition key."""

    code = "condition-key-without-action"
    severity = "warning"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - Unsupported "
        "action for condition key"
    )
    source = f"{ANALYZER}-error-unsupported-action-for-condition-key"
    read_on = "2026-11-29"

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        """Compare the key with the actions of the statement that no source says have it.

        Of a pattern, one action that supports it is enough; where an item is not known, only single
        actions without support are named. `…IfExists` is made for statements about actions of which
        only some have the key ("...IfExists condition operators").
        """
        key, condition, items = asked.key.facts, asked.condition, asked.statement.actions
        if key is None or key.is_global or not items:
            return
        unsupported = [item for item in items if _supports(asked.statement, item, key) is False]
        if not unsupported:
            return
        evidence = key.evidence[:_MOST_EVIDENCE] if not key.name.startswith("aws:") else ()
        date = documented(next((item.service.date for item in unsupported if item.service), None))
        if len(unsupported) == len(items):
            names = listed([item.spelled for item in unsupported])
            said = f"No action of the statement supports {quoted(condition.key)}{date}: {names}."
            yield self.finding(said, condition.path, evidence)
        elif condition.operator.endswith(IF_EXISTS):
            return
        elif singles := [item.spelled for item in unsupported if item.state == "one"]:
            verb = "does" if len(singles) == 1 else "do"
            said = f"{listed(singles)} {verb} not support {quoted(condition.key)}{date}."
            yield ConditionKeyNotForAction.finding(said, condition.path, evidence)


class ConditionKeyNotForAction(Rule):
    """Some actions of the statement do not support the condition key."""

    topic = "conditions"
    code = "condition-key-not-for-action"
    severity = "info"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - Unsupported "
        "action for condition key"
    )
    source = f"{ANALYZER}-error-unsupported-action-for-condition-key"
    read_on = "2026-11-29"


def _supports(read: ReadStatement, item: ActionItem, key: ConditionKey) -> bool | None:
    """Return True if any action of an item supports the key; None where nobody can tell."""
    if not isinstance(item, HeldAction):
        return None
    service = item.service
    if not (service.keys_known and service.types_known):
        return None
    types = read.available(service)
    if any(service.supports(name, key.documented, types) for name in item.names):
        return True
    return False if service.held_in_part.isdisjoint(item.names) else None
