"""What of a policy has a type that nothing can be read from: told, so that nothing is left out."""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.model import Path, Statement
from iam_catalog.policy.read.statements import statement_values


def statement_number(path: Path) -> int:
    """Which statement of the policy a path leads to, counted from 1."""
    return path[1] + 1 if len(path) > 1 and isinstance(path[1], int) else 1


def unread_statements(policy: object) -> list[int]:
    """The numbers of the statements that are no objects."""
    if not isinstance(policy, dict):
        return []
    return [
        statement_number(path)
        for path, value in statement_values(policy)
        if not isinstance(value, dict)
    ]


def unread_conditions(policy: object, statement: Statement) -> list[str]:
    """The operators and keys of a statement whose conditions can not be read."""
    read = {(each.operator, each.key) for each in statement.conditions}
    return [text for pair, text in written_conditions(policy, statement) if pair not in read]


def written_conditions(
    policy: object, statement: Statement
) -> Iterator[tuple[tuple[str, str] | None, str]]:
    """Every operator with a key that a statement writes, and how it is called."""
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
