"""What condition keys and resource types are used for: by which actions, and on which resources."""

from __future__ import annotations

from dataclasses import dataclass

from iam_catalog.errors import UnknownConditionKey
from iam_catalog.facts.entities import SOURCE, action, resource_type, source, unique
from iam_catalog.facts.names import known_condition_key
from iam_catalog.policy.grammar.global_keys import GLOBAL_KEYS
from iam_catalog.records import ConditionKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from iam_catalog.records import Action

_DEFINITIONS = (
    "select key_as_written, keys.service_prefix, type, description, keys.url, first_seen,"
    f" last_seen, pages.page, line, place, {SOURCE}"
    " from {past}condition_key_definitions as keys join pages on pages.page = keys.page"
    " where condition_key = ? {when} order by keys.service_prefix, keys.page, line"
)


@dataclass(frozen=True, slots=True)
class KeyWithUses:
    """A condition key, what sources define it as, and what has it."""

    condition_key: str
    is_global: bool
    """It is one of AWS's global keys. Requests have those whatever the action, except the keys of
    tags, for which sources list actions and resource types."""
    types: tuple[str, ...]
    """AWS's words, of AWS's page of global keys and of all definitions."""
    actions: tuple[str, ...]
    """The actions for which sources list it, on a row of the action or for a resource type."""
    resource_types: tuple[str, ...]
    definitions: tuple[ConditionKey, ...]
    """One for each wording of each service; of a removed key, as they were when it went."""
    first_seen: str | None
    last_seen: str | None
    removed: str | None
    """The date since which no source defines it."""
    removed_by: str | None
    """The public dataset whose word that is; `None` where it is AWS's own."""


def condition_key(connection: sqlite3.Connection, name: str) -> KeyWithUses:
    """Look a condition key up, in any case.

    `aws:RequestTag/team` is answered with the key that it is a case of. One of AWS's global keys is
    known without any source that defines it. Raises `UnknownConditionKey` with the nearest names.
    """
    spelled = _global_name(name)
    key, removed, removed_by = _current_or_removed(connection, name, spelled)
    sql = _DEFINITIONS.format(
        past="past_" if removed else "", when="and removed is not null" if removed else ""
    )
    definitions = tuple(
        [
            ConditionKey(written, prefix, kind, description, url, source(place), first, last)
            for written, prefix, kind, description, url, first, last, *place in connection.execute(
                sql, (key,)
            )
        ]
    )
    uses = "select distinct action from condition_key_uses where condition_key = ? order by action"
    types = (
        "select resource_type from resource_type_condition_keys where condition_key = ?"
        " order by resource_type"
    )
    return KeyWithUses(
        key,
        spelled is not None,
        tuple(
            dict.fromkeys(
                (
                    *GLOBAL_KEYS.get(spelled or "", ()),
                    *(each.type for each in definitions if each.type),
                )
            )
        ),
        unique([row[0] for row in connection.execute(uses, (key,))]),
        unique([row[0] for row in connection.execute(types, (key,))]),
        definitions,
        min(filter(None, (each.first_seen for each in definitions)), default=None),
        max(filter(None, (each.last_seen for each in definitions)), default=None),
        removed,
        removed_by,
    )


def _global_name(name: str) -> str | None:
    """Return AWS's spelling of a global key, which *name* is, or is a case of."""
    before, slash, tag = name.lower().partition("/")
    for key in GLOBAL_KEYS:
        if key.lower() == name.lower() or (
            slash and tag and key.lower() == f"{before}/${{tagkey}}"
        ):
            return key
    return None


def _current_or_removed(
    connection: sqlite3.Connection, name: str, spelled: str | None
) -> tuple[str, str | None, str | None]:
    """Return the key, the date of its removal, and the dataset whose word that is."""
    try:
        return known_condition_key(connection, name), None, None
    except UnknownConditionKey:
        if spelled:
            return spelled, None, None
        row = connection.execute(
            "select condition_key, max(removed), removed_by from past_condition_key_definitions"
            " where condition_key = ? and removed is not null group by condition_key",
            (name,),
        ).fetchone()
        if row is None:
            raise
        return row[0], row[1], row[2]


def keys_of_action(
    connection: sqlite3.Connection, action_name: str, arn: str | None = None
) -> list[str]:
    """List the condition keys that an action has, sorted; with *arn*, on that resource.

    A key beside a resource type, and a key of the type itself, holds for resources of that type
    alone; a key on a row without a type holds for all (Service Authorization Reference, "Actions,
    resources, and condition keys for AWS services", section "The actions table"). Global keys are
    not listed, unless services list them. Raises `UnknownAction`, and `MalformedArn` or
    `UnknownServicePrefix` for the ARN.
    """
    facts: Action = action(connection, action_name)
    types = set(facts.resource_types or ())
    if arn is not None:
        from iam_catalog.arn.match import match_arn

        types &= {each.resource_type for each in match_arn(connection, arn)}
    keys = [
        key
        for row in facts.rows
        if row.resource_type is None or row.resource_type in types
        for key in row.condition_keys
    ]
    for name in types:
        keys += _keys_of_type(connection, name)
    return sorted(unique(keys), key=str.lower)


def _keys_of_type(connection: sqlite3.Connection, name: str) -> tuple[str, ...]:
    """Return the keys of a resource type; none of one that no source defines."""
    from iam_catalog.errors import UnknownResourceType

    try:
        return resource_type(connection, name).condition_keys
    except UnknownResourceType:
        return ()


def actions_without_types(connection: sqlite3.Connection) -> set[str]:
    """Return the actions that take no resource type, so that policies give them on `*` alone.

    Actions of which no held source has the resource types are left out: theirs are not known.
    """
    rows = connection.execute(
        "select action from action_rows group by action having count(resource_type_name) = 0"
    )
    return {name for (name,) in rows}
