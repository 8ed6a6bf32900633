"""Put the parts of a statement in plain words.

A condition reads `s3:prefix matches "home/*" or "logs/*"`, in the way that AWS compares: one of
several values is enough, for a negated operator none of them may match, and where the key is not in
the request a condition fails, except that a negated one holds, and one with `IfExists` or
`ForAllValues:` too (IAM User Guide, "IAM JSON policy elements: Condition operators", and "Creating
a condition that tests multiple key values").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from iam_catalog.arn.parts import Arn
from iam_catalog.arn.pattern import has_wildcard
from iam_catalog.policy.coverage import Covered, is_everything
from iam_catalog.policy.grammar.conditions import Operator, read_operator
from iam_catalog.policy.grammar.values import is_action
from iam_catalog.policy.grammar.variables import variables
from iam_catalog.policy.model import Condition, Statement, Unresolved

EFFECTS = {"Allow": "Allows", "Deny": "Denies"}
ROOT = re.compile(r"arn:[^:]*:iam::([^:]*):root")


def number(count: int, noun: str) -> str:
    """`1 action`, `2 actions`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def summary(statement: Statement, held: Covered, in_effect: int) -> str:
    """Say the statement in one sentence.

    *in_effect* is the number of covered actions that can take effect on its resources.
    """
    effect = EFFECTS.get(statement.effect or "", "Without Allow or Deny:")
    is_limited = bool(statement.resources) and in_effect < len(held)
    parts = [
        f"{effect} {_action_part(statement, held, in_effect if is_limited else len(held))}",
        _principal_part(statement),
        _these_resources(statement) if is_limited else _resource_part(statement),
    ]
    return f"{' '.join(part for part in parts if part)}{_condition_part(statement)}."


def _action_part(statement: Statement, held: Covered, in_effect: int) -> str:
    items = statement.actions
    if items is None and statement.not_actions is None:
        return "nothing that can be read"
    is_limited = in_effect < len(held)
    most = "at most " if any(map(is_partly_open, statement.resources or ())) else ""
    count = f"{most}{in_effect:,} of {len(held):,}" if is_limited else f"{len(held):,}"
    if items is None:
        return f"every action but some ({count} in the catalog)"
    if any(is_everything(item) for item in items):
        return f"every action ({count} in the catalog)"
    taken = [item for item, _ in held.unknown if is_action(item)]
    unknown = [item for item in taken if not isinstance(item, Unresolved)]
    refused, opened = len(held.unknown) - len(taken), len(taken) - len(unknown)
    names = sum(1 for item in unknown if not has_wildcard(item))
    patterns = len(unknown) - names
    others = [
        *([f"{number(refused, 'item')} that IAM refuses"] if refused else []),
        *([f"{number(opened, 'name')} that the document leaves open"] if opened else []),
        *([f"{number(names, 'name')} that the catalog does not know"] if names else []),
        *([f"{number(patterns, 'pattern')} that it has no action for"] if patterns else []),
    ]
    known = [number(len(held), "action")] if held.names or not others else []
    if is_limited:
        known = [_limited_part(items, held, in_effect, most)]
    return _joined([*known, *others], "and")


def is_partly_open(resource: str) -> bool:
    """Return True for what the document leaves open, but not so much that it can be `*`."""
    return isinstance(resource, Unresolved) and not is_everything(resource)


def _limited_part(items: Sequence[str], held: Covered, in_effect: int, most: str) -> str:
    """Say how many of the covered actions can take effect, and what covers them."""
    matching = [item for item in items if held.counts[item]]
    if len(held) == 1:
        return f"nothing by {matching[0]}"
    some = f"{most}{in_effect:,}" if in_effect else "none"
    if len(matching) == 1:
        return f"{some} of the {number(len(held), 'action')} that {matching[0]} matches"
    return f"{some} of the {len(held):,} named actions"


def _principal_part(statement: Statement) -> str:
    if statement.not_principals is not None:
        return "for everyone but some"
    if statement.principals is None:
        return ""
    if any(name == "*" for _, name in statement.principals):
        return "for everyone"
    return f"for {number(len(statement.principals), 'principal')}"


def _resource_part(statement: Statement) -> str:
    if statement.resources is not None:
        opened = sum(isinstance(each, Unresolved) for each in statement.resources)
        if any(
            is_everything(each) and not isinstance(each, Unresolved) for each in statement.resources
        ):
            return "on every resource"
        if opened and opened == len(statement.resources):
            which = "a resource" if opened == 1 else f"{opened:,} resources"
            part = " in part" if all(map(is_partly_open, statement.resources)) else ""
            return f"on {which} that the document leaves open{part}"
        if not statement.resources:
            return "on no resource"
        return f"on {number(len(statement.resources), 'resource')}"
    if statement.not_resources is None:
        return ""
    return "on every resource but some"


def _these_resources(statement: Statement) -> str:
    count = len(statement.resources or ())
    return "on this resource" if count == 1 else "on these resources"


def _condition_part(statement: Statement) -> str:
    count = len(statement.conditions)
    if not count:
        return ""
    return ", if a condition holds" if count == 1 else f", if all of {count:,} conditions hold"


def principal_words(statement: Statement) -> Iterator[str]:
    """Yield each principal, or each that is excepted, in words."""
    for kind, name in (*(statement.principals or ()), *(statement.not_principals or ())):
        if name == "*":
            yield "everyone"
        elif kind == "AWS":
            yield _account_words(name)
        else:
            words = {"Service": "the service", "Federated": "identities federated by"}
            yield f"{words.get(kind, kind)} {name}"


def _account_words(name: str) -> str:
    """Name the account instead of its root, which means the account.

    IAM User Guide, "AWS JSON policy elements: Principal", section "AWS account principals".
    """
    root = ROOT.fullmatch(name)
    number = root[1] if root else name
    return f"the account {number}" if number.isdigit() else name


def resource_words(resource: str, types: Sequence[str], held: Covered) -> str | None:
    """Say what there is to know of a resource beside its types; None for nothing."""
    if isinstance(resource, Unresolved):
        if not is_partly_open(resource):
            return "the document does not say it"
        of_none = not types and held.names and not held.unknown
        none = "; of no resource type that these actions take" if of_none else ""
        return f"the document leaves it open in part{none}"
    if is_everything(resource):
        return None
    said = list(_variable_words(resource))
    arn = Arn(resource)
    if not arn.is_arn:
        said.append("no ARN")
    elif arn.incomplete:
        said.append(f"incomplete, so that AWS reads it as {arn.completed}")
    elif not types and held.names:
        of = "the known ones of these actions take" if held.unknown else "these actions take"
        said.append(f"of no resource type that {of}")
    return "; ".join(said) or None


def _variable_words(resource: str) -> Iterator[str]:
    """Say what is open in a resource: names of variables have a colon, placeholders none."""
    names = dict.fromkeys(f"${{{each.name}}}" for each in variables(resource))
    requested = [name for name in names if ":" in name]
    others = [name for name in names if ":" not in name]
    if requested:
        yield f"each request fills in {_joined(requested, 'and')}"
    if others:
        yield f"{_joined(others, 'and')} {verb(others, 'is', 'are')} to be filled in"


def verb(subjects: Iterable[object], one: str, several: str) -> str:
    return one if len(list(subjects)) == 1 else several


# --- conditions

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
_QUOTED = ("String", "ARN", "Binary")


def condition_words(condition: Condition) -> str:
    """Write the condition as a clause without a full stop, with its values whole."""
    operator = read_operator(condition.operator)
    if operator is None:
        values = _joined([f'"{value}"' for value in condition.values], "or")
        return (
            f"{condition.key} compares with {values} by {condition.operator},"
            " which is none of AWS's operators"
        )
    if operator.family == "Null":
        return _null_words(condition)
    subject = {
        None: condition.key,
        "ForAllValues": f"every value of {condition.key}",
        "ForAnyValue": f"at least one value of {condition.key}",
    }[operator.set_operator]
    return f"{subject} {_comparison(operator, condition.values)}{_otherwise(operator)}"


def _comparison(operator: Operator, values: tuple[str, ...]) -> str:
    shown = [f'"{value}"' if operator.family in _QUOTED else value for value in values]
    word = "nor" if _is_negated(operator) else "or"
    return f"{PHRASES[operator.name]} {_joined(shown, word) if shown else '(no value)'}"


def _otherwise(operator: Operator) -> str:
    """Add that the condition holds for a request without the key, if it does."""
    if operator.set_operator == "ForAllValues":
        return ", or there is none"
    if operator.if_exists or (_is_negated(operator) and operator.set_operator is None):
        return ", or the request does not have it"
    return ""


def _is_negated(operator: Operator) -> bool:
    return "Not" in operator.name


def _null_words(condition: Condition) -> str:
    """`Null` asks whether the key is there: `true` where it is not."""
    held = ["lacks" if value.lower() == "true" else "has" for value in condition.values]
    return f"the request {_joined(sorted(set(held)), 'or')} {condition.key}"


def _joined(words: list[str], last: str) -> str:
    """`a`, `a or b`, `a, b or c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
