"""The columns that AWS's tables have had, and the shapes of their rows.

A table is known by its header, a row by the number of its cells: cells that span several rows
(HTML), or that a converter left out (Markdown made from such HTML), make short rows.
"""

from __future__ import annotations

from scraper.page.tables import Cell, Row, Table

DESCRIPTION = "description"
ACCESS_LEVEL = "access level"
RESOURCE_TYPES = "resource types (*required)"
CONDITION_KEYS = "condition keys"
DEPENDENT_ACTIONS = "dependent actions"
SDK_CLIENT = "sdk client"
IAM_ACTION = "iam action"
CONDITION_KEY = "condition key"
POSSIBLE_VALUES = "possible value(s)"
ARN = "arn"
TYPE = "type"

NAME = ""
"""The first column, whatever its header says: the name of what the row is about."""

AUTHORIZED = (IAM_ACTION, CONDITION_KEY, POSSIBLE_VALUES, ACCESS_LEVEL)

FIRST_HEADERS = {
    "actions": {"", "actions"},
    "resource_types": {"", "resource types"},
    "condition_keys": {"", "condition keys"},
}
"""What the first header may be; empty where a list stands for the table. Only converters have
made tables of operations, under any first header."""

Columns = tuple[str, ...]

LIST_HEADERS = {
    *(DESCRIPTION, ACCESS_LEVEL, RESOURCE_TYPES, CONDITION_KEYS, DEPENDENT_ACTIONS, SDK_CLIENT),
    *(IAM_ACTION, CONDITION_KEY, POSSIBLE_VALUES, ARN, TYPE),
}
"""What a bold text that ends in a colon must say to be a header in a list."""

SHORT_ROWS: dict[str, dict[Columns, tuple[Columns, ...]]] = {
    "actions": {
        # to 2026-07: continuation rows, and scenario rows that start in the description column
        (DESCRIPTION, ACCESS_LEVEL, RESOURCE_TYPES, CONDITION_KEYS, DEPENDENT_ACTIONS): (
            (RESOURCE_TYPES, CONDITION_KEYS, DEPENDENT_ACTIONS),
            (DESCRIPTION, ACCESS_LEVEL, RESOURCE_TYPES, CONDITION_KEYS, DEPENDENT_ACTIONS),
        ),
        (DESCRIPTION, RESOURCE_TYPES, CONDITION_KEYS, ACCESS_LEVEL): (
            (RESOURCE_TYPES, CONDITION_KEYS),
            (DESCRIPTION, RESOURCE_TYPES, CONDITION_KEYS, ACCESS_LEVEL),
        ),
    },
    "resource_types": {(ARN, CONDITION_KEYS): ()},
    "condition_keys": {(DESCRIPTION, TYPE): ()},
    "operations": {AUTHORIZED: (AUTHORIZED,), (SDK_CLIENT, *AUTHORIZED): (AUTHORIZED,)},
}
"""For each section, the columns behind the first one that a table may have, with the columns that
a short row of such a table stands for."""

DETAILS: dict[str, dict[str, tuple[str, ...]]] = {
    "actions": {
        NAME: ("permission_only", "addresses"),
        DESCRIPTION: ("descriptions", "scenarios"),
        ACCESS_LEVEL: ("access_levels",),
        RESOURCE_TYPES: ("row_pairing", "required"),
        DEPENDENT_ACTIONS: ("dependent_actions",),
    },
    "resource_types": {NAME: ("addresses",)},
    "condition_keys": {
        NAME: ("addresses",),
        DESCRIPTION: ("key_descriptions",),
        TYPE: ("key_types",),
    },
}
"""Which of `pages.DETAILS` each column of a section has a place for: the mark of a permission-only
action stands behind its name, the name of a scenario in the place of a description."""

Cells = dict[str, Cell]


def is_known_table(section: str, table: Table) -> bool:
    """The table has a header that the section is known to have."""
    first, others = table.columns[:1], table.columns[1:]
    named = section == "operations" or (bool(first) and first[0] in FIRST_HEADERS[section])
    return named and others in SHORT_ROWS[section]


def cells_by_column(section: str, table: Table, row: Row) -> Cells | None:
    """The cells of a row by their column; None for a row of a shape that is not known.

    A short row has no `NAME`: it goes on with the item above.
    """
    columns = (NAME, *table.columns[1:])
    if len(row.cells) == len(columns):
        return dict(zip(columns, row.cells, strict=True))
    for short in SHORT_ROWS[section][columns[1:]]:
        if len(row.cells) == len(short):
            return dict(zip(short, row.cells, strict=True))
    return None


def details_of(section: str, table: Table) -> set[str]:
    """Name those of `pages.DETAILS` that the columns of a table have a place for."""
    known = DETAILS.get(section, {})
    return {detail for column in (NAME, *table.columns[1:]) for detail in known.get(column, ())}
