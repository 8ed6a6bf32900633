"""Condition keys: how services define them, and which documented key a key in a policy is."""

from __future__ import annotations

from iam_catalog.facts.names import known_service
from iam_catalog.facts.rows import SOURCE, source

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from iam_catalog.records import ConditionKey


def condition_keys(
    connection: sqlite3.Connection, service_prefix: str | None = None
) -> list[ConditionKey]:
    """List what the sources of a service, or all of them, define as condition keys, sorted by key.

    One record for each definition. Raises `UnknownServicePrefix`.

    >>> condition_keys("connect")
    []
    """
    from iam_catalog.records import ConditionKey

    where, values = "", list[str]()
    if service_prefix is not None:
        where = "where keys.service_prefix = ?"
        values = [known_service(connection, service_prefix)]
    rows = connection.execute(
        "select key_as_written, keys.service_prefix, type, description, keys.url, first_seen,"
        f" last_seen, pages.page, line, place, {SOURCE}"
        " from condition_key_definitions as keys join pages on pages.page = keys.page"
        f" {where} order by condition_key, keys.service_prefix, keys.page, line, definition",
        values,
    )
    return [
        ConditionKey(key, prefix, kind, description, url, source(place), first_seen, last_seen)
        for key, prefix, kind, description, url, first_seen, last_seen, *place in rows
    ]


def known_condition_key(connection: sqlite3.Connection, key: str) -> str:
    """Return the documented key that *key* is, or is a case of; the longest one of several.

    `aws:RequestTag/team` is a case of `aws:RequestTag/${TagKey}`. Raises `UnknownConditionKey`.
    """
    return known_condition_keys(connection, key)[0]


def known_condition_keys(connection: sqlite3.Connection, key: str) -> list[str]:
    """Return every documented key that *key* is a case of, the longest first; only *key* itself,
    if it is documented so.

    Raises `UnknownConditionKey`.
    """
    row = connection.execute(
        "select condition_key from condition_keys where condition_key = ?", (key,)
    ).fetchone()
    if row:
        return [row[0]]
    prefix, colon, _ = key.partition(":")
    rows = connection.execute(
        "select condition_key from condition_keys where condition_key >= ? and condition_key < ?",
        (f"{prefix}:", f"{prefix};"),  # `;` follows `:`
    )
    found = KeyPatterns([name for (name,) in rows]).matching(key) if colon else []
    if not found:
        from iam_catalog.facts.unknown import unknown_condition_key

        raise unknown_condition_key(connection, key)
    return sorted(found, key=lambda name: (-len(name), name))


class KeyPatterns:
    """Documented keys with a placeholder, to find those that a key in a policy is a case of."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.by_prefix: dict[str, list[tuple[str, str, str]]] = {}
        """By service prefix in lower case: each key, with the text before and after its
        placeholder in lower case."""
        for key in keys:
            around = placeholder(key.lower())
            if around is not None:
                prefix = key.lower().partition(":")[0]
                self.by_prefix.setdefault(prefix, []).append((key, *around))

    def matching(self, name: str) -> list[str]:
        """Return the keys that *name* is a case of, as they were passed; case does not count.

        The text in place of the placeholder has at least one character. A key matches itself.
        """
        name = name.lower()
        return [
            key
            for key, before, after in self.by_prefix.get(name.partition(":")[0], ())
            if name.startswith(before)
            and name.endswith(after)
            and len(name) > len(before) + len(after)
        ]


def placeholder(key: str) -> tuple[str, str] | None:
    """Return the text before and after the placeholder of a documented key; None without one.

    Pages write it `${TagKey}`, `<key>` or `tag-key`, or leave it out after the slash.

    >>> placeholder("s3:ExistingObjectTag/<key>")
    ('s3:ExistingObjectTag/', '')
    """
    for start, end in (("${", "}"), ("<", ">")):
        before, found, rest = key.partition(start)
        if found and end in rest:
            return before, rest.partition(end)[2]
    if key.endswith("/tag-key"):
        return key.removesuffix("tag-key"), ""
    return (key, "") if key.endswith("/") else None
