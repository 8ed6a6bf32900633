"""Find operators of conditions that AWS does not have, or that do not fit their key.

Where definitions of a key differ, one that fits is enough.
"""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.check.findings import Evidence, Finding, quoted
from iam_catalog.policy.check.reading import ConditionRule, ReadCondition
from iam_catalog.policy.check.rule import GUIDE, TABLES, Rule
from iam_catalog.policy.facts import DocumentedKey
from iam_catalog.policy.grammar.conditions import (
    FAMILIES,
    IF_EXISTS,
    SET_OPERATORS,
    base_type,
    counterpart,
    fits,
    needs_set_operator,
    value_fits,
)

_SEVERAL = f"{GUIDE}/reference_policies_condition-single-vs-multi-valued-context-keys.html"


class UnknownOperator(ConditionRule):
    """AWS knows no such condition operator."""

    code = "unknown-operator"
    replaces = "operator"
    severity = "error"
    reference = "IAM User Guide, IAM JSON policy elements: Condition operators"
    source = f"{GUIDE}/reference_policies_elements_condition_operators.html"
    read_on = "2026-11-29"

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        text = asked.condition.operator
        if asked.operator is not None or "${" in text:
            return
        path = asked.condition.path[:-1]
        first = next(
            each for each in asked.statement.statement.conditions if each.path[:-1] == path
        )
        if first is not asked.condition:
            return  # one operator of several keys
        from iam_catalog.facts.unknown import nearest

        before, colon, name = text.rpartition(":")
        glued = next((each for each in SET_OPERATORS if not colon and name.startswith(each)), None)
        if glued:
            before, name = glued, name.removeprefix(glued).lstrip("_-. ")
        start = "".join(f"{each}:" for each in nearest(before, SET_OPERATORS)[:1]) if before else ""
        known = [*FAMILIES, *(f"{each}{IF_EXISTS}" for each in FAMILIES if each != "Null")]
        bare = name.removesuffix(IF_EXISTS)
        near = [f"{start}{each}" for each in ([bare] if bare == "Null" else nearest(name, known))]
        if not near and (other := _counterpart(bare, asked)):
            near = [f"{start}{other}{name.removeprefix(bare)}"]
        said = f"No condition operator {quoted(text)}; case counts."
        yield self.finding(said, path, suggestion=" or ".join(near) or None)


def _counterpart(name: str, asked: ReadCondition) -> str | None:
    """Return the operator that compares the key and its values as *name* was meant to."""
    key = asked.key.facts
    if key is None or len({base_type(each) for each in key.types}) != 1:
        return None
    found = counterpart(name, key.types[0])
    can = found and all(value_fits(FAMILIES[found], each) for each in asked.condition.values)
    return found if can else None


def _evidence(key: DocumentedKey) -> tuple[Evidence, ...]:
    return () if key.name.startswith("aws:") else key.evidence[:1]


def _either(types: tuple[str, ...]) -> str:
    return " or ".join(types)


class OperatorTypeMismatch(ConditionRule):
    """The operator does not fit the type of the condition key."""

    code = "operator-type-mismatch"
    replaces = "operator"
    severity = "warning"
    reference = (
        "Service Authorization Reference, Actions, resources, and condition keys for AWS "
        "services, The condition keys table"
    )
    source = f"{TABLES}#context_keys_table"
    read_on = "2026-11-29"

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        operator, condition, key = asked.operator, asked.condition, asked.key.facts
        if operator is None or key is None or not key.types:
            return
        if not any(fits(operator, each, condition.values) for each in key.types):
            kind = _either(key.types)
            said = f"{condition.operator} does not fit {quoted(condition.key)}, which is of the"
            said += f" type {kind}."
            better = _counterpart(operator.name, asked)
            if better:
                before, colon, after = condition.operator.rpartition(":")
                better = f"{before}{colon}{after.replace(operator.name, better, 1)}"
            yield self.finding(said, condition.path, _evidence(key), better)


class SetOperatorMissing(ConditionRule):
    """A condition key of several values is compared without ForAllValues or ForAnyValue.

    With Deny, ForAnyValue is the strict one: one value is enough. With Allow it depends on the key:
    ForAllValues lets no other value pass, such as another tag in aws:TagKeys, but a request without
    the key; ForAnyValue suits what the caller has, such as aws:PrincipalOrgPaths.
    """

    code = "set-operator-missing"
    replaces = "operator"
    severity = "warning"
    reference = (
        "IAM User Guide, Single-valued vs. multivalued context keys, Set operators for "
        "multivalued context keys"
    )
    source = f"{_SEVERAL}#reference_policies_condition-multi-valued-context-keys"
    read_on = "2026-11-29"

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        """Compare the number of a key's values with the set operator before it, or without one."""
        operator, condition, key = asked.operator, asked.condition, asked.key.facts
        if operator is None or operator.family == "Null" or key is None or not key.types:
            return
        several = needs_set_operator(key.types)
        if several is True and operator.set_operator is None:
            said = (
                f"{quoted(condition.key)} can have several values ({_either(key.types)}): before "
                "the operator it needs ForAllValues: (no other value, or none at all) or "
                "ForAnyValue: (one is enough)."
            )
            better = f"ForAnyValue:{condition.operator}"
            if asked.statement.statement.effect != "Deny":
                better = f"ForAllValues:{condition.operator} or {better}"
            yield self.finding(said, condition.path, _evidence(key), better)
        elif several is False and operator.set_operator is not None:
            said = f"{quoted(condition.key)} has a single value ({_either(key.types)}): "
            said += f"{operator.set_operator} is for keys of several values."
            better = condition.operator.partition(":")[2]
            rule: type[Rule] = SetOperatorNotNeeded
            if operator.set_operator == "ForAllValues":
                said += " It also matches where the key is absent."
                rule = SetOperatorOnSingleValue
            yield rule.finding(said, condition.path, _evidence(key), better)


class SetOperatorOnSingleValue(Rule):
    """ForAllValues stands before a key of a single value: a request without the key fits, too."""

    topic = "conditions"
    code = "set-operator-on-single-value"
    replaces = "operator"
    severity = "warning"
    reference = "IAM User Guide, Single-valued vs. multivalued context keys, Key points"
    source = f"{_SEVERAL}#reference_policies_condition-key-points"
    read_on = "2026-11-29"


class SetOperatorNotNeeded(Rule):
    """ForAnyValue stands before a condition key of a single value, where it is not needed."""

    topic = "conditions"
    code = "set-operator-not-needed"
    replaces = "operator"
    severity = "info"
    reference = "IAM User Guide, Single-valued vs. multivalued context keys, Key points"
    source = f"{_SEVERAL}#reference_policies_condition-key-points"
    read_on = "2026-11-29"
