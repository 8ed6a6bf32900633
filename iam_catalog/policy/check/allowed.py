"""Tell whether a policy says of an action elsewhere what a statement of it cannot."""

from __future__ import annotations

from iam_catalog.policy.check.action_items import HeldAction
from iam_catalog.policy.check.reading import ReadPolicy, ReadStatement
from iam_catalog.policy.model import Statement


def is_allowed_elsewhere(policy: ReadPolicy, read: ReadStatement, item: HeldAction) -> bool:
    """Return True if another statement says the same of all actions of an item, on what they take.

    That statement has no conditions, or the same.
    """
    for other in policy.statements:
        if other is read or not other.actions or not _says_more(other.statement, read.statement):
            continue
        names = [name for name in item.names if any(each.has(name) for each in other.actions)]
        if len(names) != len(item.names):
            continue
        available = other.available(item.service)
        if available is None or not item.ruled_out(available):
            return True
    return False


def _says_more(other: Statement, statement: Statement) -> bool:
    """Return True if a statement has the effect and the principals of another, and no conditions.

    It may have the same conditions.
    """
    if other.effect != statement.effect or other.principals != statement.principals:
        return False
    written = {(each.operator, each.key, each.values) for each in other.conditions}
    return written <= {(each.operator, each.key, each.values) for each in statement.conditions}
