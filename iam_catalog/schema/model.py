"""Define what a declaration is made of: columns, tables, views, indexes, full-text indexes.

The classes are written out, because a search and every question about the past load them, and
`dataclasses` takes longer to import than SQLite.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

STRING, INTEGER, BOOLEAN, DATE = "string", "integer", "boolean", "date"
"""The types of columns, in the words of Table Schema. SQLite has neither booleans nor dates: it
stores 0 or 1, and ISO 8601 texts."""


class Column:
    """A column of a table or view.

    The description is a sentence for people. It says "empty" for NULL and starts with "1 where" for
    a boolean. What is in double braces is for readers of the site alone: links, filters.

    *kind* is `STRING`, `INTEGER`, `BOOLEAN` or `DATE`. With *null* it can be NULL: absent, or
    unknown. With *nocase* it compares without case, as IAM does. *references* is the
    `table.column` of the key that it holds, *values* are the only ones that it can have; *filled*
    rules out empty texts. It is not *exported* if it numbers rows, and so differs where the catalog
    is built from more sources.
    """

    def __init__(
        self,
        name: str,
        kind: str,
        description: str,
        *,
        null: bool = False,
        nocase: bool = False,
        references: str = "",
        values: tuple[str, ...] = (),
        filled: bool = False,
        unique: bool = False,
        default: int | None = None,
        exported: bool = True,
    ) -> None:
        self.name: Final = name
        self.type: Final = kind
        self.description: Final = description
        self.null: Final = null
        self.nocase: Final = nocase
        self.references: Final = references
        self.values: Final = values
        self.filled: Final = filled
        self.unique: Final = unique
        self.default: Final = default
        self.exported: Final = exported

    def bare(self) -> Column:
        """Return it without the rules of its table, as a view or a table of the past has it."""
        return Column(self.name, self.type, self.description, null=True, nocase=self.nocase)


class Reference:
    """A column that holds keys of another table, letter by letter."""

    def __init__(self, column: str, table: str, key: str) -> None:
        self.column: Final = column
        self.table: Final = table
        self.key: Final = key


class Table:
    """A table.

    *group* is the part of docs/schema.md that it belongs to, a key of `documents.GROUPS`. The
    description says what its rows are, with double braces as in that of a `Column`. *key* are the
    columns that identify a row. It has SQLite's hidden number of the row where *rowid* says so, by
    default where the key is one column. *checks* are conditions that each row meets, in SQL. With
    *past*, a table `past_…` holds the rows that later sources replaced or no longer state.

    The rest is for Datasette: *label* is the column that is shown in place of a key that refers to
    the table; *facets*, *sort* and *hidden* are its own words.
    """

    def __init__(
        self,
        name: str,
        group: str,
        description: str,
        columns: tuple[Column, ...],
        *,
        key: tuple[str, ...],
        rowid: bool | None = None,
        checks: tuple[str, ...] = (),
        past: bool = False,
        label: str | None = None,
        facets: tuple[str, ...] = (),
        sort: str | None = None,
        descending: bool = False,
        hidden: bool = False,
    ) -> None:
        self.name: Final = name
        self.group: Final = group
        self.description: Final = description
        self.columns: Final = columns
        self.key: Final = key
        self.rowid: Final = len(key) == 1 if rowid is None else rowid
        self.checks: Final = checks
        self.past: Final = past
        self.label: Final = label
        self.facets: Final = facets
        self.sort: Final = sort
        self.descending: Final = descending
        self.hidden: Final = hidden

    @property
    def references(self) -> tuple[Reference, ...]:
        """Its references to other tables, by column."""
        found = [
            Reference(column.name, *column.references.split("."))
            for column in self.columns
            if column.references
        ]
        return tuple(sorted(found, key=lambda each: each.column))

    def required(self, column: Column) -> bool:
        """Return True if *column* is never NULL."""
        return not column.null

    def pick(self, *names: str) -> tuple[Column, ...]:
        """Return copies of some columns for a view that shows them as they are."""
        by_name = {column.name: column for column in self.columns}
        return tuple([by_name[name].bare() for name in names])

    def exported(self) -> Table:
        """Return it with the columns of an export. A key that one of the others is part of goes."""
        columns = tuple([column for column in self.columns if column.exported])
        names = {column.name for column in columns}
        key = self.key if names.issuperset(self.key) else ()
        return Table(self.name, self.group, self.description, columns, key=key)


class View:
    """A view: *select* is its query, without a semicolon. It has no key and no references."""

    label = None
    descending = False
    hidden = False
    key: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()

    def __init__(
        self,
        name: str,
        group: str,
        description: str,
        columns: tuple[Column, ...],
        select: str,
        *,
        facets: tuple[str, ...] = (),
        sort: str | None = None,
    ) -> None:
        self.name: Final = name
        self.group: Final = group
        self.description: Final = description
        self.columns: Final = columns
        self.select: Final = select
        self.facets: Final = facets
        self.sort: Final = sort

    def required(self, _: Column) -> bool:
        """Return False: SQLite knows of no column of a view that it is never NULL."""
        return False

    def exported(self) -> View:
        """Return itself: an export has all columns of a view."""
        return self


class Index:
    """An index on columns of a table, or on expressions of them, of the rows that meet *where*."""

    def __init__(self, name: str, table: str, by: tuple[str, ...], *, where: str = "") -> None:
        self.name: Final = name
        self.table: Final = table
        self.by: Final = by
        self.where: Final = where


class FullText:
    """A full-text index of the names of a table with the words in them, and of its descriptions.

    Both are found under the columns of the table, which has the values: an index with columns of
    its own would have to store the texts a second time.

    *described* is the column of descriptions, or of what comes nearest; None where there is none.
    *words* says whose words it has ("of the action's name").
    """

    def __init__(self, table: str, key: str, described: str | None, words: str) -> None:
        self.name: Final = f"{table}_fts"
        self.table: Final = table
        self.key: Final = key
        self.described: Final = described
        self.columns: Final = (key,) if described is None else (key, described)
        self.words: Final = words


def past_of(table: Table) -> Table:
    """Derive the table of past rows: the same columns without rules, and how each row ended."""
    return Table(
        f"past_{table.name}",
        table.group,
        f"Rows of {table.name} that later sources replaced, from valid_from until the date in "
        "until; where removed is set, no source stated the fact any more. No row: nothing was ever "
        "replaced.",
        (*[column.bare() for column in table.columns], UNTIL, REMOVED, REMOVED_BY),
        key=(),
        hidden=True,
    )


UNTIL = Column("until", DATE, "Date (ISO 8601) of the sources that replaced the row.")
REMOVED = Column(
    "removed",
    DATE,
    "Date (ISO 8601) since which no source states the fact; empty where a later source states it "
    "otherwise.",
    null=True,
)
REMOVED_BY = Column(
    "removed_by",
    STRING,
    "Name and version of the public dataset that no longer states the fact; empty where that is "
    "the word of AWS's own pages, and where the fact goes on.",
    null=True,
)


def site_text(text: str) -> str:
    """Return a description for readers of the site."""
    return text.replace("{{", "").replace("}}", "")


def without_site(text: str) -> str:
    """Return a description for readers elsewhere, without what is for the site alone."""
    start, _, rest = text.partition("{{")
    return start + without_site(rest.partition("}}")[2]) if rest else start
