"""A condition in plain words: `s3:prefix matches "home/*" or "logs/*"`.

What the words say is how AWS compares: one of several values is enough, for a negated operator
none of them may match, and where the key is not in the request a condition fails, except that a
negated one holds, and one with `IfExists` or `ForAllValues:` too (IAM User Guide, "IAM JSON policy
elements: Condition operators", and "Creating a condition that tests multiple key values").
"""

from __future__ import annotations

from iam_catalog.policy.grammar.operators import Operator, read_operator
from iam_catalog.policy.records import Condition

PHRASES = {
    "StringEquals": "is",
    "StringNotEquals": "is not",
    "StringEqualsIgnoreCase": "is, in any case,",
    "StringNotEqualsIgnoreCase": "is not, in any case,",
    "StringLike": "matches",
    "StringNotLike": "does not match",
    "NumericEquals": "is",
    "NumericNotEquals": "is not",
    "NumericLessThan": "is less than",
    "NumericLessThanEquals": "is at most",
    "NumericGreaterThan": "is greater than",
    "NumericGreaterThanEquals": "is at least",
    "DateEquals": "is",
    "DateNotEquals": "is not",
    "DateLessThan": "is before",
    "DateLessThanEquals": "is at or before",
    "DateGreaterThan": "is after",
    "DateGreaterThanEquals": "is at or after",
    "Bool": "is",
    "BinaryEquals": "is, in Base64,",
    "IpAddress": "is in",
    "NotIpAddress": "is not in",
    # The two ARN operators of each pair behave alike (section "ARN condition operators").
    "ArnEquals": "matches",
    "ArnLike": "matches",
    "ArnNotEquals": "does not match",
    "ArnNotLike": "does not match",
}
QUOTED = ("String", "ARN", "Binary")


def condition_words(condition: Condition) -> str:
    """The condition as a clause without a full stop; values are quoted, and not shortened."""
    operator = read_operator(condition.operator)
    if operator is None:
        values = joined([f'"{value}"' for value in condition.values], "or")
        return (
            f"{condition.key} compares with {values} by {condition.operator},"
            " which is none of AWS's operators"
        )
    if operator.family == "Null":
        return null_words(condition)
    subject = {
        None: condition.key,
        "ForAllValues": f"every value of {condition.key}",
        "ForAnyValue": f"at least one value of {condition.key}",
    }[operator.set_operator]
    return f"{subject} {comparison(operator, condition.values)}{otherwise(operator)}"


def comparison(operator: Operator, values: tuple[str, ...]) -> str:
    shown = [f'"{value}"' if operator.family in QUOTED else value for value in values]
    word = "nor" if is_negated(operator) else "or"
    return f"{PHRASES[operator.name]} {joined(shown, word) if shown else '(no value)'}"


def otherwise(operator: Operator) -> str:
    """What is said of a request without the key, where the condition holds then."""
    if operator.set_operator == "ForAllValues":
        return ", or there is none"
    if operator.if_exists or (is_negated(operator) and operator.set_operator is None):
        return ", or the request does not have it"
    return ""


def is_negated(operator: Operator) -> bool:
    return "Not" in operator.name


def null_words(condition: Condition) -> str:
    """`Null` asks whether the key is there: `true` where it is not."""
    held = ["lacks" if value.lower() == "true" else "has" for value in condition.values]
    return f"the request {joined(sorted(set(held)), 'or')} {condition.key}"


def joined(words: list[str], last: str) -> str:
    """`a`, `a or b`, `a, b or c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
