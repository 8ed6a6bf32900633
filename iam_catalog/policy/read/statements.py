"""Read a policy: input of the Python API as a document, and the statements of its value.

Statements are read as far as they have the types that AWS asks for. Nothing is refused there: what
has a wrong type is left out, and `grammar` reports it. Names of elements are compared with case, as
IAM does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from iam_catalog.errors import CatalogError, UnreadablePolicy
from iam_catalog.policy.model import (
    KINDS,
    Condition,
    Kind,
    Path,
    Policy,
    PolicyDocument,
    Statement,
    Unresolved,
)
from iam_catalog.policy.read.cloudformation import (
    alternatives,
    has_functions,
    may_have_functions,
    resolve,
)
from iam_catalog.policy.read.json_text import MAX_DEPTH, TOO_DEEP, Place, depth_exceeds, read_json
from iam_catalog.policy.read.source import BLANKS

_EFFECTS = ("Allow", "Deny")
_LISTS = ("Action", "NotAction", "Resource", "NotResource")

NO_FILE = "-"
_GIVEN = "<policy>"
"""The name of the input in error messages."""


def as_document(policy: object, kind: Kind | None = None) -> PolicyDocument:
    """Return *policy* as a document; *kind* counts where the document has none.

    Raises `UnreadablePolicy` for a text that is not JSON, and for a value that JSON cannot hold;
    `CatalogError` for a *kind* that there is not.
    """
    if kind is not None and kind not in KINDS:
        raise CatalogError(
            f"{kind!r} is not a kind of policy: use one of {', '.join(KINDS)}, or None where the "
            "form of the policy decides."
        )
    if isinstance(policy, PolicyDocument):
        return replace(policy, kind=policy.kind or kind)
    if isinstance(policy, str):
        value, text = read_json(policy, Place(_GIVEN)), policy
    else:
        _refuse_other_values(policy)
        value, text = policy, ""
    choices: tuple[object, ...] = ()
    if may_have_functions(text) and has_functions(value):
        choices, value = alternatives(value), resolve(value)
    document = PolicyDocument(NO_FILE, None, value, (), 1, text, 1, kind)
    if not choices and not text.startswith(BLANKS):
        return document
    return replace(document, leading_blank=text.startswith(BLANKS), alternatives=choices)


def _refuse_other_values(policy: object) -> None:
    """Raise `UnreadablePolicy` for values that JSON lacks: sets, tuples, dates, other names."""
    if depth_exceeds(policy, MAX_DEPTH):
        raise UnreadablePolicy(_GIVEN, TOO_DEEP)
    waiting = [policy]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
            _refuse_unless(str, value)
        elif isinstance(value, list):
            waiting += value
        else:
            _refuse_unless((str, int, float, type(None)), [value])


def _refuse_unless(types: type | tuple[type, ...], values: Iterable[object]) -> None:
    for each in values:
        if not isinstance(each, types):
            found = f"it has {each!r:.100} of Python's type {type(each).__name__}"
            raise UnreadablePolicy(
                _GIVEN, f"{found}: expected what JSON can say, or the text of a policy as str"
            )


def read_policy(value: object) -> Policy:
    """Return the parts of a policy that have the right types, whatever *value* is."""
    if not isinstance(value, dict):
        return Policy(None, None, ())
    return Policy(
        _text_or_none(value.get("Version")),
        _text_or_none(value.get("Id")),
        tuple(
            _read_statement(statement, path)
            for path, statement in statement_values(value)
            if isinstance(statement, dict)
        ),
    )


def statement_values(policy: dict[str, object]) -> Iterator[tuple[Path, object]]:
    """Yield what `Statement` holds, a list or a single one, each with its path."""
    held = policy.get("Statement")
    if isinstance(held, list):
        for index, statement in enumerate(held):
            yield ("Statement", index), statement
    elif held is not None:
        yield ("Statement",), held


def _read_statement(value: dict[str, object], path: Path) -> Statement:
    effect = _text_or_none(value.get("Effect"))
    return Statement(
        path,
        _text_or_none(value.get("Sid")),
        effect if effect in _EFFECTS else None,
        _texts(value.get("Action")),
        _texts(value.get("NotAction")),
        _texts(value.get("Resource")),
        _texts(value.get("NotResource")),
        principals(value.get("Principal")),
        principals(value.get("NotPrincipal")),
        tuple(_conditions(value.get("Condition"), (*path, "Condition"))),
        frozenset(name for name in _LISTS if isinstance(value.get(name), list)),
    )


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...] | None:
    """Return a text or a list of them as a tuple, in which items of other types have a place."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        return None
    if set(map(type, value)) == {str}:  # nearly all are, and long
        return tuple(value)
    return tuple(each if isinstance(each, str) else Unresolved("${not a text}") for each in value)


def principals(value: object) -> tuple[tuple[str, str], ...] | None:
    """Return pairs of a principal's type and name, in the order of the document."""
    if isinstance(value, str):
        return (("*", value),)
    if not isinstance(value, dict):
        return None
    return tuple((kind, name) for kind, names in value.items() for name in _texts(names) or ())


def _conditions(value: object, path: Path) -> Iterator[Condition]:
    """Yield one condition for each operator and key, in the order of the document."""
    if not isinstance(value, dict):
        return
    for operator, keys in value.items():
        for key, values in keys.items() if isinstance(keys, dict) else ():
            if (held := _condition_values(values)) is not None:
                yield Condition(operator, key, held, (*path, operator, key))


def _condition_values(value: object) -> tuple[str, ...] | None:
    """Return one value or a list of them, as texts; None for anything else."""
    held = value if isinstance(value, list) else [value]
    spelled = tuple(_condition_value(each) for each in held)
    return tuple(each for each in spelled if each is not None) if None not in spelled else None


def _condition_value(value: object) -> str | None:
    """Spell a text, a number or a boolean as AWS compares it: as JSON does."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else None


def statement_number(path: Path) -> int:
    """Return the number of the statement that a path leads to, from 1."""
    return path[1] + 1 if len(path) > 1 and isinstance(path[1], int) else 1


def unread_statements(policy: object) -> list[int]:
    """List the numbers of the statements that are not objects, so that none is left out."""
    if not isinstance(policy, dict):
        return []
    return [
        statement_number(path)
        for path, value in statement_values(policy)
        if not isinstance(value, dict)
    ]


def unread_conditions(policy: object, statement: Statement) -> list[str]:
    """List the operators and keys of a statement whose conditions cannot be read."""
    read = {(each.operator, each.key) for each in statement.conditions}
    return [text for pair, text in _written_conditions(policy, statement) if pair not in read]


def _written_conditions(
    policy: object, statement: Statement
) -> Iterator[tuple[tuple[str, str] | None, str]]:
    """Yield every operator with its key that a statement writes, and both in words."""
    held: object = policy
    for step in (*statement.path, "Condition"):
        held = held.get(step) if isinstance(held, dict) else held[step]  # type: ignore[index]
    if not isinstance(held, dict):
        yield from [] if held is None else [(None, "Condition")]
        return
    for operator, keys in held.items():
        if not isinstance(keys, dict):
            yield None, str(operator)
        else:
            yield from (((operator, key), f"{operator} of {key}") for key in keys)
