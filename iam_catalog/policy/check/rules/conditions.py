"""Condition keys that do not exist or that no action supports, and operators that can not match.

Rules of the Service Authorization Reference, "Actions, resources, and condition keys for AWS
services", sections "The actions table", "The resource types table" and "The condition keys table";
of the IAM User Guide, "AWS global condition context keys", "IAM JSON policy elements: Condition
operators" and "Single-valued vs. multivalued context keys". Names of keys compare without case.
"""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.check.action_items import ActionItem, HeldAction
from iam_catalog.policy.check.findings import Evidence, Finding
from iam_catalog.policy.check.key_facts import NamedKey
from iam_catalog.policy.check.notes import documented, finding, listed, placed
from iam_catalog.policy.check.reading import ReadPolicy, ReadStatement
from iam_catalog.policy.check.rules.condition_values import value_findings
from iam_catalog.policy.documented_keys import ConditionKey
from iam_catalog.policy.grammar.codes import quoted
from iam_catalog.policy.grammar.operators import (
    FAMILIES,
    IF_EXISTS,
    SET_OPERATORS,
    Operator,
    fits,
    is_multivalued,
    read_operator,
)
from iam_catalog.policy.records import Condition

MOST_EVIDENCE = 3


def condition_findings(policy: ReadPolicy) -> Iterator[Finding]:
    """What is said of each condition, and of its key with the statement's actions."""
    for read in policy.statements:
        for condition in read.statement.conditions:
            key = policy.readers.keys.read(condition.key)
            yield from key_findings(policy, read, condition, key)
            yield from operator_findings(condition, key)
            for value in condition.values:
                for note in policy.readers.variables.notes(value):
                    yield placed(note, condition.path)


def key_findings(
    policy: ReadPolicy, read: ReadStatement, condition: Condition, key: NamedKey
) -> Iterator[Finding]:
    """A key that does not exist, or that actions of the statement do not support."""
    name = quoted(condition.key)
    if key.known is False and key.tag_missing:
        said = f"{name} lacks the key of a tag: write {condition.key.rstrip('/')}/…"
        yield finding("condition-key-without-tag", said, condition.path)
    elif key.known is False:
        near = policy.readers.keys.nearest(condition.key) if policy.may_suggest() else ()
        said = f"No condition key {name}{key.as_of}."
        better = " or ".join(near) or None
        yield finding("unknown-condition-key", said, condition.path, key.evidence, better)
    elif key.facts is not None and not key.facts.is_global and read.actions:
        yield from support_findings(read, read.actions, condition, key.facts)


def support_findings(
    read: ReadStatement, items: tuple[ActionItem, ...], condition: Condition, key: ConditionKey
) -> Iterator[Finding]:
    """The actions of the statement that no source says have the key.

    Of a pattern, one action that supports it is enough; where an item is not known, only single
    actions without support are told. `…IfExists` is made for statements about actions of which
    only some have the key ("...IfExists condition operators").
    """
    unsupported = [item for item in items if supports(read, item, key) is False]
    if not unsupported:
        return
    names = [item.spelled for item in unsupported]
    evidence = key.evidence[:MOST_EVIDENCE] if not key.name.startswith("aws:") else ()
    date = documented(next((item.service.date for item in unsupported if item.service), None))
    if len(unsupported) == len(items):
        said = (
            f"No action of the statement supports {quoted(condition.key)}{date}: {listed(names)}."
        )
        yield finding("condition-key-without-action", said, condition.path, evidence)
    elif condition.operator.endswith(IF_EXISTS):
        return  # that operator is for statements about several kinds of requests
    elif singles := [item.spelled for item in unsupported if item.state == "one"]:
        verb = "does" if len(singles) == 1 else "do"
        said = f"{listed(singles)} {verb} not support {quoted(condition.key)}{date}."
        yield finding("condition-key-not-for-action", said, condition.path, evidence)


def supports(read: ReadStatement, item: ActionItem, key: ConditionKey) -> bool | None:
    """Whether any action of an item supports the key; None where it can not be told."""
    if not isinstance(item, HeldAction):
        return None
    service = item.service
    if not (service.keys_known and service.types_known):
        return None
    types = read.available(service)
    if any(service.supports(name, key.documented, types) for name in item.names):
        return True
    return False if service.held_in_part.isdisjoint(item.names) else None


def operator_findings(condition: Condition, key: NamedKey) -> Iterator[Finding]:
    """An operator that AWS does not have, or that can not match."""
    operator = read_operator(condition.operator)
    if operator is None:
        if "${" not in condition.operator:
            yield unknown_operator(condition)
        return
    yield from value_findings(condition, operator)
    if key.facts is not None:
        yield from type_findings(condition, operator, key.facts)


def unknown_operator(condition: Condition) -> Finding:
    from iam_catalog.facts.unknown import nearest

    before, _, name = condition.operator.rpartition(":")
    start = "".join(f"{each}:" for each in nearest(before, SET_OPERATORS)[:1]) if before else ""
    known = [*FAMILIES, *(f"{each}{IF_EXISTS}" for each in FAMILIES if each != "Null")]
    bare = name.removesuffix(IF_EXISTS)
    near = [f"{start}{each}" for each in ([bare] if bare == "Null" else nearest(name, known))]
    said = f"No condition operator {quoted(condition.operator)}; case counts."
    path = condition.path[:-1]
    return finding("unknown-operator", said, path, suggestion=" or ".join(near) or None)


def type_findings(condition: Condition, operator: Operator, key: ConditionKey) -> Iterator[Finding]:
    """An operator that does not fit the type of the key, or the number of its values.

    Where definitions differ, one that fits is enough.
    """
    if not key.types:
        return
    evidence: tuple[Evidence, ...] = () if key.name.startswith("aws:") else key.evidence[:1]
    if not any(fits(operator, each, condition.values) for each in key.types):
        kind = either(key.types)
        said = f"{condition.operator} does not fit {quoted(condition.key)}, which is {kind}."
        yield finding("operator-type-mismatch", said, condition.path, evidence)
    if operator.family == "Null":
        return
    several = {is_multivalued(each) for each in key.types}
    if several == {True} and operator.set_operator is None:
        said = (
            f"{quoted(condition.key)} can have several values ({either(key.types)}): "
            "it needs ForAllValues: or ForAnyValue: before the operator."
        )
        better = f"ForAnyValue:{condition.operator}"
        yield finding("set-operator-missing", said, condition.path, evidence, better)
    elif several == {False} and operator.set_operator is not None:
        said = f"{quoted(condition.key)} has a single value ({either(key.types)}): "
        said += f"{operator.set_operator} is for keys of several values."
        better = condition.operator.partition(":")[2]
        code = "set-operator-not-needed"
        if operator.set_operator == "ForAllValues":
            said += " It also matches where the key is absent."
            code = "set-operator-on-single-value"
        yield finding(code, said, condition.path, evidence, better)


def either(types: tuple[str, ...]) -> str:
    return " or ".join(types)
