"""The parts of a statement in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from iam_catalog.arn.parts import Arn
from iam_catalog.arn.pattern import has_wildcard
from iam_catalog.policy.coverage import Covered, is_everything
from iam_catalog.policy.explain.condition_words import joined
from iam_catalog.policy.grammar.variables import variables
from iam_catalog.policy.records import Statement, Unresolved

EFFECTS = {"Allow": "Allows", "Deny": "Denies"}
ROOT = re.compile(r"arn:[^:]*:iam::([^:]*):root")


def number(count: int, noun: str) -> str:
    """`1 action`, `2 actions`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def summary(statement: Statement, held: Covered) -> str:
    """The statement in one sentence."""
    effect = EFFECTS.get(statement.effect or "", "Without Allow or Deny:")
    parts = [
        f"{effect} {action_part(statement, held)}",
        principal_part(statement),
        resource_part(statement),
    ]
    return f"{' '.join(part for part in parts if part)}{condition_part(statement)}."


def action_part(statement: Statement, held: Covered) -> str:
    items = statement.actions
    if items is None and statement.not_actions is None:
        return "nothing that can be read"
    if items is None:
        return f"every action but some ({len(held.actions):,} in the catalog)"
    if any(is_everything(item) for item in items):
        return f"every action ({len(held.actions):,} in the catalog)"
    names = sum(1 for item, _ in held.unknown if not has_wildcard(item))
    patterns = len(held.unknown) - names
    others = [
        *([f"{number(names, 'name')} that the catalog does not know"] if names else []),
        *([f"{number(patterns, 'pattern')} that it has no action for"] if patterns else []),
    ]
    known = [number(len(held.actions), "action")] if held.actions or not others else []
    return joined([*known, *others], "and")


def principal_part(statement: Statement) -> str:
    if statement.not_principals is not None:
        return "for everyone but some"
    if statement.principals is None:
        return ""
    if any(name == "*" for _, name in statement.principals):
        return "for everyone"
    return f"for {number(len(statement.principals), 'principal')}"


def resource_part(statement: Statement) -> str:
    if statement.resources is not None:
        if any(is_everything(resource) for resource in statement.resources):
            return "on every resource"
        if not statement.resources:
            return "on no resource"
        return f"on {number(len(statement.resources), 'resource')}"
    if statement.not_resources is None:
        return ""
    return "on every resource but some"


def condition_part(statement: Statement) -> str:
    count = len(statement.conditions)
    if not count:
        return ""
    return ", if a condition holds" if count == 1 else f", if all of {count:,} conditions hold"


def principal_words(statement: Statement) -> Iterator[str]:
    """Each principal, or each that is excepted, in words."""
    for kind, name in (*(statement.principals or ()), *(statement.not_principals or ())):
        if name == "*":
            yield "everyone"
        elif kind == "AWS":
            yield account_words(name)
        else:
            words = {"Service": "the service", "Federated": "identities federated by"}
            yield f"{words.get(kind, kind)} {name}"


def account_words(name: str) -> str:
    """An account's root stands for the account (IAM User Guide, "AWS JSON policy elements:
    Principal", section "AWS account principals")."""
    root = ROOT.fullmatch(name)
    number = root[1] if root else name
    return f"the account {number}" if number.isdigit() else name


def resource_words(resource: str, types: Sequence[str], held: Covered) -> str | None:
    """What is to be said of a resource beside its types."""
    if isinstance(resource, Unresolved):
        return "the document does not say it"
    if is_everything(resource):
        return None
    said = list(variable_words(resource))
    arn = Arn(resource)
    if not arn.is_arn:
        said.append("no ARN")
    elif arn.incomplete:
        said.append(f"incomplete, so that AWS reads it as {arn.completed}")
    elif not types and held.actions:
        of = "the known ones of these actions take" if held.unknown else "these actions take"
        said.append(f"of no resource type that {of}")
    return "; ".join(said) or None


def variable_words(resource: str) -> Iterator[str]:
    """What is open in a resource: names of variables have a colon, placeholders have none."""
    names = dict.fromkeys(f"${{{each.name}}}" for each in variables(resource))
    requested = [name for name in names if ":" in name]
    others = [name for name in names if ":" not in name]
    if requested:
        yield f"each request fills in {joined(requested, 'and')}"
    if others:
        yield f"{joined(others, 'and')} {verb(others, 'is', 'are')} to be filled in"


def verb(subjects: Iterable[object], one: str, several: str) -> str:
    return one if len(list(subjects)) == 1 else several
