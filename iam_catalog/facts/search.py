"""Full-text search over the names, the words in them, and the descriptions."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from iam_catalog.records import SearchResult

KINDS = {
    "services": "service",
    "actions": "action",
    "resource_types": "resource type",
    "condition_keys": "condition key",
}
"""What each table with a full-text index holds."""
_NUMBERED = "numbered_"
"""Begins the names of the tables whose rows the search indexes of a past date number."""
_MOST_RESULTS = 2**63 - 1
"""SQLite knows no higher number."""


def search(connection: sqlite3.Connection, text: str, *, limit: int = 100) -> list[SearchResult]:
    """Find services, actions, resource types and condition keys that have every word of *text*.

    Words may be cut short, and are found in the parts of a name too: `create inst` finds
    `connect:CreateInstance`. Within a kind, those whose name has all the words come first; at most
    *limit* of each. A text without a letter or digit finds nothing.

    >>> [found.name for found in search("stop contact")][:1]
    ['connect:StopContact']
    """
    from iam_catalog.records import SearchResult
    from iam_catalog.schema import SEARCHED

    if not isinstance(limit, int) or abs(limit) > _MOST_RESULTS:
        from iam_catalog.errors import CatalogError

        raise CatalogError(
            f"{limit!r} is not a number of results: write a whole number, for example 100."
        )
    if not isinstance(text, str):  # a list of letters would be a text, too
        raise TypeError(text)
    query = search_query(text)
    if not query:
        return []
    numbered = _NUMBERED if _answers_at_a_date(connection) else ""
    if numbered:
        with_indexes(connection)
    return [
        SearchResult(KINDS[table], *row)
        for table, key, description in SEARCHED
        for row in connection.execute(
            f"select found.{key}, {f'found.{description}' if description else 'null'}"
            f" from {table}_fts"
            f" join {numbered}{table} as found on found.rowid = {table}_fts.rowid"
            f" where {table}_fts match ? order by {table}_fts.rowid not in"
            f" (select rowid from {table}_fts where {table}_fts match ?),"
            f" bm25({table}_fts), found.{key} collate nocase limit ?",
            (query, f"{{{key} words}} : ({query})", limit),
        )
    ]


def search_query(text: str) -> str:
    """Convert *text* to an FTS5 query: each word quoted, so that no character has a meaning, and
    as the start of a word."""
    words = "".join(letter if letter.isalnum() else " " for letter in text).split()
    return " ".join(f'"{word}"*' for word in words)


def names_starting_with(connection: sqlite3.Connection, table: str, text: str) -> list[str]:
    """List the names in one of the searched tables that start with *text*, whatever its case."""
    from iam_catalog.schema import SEARCHED

    column = next(key for name, key, _ in SEARCHED if name == table)
    rows = connection.execute(
        f"select {column} from {table} where substr({column}, 1, length(?1)) = ?1 collate nocase"
        " order by 1",
        (text,),
    )
    return [name for (name,) in rows]


def _answers_at_a_date(connection: sqlite3.Connection) -> bool:
    """Return True if temporary views hide the tables that the search indexes were made of."""
    sql = "select exists (select 1 from sqlite_temp_master where name = 'actions')"
    return bool(connection.execute(sql).fetchone()[0])


def with_indexes(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Give a connection that answers as of a date its search indexes, and return it."""
    from iam_catalog import schema
    from iam_catalog.facts.lookup import other_names
    from iam_catalog.names import name_words, service_words

    if connection.execute("select 1 from sqlite_temp_master where name = 'actions_fts'").fetchone():
        return connection
    connection.executescript(schema.SEARCH.replace("virtual table ", "virtual table temp."))
    for table, key, column in schema.SEARCHED:
        description = column or "null"
        connection.execute(
            f"create temp table {_NUMBERED}{table} as select * from {table} order by {key}"
        )
        rows = connection.execute(
            f"select rowid, {key}, {description} from {_NUMBERED}{table}"
        ).fetchall()
        words = {name: name_words(name) for _, name, _ in rows}
        if table == "services":
            words = {name: service_words(name, other_names(connection, name)) for name in words}
        connection.executemany(
            f"insert into temp.{table}_fts(rowid, {key}, words, description) values (?, ?, ?, ?)",
            [(rowid, name, words[name], text) for rowid, name, text in rows],
        )
    connection.commit()  # of the temporary tables: inserting began a transaction
    return connection
