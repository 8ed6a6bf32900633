"""Dependent actions: what an action needs besides itself, which actions need it, and as of when.

AWS published them until 2026-07-08. Rows keep AWS's words; the column `needed` marks those that
count: an action that lists itself does not need itself. A cold start imports this module alone.
"""

from __future__ import annotations

from iam_catalog.facts.lookup import is_current

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from typing import Any


def dependent_actions(
    connection: sqlite3.Connection, action: str, *, transitive: bool = False
) -> list[str]:
    """List what AWS says that *action* needs besides itself, in AWS's order, without repeats.

    Case is ignored, as IAM ignores it. *transitive* follows the dependent actions of each breadth
    first, also where they form a cycle: the direct ones come first, and *action* itself never. One
    that the catalog does not hold leads no further. A removed action has those of the last source
    that documented it. Raises `UnknownAction` with the nearest names, or `MalformedActionName`.

    >>> "iam:CreateServiceLinkedRole" in dependent_actions("connect:CreateInstance")
    True
    """
    found = direct_dependents(connection, action)
    if not found and not is_current(connection, action):
        from iam_catalog.facts.at_date import ask_before, removed_actions
        from iam_catalog.facts.names import known_action

        for removal in removed_actions(connection, known_action(connection, action)):
            found = ask_before(connection, removal, direct_dependents)
    if transitive:
        seen = {action.lower(), *found}
        queue = list(found.values())
        for name in queue:
            further = direct_dependents(connection, name)
            queue += [text for key, text in further.items() if key not in seen]
            found |= {key: text for key, text in further.items() if key not in seen}
            seen |= further.keys()
    return list(found.values())


def direct_dependents(connection: sqlite3.Connection, action: str) -> dict[str, str]:
    """Map what a current *action* needs, in lower case, to the source's spelling, in AWS's order.

    Empty for a name that is not current.
    """
    rows = connection.execute(
        "select dependent_action from dependent_actions where action = ? and needed"
        " order by position",
        (action,),
    )
    return {name.lower(): name for (name,) in rows}


def references(connection: sqlite3.Connection, action: str) -> list[tuple[Any, ...]]:
    """Return every reference of a current *action* to a dependent action, in AWS's order.

    The fields of a `DependentAction`, the key of the row of the action, and 1 if it is needed.
    """
    return connection.execute(
        "select dependent_action, resource_type_name, last_seen, page, line,"
        " (select dataset from pages where pages.page = dependent_actions.page), place,"
        " action_row, needed from dependent_actions where action = ? order by position",
        (action,),
    ).fetchall()


def documented_on(connection: sqlite3.Connection, action: str) -> str | None:
    """Find the date as of which `dependent_actions` answers: AWS publishes them no longer.

    That of the newest source of the action that has a place for them; for a removed action, as it
    was when it was removed. None where no source of the action has a place for them, so that
    they are unknown; also where that source has no date: `dependents_state` tells the two apart.
    Raises `UnknownAction` or `MalformedActionName`.

    >>> documented_on("connect:CreateInstance")
    '2019-08-12'
    """
    return _newest_source(connection, action)[1]


def dependents_state(connection: sqlite3.Connection, action: str) -> str:
    """Tell what is known of the dependent actions of *action*: `parsed`, `none` or `not in source`.

    `parsed`: it has some; `none`: the newest source that has a place for them lists none; `not in
    source`: no source of the action has a place for them, so nothing is known. Raises
    `UnknownAction` or `MalformedActionName`.

    >>> dependents_state("connect:StopContact")
    'none'
    """
    page, _ = _newest_source(connection, action)
    if page is None:
        return "not in source"
    return "parsed" if dependent_actions(connection, action) else "none"


def _newest_source(connection: sqlite3.Connection, action: str) -> tuple[str | None, str | None]:
    """Find the source from which the dependent actions of *action* are known, and its newest date.

    For a removed action, as it was when it was removed. Raises as `documented_on` does.
    """
    found = _current_source(connection, action)
    if found is None:
        from iam_catalog.facts.at_date import ask_before, removed_actions
        from iam_catalog.facts.names import known_action

        for removal in removed_actions(connection, known_action(connection, action)):
            found = ask_before(connection, removal, _current_source)
    assert found is not None, "known_action returns current and removed actions only"
    return found


def _current_source(
    connection: sqlite3.Connection, action: str
) -> tuple[str | None, str | None] | None:
    row: tuple[str | None, str | None] | None = connection.execute(
        "select dependents_page, last_date from actions"
        " left join pages on pages.page = dependents_page where action = ?",
        (action,),
    ).fetchone()
    return row


def required_by(connection: sqlite3.Connection, action: str) -> list[str]:
    """List the actions that need *action*, sorted, and never itself.

    Also for an action of a service that the catalog does not hold. Raises `UnknownAction` for a
    name that a known service does not have and no action lists.

    >>> "connect:CreateInstance" in required_by("iam:CreateServiceLinkedRole")
    True
    """
    rows = connection.execute(
        "select action from dependent_actions where dependent_action = ? and needed"
        " order by action",
        (action,),
    ).fetchall()
    if not rows:
        from iam_catalog.names import split_action_name

        prefix, _ = split_action_name(action)
        if connection.execute(
            "select 1 from services where service_prefix = ?", (prefix,)
        ).fetchone():
            from iam_catalog.facts.names import known_action

            known_action(connection, action)
    return [name for (name,) in rows]
