"""Find values of conditions that their operators cannot compare, or not as they are meant.

No catalog is needed for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iam_catalog.arn.pattern import has_wildcard
from iam_catalog.policy.check.findings import Finding, listed, quoted
from iam_catalog.policy.check.reading import ConditionRule, ReadCondition
from iam_catalog.policy.check.rule import ANALYZER, GUIDE
from iam_catalog.policy.grammar.conditions import EXPECTED, value_fits
from iam_catalog.policy.grammar.values import VariableNotAllowed
from iam_catalog.policy.grammar.variables import has_key
from iam_catalog.policy.model import pattern_of

_BOTH = {"true", "false"}


def _shown(values: Iterable[str]) -> str:
    return listed([quoted(value) for value in values])


class WildcardWithoutLike(ConditionRule):
    """The operator compares the * or ? of a value as a sign like any other.

    Of the string operators, only `StringLike` and `StringNotLike` know wildcards.
    """

    code = "wildcard-without-like"
    replaces = "operator"
    severity = "warning"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, General Warning - "
        "Wildcard without like operator"
    )
    source = f"{ANALYZER}-general-warning-wildcard-without-like-operator"
    read_on = "2026-11-29"

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        operator, condition = asked.operator, asked.condition
        if operator is None or operator.family != "String" or operator.name.endswith("Like"):
            return
        if held := [each for each in condition.values if has_wildcard(pattern_of(each))]:
            like = "StringNotLike" if "Not" in operator.name else "StringLike"
            said = f"{condition.operator} compares the * or ? of {_shown(held)} as it stands."
            better = condition.operator.replace(operator.name, like)
            yield self.finding(said, condition.path, suggestion=better)


class MalformedConditionValue(ConditionRule):
    """The operator cannot compare such a value, so the condition cannot match it."""

    code = "malformed-condition-value"
    severity = "error"
    reference = "IAM User Guide, IAM JSON policy elements: Condition operators"
    source = f"{GUIDE}/reference_policies_elements_condition_operators.html"
    read_on = "2026-11-29"

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        operator, condition = asked.operator, asked.condition
        if operator is None or operator.family == "String":
            return
        family = operator.family
        if wrong := [value for value in condition.values if not value_fits(family, value)]:
            said = f"{condition.operator} compares {EXPECTED[family]}, not {_shown(wrong)}."
            yield self.finding(said, condition.path)
        unfilled = [each for each in condition.values if has_key(pattern_of(each))]
        if family != "ARN" and unfilled:
            said = f"{_shown(unfilled)} has a policy variable, which {condition.operator} does not"
            yield VariableNotAllowed.finding(f"{said} fill in.", condition.path)


class SeveralBooleans(ConditionRule):
    """A condition key is compared with true and with false at once."""

    code = "several-booleans"
    severity = "error"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - Invalid condition"
        " multiple Boolean"
    )
    source = f"{ANALYZER}-error-invalid-condition-multiple-boolean"
    read_on = "2026-11-29"

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        operator, condition = asked.operator, asked.condition
        if operator is None or operator.family == "String" or operator.set_operator is not None:
            return
        if {value.lower() for value in condition.values} == _BOTH:
            said = f"{condition.operator} compares {quoted(condition.key)} with true and with false"
            yield self.finding(f"{said}: expected one of them.", condition.path)
