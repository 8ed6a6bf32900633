"""Check the grammar of conditions: operators with keys with values, whatever they mean."""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.check.findings import Finding, quoted
from iam_catalog.policy.check.rule import ANALYZER
from iam_catalog.policy.grammar.values import GrammarRule, type_name, wrong_type
from iam_catalog.policy.model import Path, Unresolved


class EmptyCondition(GrammarRule):
    """A condition without operators or keys changes nothing."""

    code = "empty-condition"
    severity = "info"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": empty object condition'
    )
    source = f"{ANALYZER}-suggestion-empty-object-condition"
    read_on = "2026-11-29"


class EmptyConditionValues(GrammarRule):
    """A condition key without values matches nothing."""

    code = "empty-condition-values"
    severity = "warning"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": empty array condition'
    )
    source = f"{ANALYZER}-suggestion-empty-array-condition"
    read_on = "2026-11-29"


class ConditionKeySyntax(GrammarRule):
    """A condition key is written prefix:name."""

    code = "condition-key-syntax"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": invalid condition key format'
    )
    source = f"{ANALYZER}-error-invalid-condition-key-format"
    read_on = "2026-11-29"


class RepeatedConditionKey(GrammarRule):
    """An operator has a key twice, in different case; keys are compared without case."""

    code = "repeated-condition-key"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": duplicate keys with '
        "different case"
    )
    source = f"{ANALYZER}-error-duplicate-keys-with-different-case"
    read_on = "2026-11-29"


class MixedConditionValues(GrammarRule):
    """The values of a condition key are of different types."""

    code = "mixed-condition-values"
    severity = "warning"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": invalid condition data type'
    )
    source = f"{ANALYZER}-error-invalid-condition-data-type"
    read_on = "2026-11-29"


def condition_findings(condition: object, path: Path) -> Iterator[Finding]:
    """Yield what is wrong with the shape of a condition (IAM User Guide, "IAM JSON policy elements:
    Condition")."""
    if isinstance(condition, Unresolved):
        return
    if not isinstance(condition, dict):
        yield wrong_type("Condition", condition, "an object of operators", path)
        return
    if not condition:
        yield EmptyCondition.finding("The condition is empty, and changes nothing.", path)
    for operator, keys in condition.items():
        yield from _operator_findings(operator, keys, (*path, operator))


def _operator_findings(operator: str, keys: object, path: Path) -> Iterator[Finding]:
    if isinstance(keys, Unresolved):
        return
    if not isinstance(keys, dict):
        yield wrong_type(f"The operator {quoted(operator)}", keys, "an object of keys", path)
        return
    if not keys:
        text = f"The operator {quoted(operator)} has no keys, and changes nothing."
        yield EmptyCondition.finding(text, path)
    spelled: dict[str, str] = {}
    for key, values in keys.items():
        first = spelled.setdefault(key.lower(), key)
        if first != key:
            text = f"{quoted(key)} and {quoted(first)} are the same key: case does not count."
            yield RepeatedConditionKey.finding(text, (*path, key), suggestion=first)
        if ":" not in key.strip(":"):
            text = f"{quoted(key)} is no condition key: expected prefix:name, such as aws:SourceIp."
            yield ConditionKeySyntax.finding(text, (*path, key))
        yield from _values_findings(key, values, (*path, key))


def _values_findings(key: str, values: object, path: Path) -> Iterator[Finding]:
    """Take a text, a number or a boolean, or a list of one of these types."""
    held = values if isinstance(values, list) else [values]
    if not held:
        text = f"The key {quoted(key)} has no values, and matches nothing."
        yield EmptyConditionValues.finding(text, path)
    for index, value in enumerate(held):
        if not isinstance(value, (str, int, float)):
            where = (*path, index) if isinstance(values, list) else path
            yield wrong_type(f"A value of {quoted(key)}", value, "a text or a list of texts", where)
    types = {type_name(value) for value in held if not isinstance(value, Unresolved)}
    if len(types) > 1 and types <= {"a text", "a number", "a boolean"}:
        text = f"The values of {quoted(key)} are of several types: {', '.join(sorted(types))}."
        yield MixedConditionValues.finding(text, path)
