"""The grammar of conditions: operators with keys with values. What they mean is not looked at."""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.grammar.codes import finding, quoted, type_name, wrong_type
from iam_catalog.policy.records import Path, Unresolved


def condition_findings(condition: object, path: Path) -> Iterator[Finding]:
    """What is wrong with the shape of a condition (IAM User Guide, "IAM JSON policy elements:
    Condition")."""
    if isinstance(condition, Unresolved):
        return
    if not isinstance(condition, dict):
        yield wrong_type("Condition", condition, "an object of operators", path)
        return
    if not condition:
        yield finding("empty-condition", "The condition is empty, and changes nothing.", path)
    for operator, keys in condition.items():
        yield from operator_findings(operator, keys, (*path, operator))


def operator_findings(operator: str, keys: object, path: Path) -> Iterator[Finding]:
    if isinstance(keys, Unresolved):
        return
    if not isinstance(keys, dict):
        yield wrong_type(f"The operator {quoted(operator)}", keys, "an object of keys", path)
        return
    if not keys:
        text = f"The operator {quoted(operator)} has no keys, and changes nothing."
        yield finding("empty-condition", text, path)
    spelled: dict[str, str] = {}
    for key, values in keys.items():
        first = spelled.setdefault(key.lower(), key)
        if first != key:
            text = f"{quoted(key)} and {quoted(first)} are the same key: case does not count."
            yield finding("repeated-condition-key", text, (*path, key), first)
        if ":" not in key.strip(":"):
            text = f"{quoted(key)} is no condition key: expected prefix:name, such as aws:SourceIp."
            yield finding("condition-key-syntax", text, (*path, key))
        yield from values_findings(key, values, (*path, key))


def values_findings(key: str, values: object, path: Path) -> Iterator[Finding]:
    """Texts, numbers and booleans: one of them, or a list of one type."""
    held = values if isinstance(values, list) else [values]
    if not held:
        text = f"The key {quoted(key)} has no values, and matches nothing."
        yield finding("empty-condition-values", text, path)
    for index, value in enumerate(held):
        if not isinstance(value, (str, int, float)):
            where = (*path, index) if isinstance(values, list) else path
            yield wrong_type(f"A value of {quoted(key)}", value, "a text or a list of texts", where)
    types = {type_name(value) for value in held if not isinstance(value, Unresolved)}
    if len(types) > 1 and types <= {"a text", "a number", "a boolean"}:
        text = f"The values of {quoted(key)} are of several types: {', '.join(sorted(types))}."
        yield finding("mixed-condition-values", text, path)
