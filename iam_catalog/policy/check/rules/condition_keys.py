"""Find condition keys that do not exist, or that no action of the statement supports.

Names of keys compare without case.
"""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.facts.keys import is_federation_key
from iam_catalog.policy.check.action_items import ActionItem, HeldAction, SingleAction
from iam_catalog.policy.check.findings import Evidence, Finding, documented, listed, quoted
from iam_catalog.policy.check.reading import (
    ConditionRule,
    ReadCondition,
    ReadStatement,
    is_allowed_elsewhere,
)
from iam_catalog.policy.check.rule import ANALYZER, GUIDE, TABLES, Rule
from iam_catalog.policy.facts import DocumentedKey
from iam_catalog.policy.grammar.conditions import IF_EXISTS, Operator
from iam_catalog.policy.held_service import HeldService

_MOST_EVIDENCE = 3
_DOCUMENTED_ELSEWHERE = {
    # Red Hat OpenShift Service on AWS User Guide, "AWS managed policies for ROSA",
    # ROSAManageSubscription; read on 2026-11-29
    "aws-marketplace:subscribe": ("aws-marketplace:productid",),
    "aws-marketplace:unsubscribe": ("aws-marketplace:productid",),
}
"""Actions with keys that they have though no table says so, in lower case."""


class UnknownKey(ConditionRule):
    """Neither AWS's global keys nor the documented keys of the service have the condition key."""

    code = "unknown-condition-key"
    replaces = "name"
    severity = "warning"
    reference = (
        "Service Authorization Reference, Actions, resources, and condition keys for AWS "
        "services, The condition keys table"
    )
    source = f"{TABLES}#context_keys_table"
    read_on = "2026-11-29"

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        key, condition = asked.key, asked.condition
        if key.known is False and not key.tag_missing and not _is_repeated(asked):
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
        only some have the key ("...IfExists condition operators"). Keys that an identity provider
        fills in come with the session, whatever the action ("IAM and AWS STS condition context
        keys", sections "Available keys for AWS OIDC federation" and "… SAML-based AWS STS
        federation").
        """
        key, condition, items = asked.key.facts, asked.condition, asked.statement.actions
        if key is None or key.is_global or not items or is_federation_key(key.name):
            return
        unsupported = [item for item in items if _supports(asked.statement, item, key) is False]
        if not unsupported:
            return
        evidence = key.evidence[:_MOST_EVIDENCE] if not key.name.startswith("aws:") else ()
        date = documented(next((item.service.date for item in unsupported if item.service), None))
        if len(unsupported) == len(items) and _is_repeated(asked):
            return
        if _is_of_no_row(asked, key):
            said = f"{quoted(condition.key)} is defined{date}, and no action and no resource type"
            said += " lists it, so which actions have it is not checked."
            yield ConditionKeyOfNoAction.finding(said, condition.path, evidence)
        elif len(unsupported) == len(items):
            names = listed([item.spelled for item in unsupported])
            said = f"No action of the statement supports {quoted(condition.key)}{date}: {names}."
            yield self.finding(said, condition.path, evidence)
        elif singles := [item for item in unsupported if isinstance(item, SingleAction)]:
            yield from _some_unsupported(asked, singles, date, evidence)


def _is_repeated(asked: ReadCondition) -> bool:
    """Return True if a condition before this one has the same key, so that it is reported there."""
    key = asked.condition.key.lower()
    for each in asked.statement.statement.conditions:
        if each is asked.condition:
            return False
        if each.key.lower() == key:
            return True
    return False


def _some_unsupported(
    asked: ReadCondition, singles: list[SingleAction], date: str, evidence: tuple[Evidence, ...]
) -> Iterator[Finding]:
    """Yield which named actions of several lack the key, and which of them it makes dead."""
    condition = asked.condition
    if condition.operator.endswith(IF_EXISTS):
        return
    dead = []
    if asked.statement.allows and _fails_without_key(asked.operator):
        dead = [
            item
            for item in singles
            if not _may_have_more(item.service, condition.key)
            and not is_allowed_elsewhere(asked.policy, asked.statement, item)
        ]
    if dead:
        one = len(dead) == 1
        said = f"{listed([item.spelled for item in dead])} {'is' if one else 'are'} never allowed"
        said += f" here: {'it does' if one else 'they do'} not support {quoted(condition.key)}"
        said += f"{date}, without which {condition.operator} does not match."
        yield ConditionKeyBlocksAction.finding(said, condition.path, evidence)
    elif singles:
        verb = "does" if len(singles) == 1 else "do"
        said = f"{listed([item.spelled for item in singles])} {verb} not support"
        said += f" {quoted(condition.key)}{date}."
        yield ConditionKeyNotForAction.finding(said, condition.path, evidence)


def _may_have_more(service: HeldService, key: str) -> bool:
    """Return True if a page that no source kept may list the key of a service with more actions."""
    return service.incomplete and key.lower().startswith(f"{service.prefix.lower()}:")


def _fails_without_key(operator: Operator | None) -> bool:
    """Return True if a condition is false where its key is not in the request.

    Negated operators match then, and so do `ForAllValues` and, if it asks for that, `Null` ("IAM
    JSON policy elements: Condition operators", and "Set operators for multivalued context keys").
    """
    if operator is None or operator.if_exists or operator.family == "Null":
        return False
    return operator.set_operator != "ForAllValues" and "Not" not in operator.name


def _is_of_no_row(asked: ReadCondition, key: DocumentedKey) -> bool:
    """Return True if the service of the key lists it with no action and no resource type."""
    facts = asked.policy.facts
    services = [facts.service(name.partition(":")[0]) for name in key.documented]
    held = [service for service in services if service is not None]
    return bool(held) and all(key.documented.isdisjoint(each.listed_keys) for each in held)


class ConditionKeyBlocksAction(Rule):
    """An action that the statement names can never be allowed: it lacks the condition key.

    A positive operator is false where the key is not in the request. Negated operators,
    `…IfExists`, `ForAllValues` and Null can match without the key.
    """

    topic = "conditions"
    code = "condition-key-blocks-action"
    severity = "warning"
    reference = "IAM User Guide, IAM JSON policy elements: Condition operators"
    source = f"{GUIDE}/reference_policies_elements_condition_operators.html"
    read_on = "2026-11-29"


class ConditionKeyOfNoAction(Rule):
    """A page of AWS defines the condition key, and lists it with no action and no resource type."""

    topic = "conditions"
    code = "condition-key-of-no-action"
    severity = "info"
    reference = (
        "Service Authorization Reference, Actions, resources, and condition keys for AWS "
        "services, The condition keys table"
    )
    source = f"{TABLES}#context_keys_table"
    read_on = "2026-11-29"


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


def _supports(read: ReadStatement, item: ActionItem, key: DocumentedKey) -> bool | None:
    """Return True if any action of an item supports the key; None where nobody can tell.

    Nor is an item judged that takes none of the resources: that is the finding then.
    """
    if not isinstance(item, HeldAction):
        return None
    service = item.service
    if not (service.keys_known and service.types_known):
        return None
    types = read.available(service)
    if any(service.supports(name, key.documented, types) for name in item.names):
        return True
    if types is not None and len(item.ruled_out(types)) == len(item.names):
        return None
    if key.name.lower() in _DOCUMENTED_ELSEWHERE.get(item.key, ()):
        return True
    return False if service.held_in_part.isdisjoint(item.names) else None
