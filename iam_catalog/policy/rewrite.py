"""Rewrite names, patterns and whole policies: expanded, shrunk or inverted.

A rewritten statement covers the same actions of this catalog as before; what AWS adds later is
another matter, which is why people expand `*` or write `NotAction` at all. Items that name no
action of the catalog stay as they are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

from iam_catalog.errors import CatalogError
from iam_catalog.facts.names import known_service
from iam_catalog.names import split_action_name
from iam_catalog.policy.expand import expand, spelled_actions
from iam_catalog.policy.facts import PolicyFacts, is_every_action, policy_facts
from iam_catalog.policy.grammar.actions import is_action
from iam_catalog.policy.model import Unresolved
from iam_catalog.policy.read.given import as_document
from iam_catalog.policy.read.statements import statement_values
from iam_catalog.policy.shrink import shrink

_OPPOSITE = {"Action": "NotAction", "NotAction": "Action"}


def invert(
    connection: sqlite3.Connection, *patterns: str, service_prefix: str | None = None
) -> list[str]:
    """List the current actions that none of *patterns* matches, in AWS's spelling, sorted.

    These are actions of the whole catalog, as with `NotAction`, or of one service alone. Raises
    `UnknownServicePrefix` and `MalformedPattern`, as `expand` does.

    >>> invert("connect:*", service_prefix="connect")
    []
    """
    excepted = set(expand(connection, *patterns)) if patterns else set()
    every = "*"
    if service_prefix is not None:
        every = f"{known_service(connection, service_prefix)}:*"
    return [name for name in expand(connection, every) if name not in excepted]


def expand_policy(connection: sqlite3.Connection, policy: object) -> dict[str, Any]:
    """Write every action of a policy by its name, in `Action` and in `NotAction`.

    *policy* is the value of a policy, such as a dict, or its JSON text; it is not changed. Items
    that match no action of the catalog stay as they are, also those of services that it does not
    hold. Raises `CatalogError` for what is not a whole policy.

    >>> statement = {"Effect": "Deny", "NotAction": "connect:List*ances", "Resource": "*"}
    >>> expand_policy({"Statement": statement})["Statement"]["NotAction"]
    ['connect:ListInstances']
    """
    facts = policy_facts(connection)

    def expanded(items: Sequence[str]) -> list[str]:
        return sorted(_named(facts, items), key=str.lower)

    return _rewritten(policy, expanded)


def shrink_policy(
    connection: sqlite3.Connection, policy: object, *, shortest: bool = False
) -> dict[str, Any]:
    """Write the actions of each statement as few patterns, as `shrink` does.

    *policy* and the errors are as in `expand_policy`. Patterns of the policy are taken apart
    first, so that others can take their place, unless these would be more.

    >>> statement = {"Effect": "Allow", "Action": ["connect:*Contact", "connect:StopContact"]}
    >>> shrink_policy({"Statement": statement})["Statement"]["Action"]
    ['connect:*Contact']
    """
    facts = policy_facts(connection)
    return _rewritten(policy, lambda items: _shrunk(facts, items, shortest=shortest))


def invert_policy(connection: sqlite3.Connection, policy: object) -> dict[str, Any]:
    """Turn `Action` into `NotAction` and the reverse, so that statements cover the same actions.

    The actions are written as few patterns, because all others of AWS are many. The same means the
    actions of this catalog: the new `NotAction` covers those that AWS adds later, and the new
    `Action` does not. *policy* and the errors are as in `expand_policy`. A statement stays as it
    is where the document leaves an item open, IAM refuses one, or nothing or all would be left.

    >>> inverted = invert_policy({"Statement": {"Effect": "Deny", "NotAction": "connect:*"}})
    >>> "connect:*" in inverted["Statement"].get("Action", ())
    False
    """
    facts = policy_facts(connection)

    def others(items: Sequence[str]) -> list[str]:
        excepted = set(_named(facts, items))
        left = [name for name in spelled_actions(facts, "*") if name not in excepted]
        return _shrunk(facts, left)

    return _rewritten(policy, others, inverts=True)


def _rewritten(
    policy: object, rewrite: Callable[[Sequence[str]], list[str]], *, inverts: bool = False
) -> dict[str, Any]:
    """Copy a policy with the items of each statement rewritten; opposite elements if it inverts.

    A statement with both elements, or with items that are not text, stays as it is.
    """
    document = as_document(policy)
    value = document.value
    if not isinstance(value, dict) or "Statement" not in value:
        found = f": {value[2:-1]}" if isinstance(value, Unresolved) else ""
        raise CatalogError(f"Expected a policy with statements, and found no whole policy{found}.")
    copy: dict[str, Any] = deepcopy(value)
    for _, statement in statement_values(copy):
        if isinstance(statement, dict):
            _rewrite_statement(statement, rewrite, inverts=inverts)
    return copy


def _rewrite_statement(
    statement: dict[str, Any], rewrite: Callable[[Sequence[str]], list[str]], *, inverts: bool
) -> None:
    elements = [name for name in _OPPOSITE if name in statement]
    items = _items(statement[elements[0]]) if len(elements) == 1 else None
    if not items or (inverts and not all(map(_can_be_inverted, items))):
        return
    rewritten = rewrite(items)
    if not rewritten:
        return  # IAM refuses an empty list
    name = elements[0]
    new = {_OPPOSITE[name] if inverts else name: rewritten}
    members = list(statement.items())
    statement.clear()
    for key, member in members:  # in the order of before
        statement.update(new if key == name else {key: member})


def _items(value: object) -> list[str] | None:
    """Return the items of an element; None where it has others than texts."""
    items: list[Any] = value if isinstance(value, list) else [value]
    return items if all(isinstance(each, str) for each in items) else None


def _can_be_inverted(item: str) -> bool:
    return not isinstance(item, Unresolved) and is_action(item)


def _named(facts: PolicyFacts, items: Sequence[str]) -> list[str]:
    """Return the actions of items without repeats, and as they are the items that name none."""
    found: dict[str, None] = {}
    for item in items:
        refused = isinstance(item, Unresolved) or not is_action(item)
        names = [] if refused else spelled_actions(facts, item)
        found |= dict.fromkeys(names or [item])
    return list(found)


def _shrunk(facts: PolicyFacts, items: Sequence[str], *, shortest: bool = False) -> list[str]:
    """Shrink items of a policy; `*` stays, and so does what names no action."""
    if any(map(is_every_action, items)):
        return ["*"]
    names = _named(facts, items)
    known = [name for name in names if _is_name(name)]
    others = [name for name in names if not _is_name(name)]
    patterns = shrink(facts.connection, known, shortest=shortest)
    found = sorted({*patterns, *others}, key=str.lower)
    return found if len(found) <= len(items) else list(items)


def _is_name(item: str) -> bool:
    """Return True for the name of an action, in the catalog or not."""
    try:
        split_action_name(item)
    except CatalogError:
        return False
    return not isinstance(item, Unresolved) and "*" not in item and "?" not in item
