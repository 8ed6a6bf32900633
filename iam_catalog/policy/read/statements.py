"""The value of a policy -> its statements, as far as they have the types that AWS asks for.

Nothing is refused here: what has a wrong type is left out, and `grammar` says so. Names of
elements are compared with case, as IAM does.
"""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.model import Condition, Path, Policy, Statement, Unresolved

EFFECTS = ("Allow", "Deny")
LISTS = ("Action", "NotAction", "Resource", "NotResource")


def read_policy(value: object) -> Policy:
    """The parts of a policy that can be told, whatever *value* is."""
    if not isinstance(value, dict):
        return Policy(None, None, ())
    return Policy(
        text_or_none(value.get("Version")),
        text_or_none(value.get("Id")),
        tuple(
            read_statement(statement, path)
            for path, statement in statement_values(value)
            if isinstance(statement, dict)
        ),
    )


def statement_values(policy: dict[str, object]) -> Iterator[tuple[Path, object]]:
    """What stands under `Statement`, each with its path: a list of statements, or a single one."""
    held = policy.get("Statement")
    if isinstance(held, list):
        for index, statement in enumerate(held):
            yield ("Statement", index), statement
    elif held is not None:
        yield ("Statement",), held


def read_statement(value: dict[str, object], path: Path) -> Statement:
    effect = text_or_none(value.get("Effect"))
    return Statement(
        path,
        text_or_none(value.get("Sid")),
        effect if effect in EFFECTS else None,
        texts(value.get("Action")),
        texts(value.get("NotAction")),
        texts(value.get("Resource")),
        texts(value.get("NotResource")),
        principals(value.get("Principal")),
        principals(value.get("NotPrincipal")),
        tuple(conditions(value.get("Condition"), (*path, "Condition"))),
        frozenset(name for name in LISTS if isinstance(value.get(name), list)),
    )


def text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


def texts(value: object) -> tuple[str, ...] | None:
    """A text or a list of them; of a list with other things in it, everything keeps its index."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        return None
    if set(map(type, value)) == {str}:  # nearly all are, and long
        return tuple(value)
    return tuple(each if isinstance(each, str) else Unresolved("${not a text}") for each in value)


def principals(value: object) -> tuple[tuple[str, str], ...] | None:
    """Pairs of a principal's type and name, in the order of the document."""
    if isinstance(value, str):
        return (("*", value),)
    if not isinstance(value, dict):
        return None
    return tuple((kind, name) for kind, names in value.items() for name in texts(names) or ())


def conditions(value: object, path: Path) -> Iterator[Condition]:
    """One condition for each operator and key, in the order of the document."""
    if not isinstance(value, dict):
        return
    for operator, keys in value.items():
        for key, values in keys.items() if isinstance(keys, dict) else ():
            if (held := condition_values(values)) is not None:
                yield Condition(operator, key, held, (*path, operator, key))


def condition_values(value: object) -> tuple[str, ...] | None:
    """One value or a list of them, as texts; None where anything else stands."""
    held = value if isinstance(value, list) else [value]
    spelled = tuple(condition_value(each) for each in held)
    return tuple(each for each in spelled if each is not None) if None not in spelled else None


def condition_value(value: object) -> str | None:
    """A text, a number or a boolean as AWS compares it: in JSON's spelling."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else None
