"""What condition keys and resource types are used for: by which actions, and on which resources."""

from __future__ import annotations

from iam_catalog.errors import UnknownConditionKey
from iam_catalog.facts.global_keys import GLOBAL_KEYS
from iam_catalog.facts.keys import known_condition_key
from iam_catalog.facts.removed import last_record, removed_condition_keys
from iam_catalog.facts.rows import SOURCE, source, unique
from iam_catalog.records import ConditionKey, KeyWithUses

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3


_DEFINITIONS = (
    "select key_as_written, keys.service_prefix, type, description, keys.url, first_seen,"
    f" last_seen, pages.page, line, place, {SOURCE}"
    " from condition_key_definitions as keys join pages on pages.page = keys.page"
    " where condition_key = ? order by keys.service_prefix, keys.page, line"
)


def condition_key(connection: sqlite3.Connection, name: str) -> KeyWithUses:
    """Look a condition key up, in any case.

    `aws:RequestTag/team` is answered with the key that it is a case of. One of AWS's global keys is
    known without any source that defines it. Raises `UnknownConditionKey` with the nearest names.

    >>> condition_key("aws:sourceip").types
    ('IPAddress',)
    """
    spelled = _global_name(name)
    try:
        key = known_condition_key(connection, name)
    except UnknownConditionKey:
        if spelled is None:
            gone = removed_condition_keys(connection, name)
            if not gone:
                raise
            return last_record(connection, gone[0], condition_key)
        key = spelled
    definitions = tuple(
        [
            ConditionKey(written, prefix, kind, description, url, source(place), first, last)
            for written, prefix, kind, description, url, first, last, *place in connection.execute(
                _DEFINITIONS, (key,)
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
        None,
        None,
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
