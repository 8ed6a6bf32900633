"""Read the rows of AWS's tables into the records of a page.

A table is known by its header, a row by the number of its cells: cells that span several rows
(HTML), or that a converter left out (Markdown made from such HTML), make short rows. Each source
row becomes a record or an error: none is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from scraper.page.cells import (
    DEPENDENT_ACTION,
    SCENARIO,
    Name,
    is_action_name,
    is_arn_format,
    mend_links,
    read_access_levels,
    read_arn_formats,
    read_dependent_actions,
    read_keys,
    read_name,
    read_starred_names,
)
from scraper.page.model import (
    PageAction,
    PageActionRow,
    PageAuthorizedAction,
    PageConditionKey,
    PageOperation,
    PageResourceType,
)
from scraper.page.report import Report
from scraper.page.tables import EMPTY, Cell, PageTable, Row

DESCRIPTION = "description"
_ACCESS_LEVEL = "access level"
RESOURCE_TYPES = "resource types (*required)"
CONDITION_KEYS = "condition keys"
DEPENDENT_ACTIONS = "dependent actions"
SDK_CLIENT = "sdk client"
_IAM_ACTION = "iam action"
CONDITION_KEY = "condition key"
_POSSIBLE_VALUES = "possible value(s)"
ARN = "arn"
_TYPE = "type"

NAME = ""
"""The first column, whatever its header says: the name of what the row is about."""

_AUTHORIZED = (_IAM_ACTION, CONDITION_KEY, _POSSIBLE_VALUES, _ACCESS_LEVEL)

_FIRST_HEADERS = {
    "actions": {"", "actions"},
    "resource_types": {"", "resource types"},
    "condition_keys": {"", "condition keys"},
}
"""What the first header may be; empty for a list in place of a table. Only converters have
made tables of operations, under any first header."""

Columns = tuple[str, ...]

LIST_HEADERS = {
    *(DESCRIPTION, _ACCESS_LEVEL, RESOURCE_TYPES, CONDITION_KEYS, DEPENDENT_ACTIONS, SDK_CLIENT),
    *(_IAM_ACTION, CONDITION_KEY, _POSSIBLE_VALUES, ARN, _TYPE),
}
"""Bold texts that are headers in a list, where they end in a colon."""

_SHORT_ROWS: dict[str, dict[Columns, tuple[Columns, ...]]] = {
    "actions": {
        # to 2026-07: continuation rows, and scenario rows that start in the description column
        (DESCRIPTION, _ACCESS_LEVEL, RESOURCE_TYPES, CONDITION_KEYS, DEPENDENT_ACTIONS): (
            (RESOURCE_TYPES, CONDITION_KEYS, DEPENDENT_ACTIONS),
            (DESCRIPTION, _ACCESS_LEVEL, RESOURCE_TYPES, CONDITION_KEYS, DEPENDENT_ACTIONS),
        ),
        (DESCRIPTION, RESOURCE_TYPES, CONDITION_KEYS, _ACCESS_LEVEL): (
            (RESOURCE_TYPES, CONDITION_KEYS),
            (DESCRIPTION, RESOURCE_TYPES, CONDITION_KEYS, _ACCESS_LEVEL),
        ),
    },
    "resource_types": {(ARN, CONDITION_KEYS): ()},
    "condition_keys": {(DESCRIPTION, _TYPE): ()},
    "operations": {_AUTHORIZED: (_AUTHORIZED,), (SDK_CLIENT, *_AUTHORIZED): (_AUTHORIZED,)},
}
"""For each section, the columns behind the first one that a table may have, with the columns that
a short row of such a table has."""

DETAILS: dict[str, dict[str, tuple[str, ...]]] = {
    "actions": {
        NAME: ("permission_only", "addresses"),
        DESCRIPTION: ("descriptions", "scenarios"),
        _ACCESS_LEVEL: ("access_levels",),
        RESOURCE_TYPES: ("row_pairing", "required"),
        DEPENDENT_ACTIONS: ("dependent_actions",),
    },
    "resource_types": {NAME: ("addresses",)},
    "condition_keys": {
        NAME: ("addresses",),
        DESCRIPTION: ("key_descriptions",),
        _TYPE: ("key_types",),
    },
}
"""Which of `model.DETAILS` each column of a section has a place for: the mark of a permission-only
action is behind its name, the name of a scenario in the place of a description."""

Cells = dict[str, Cell]


def is_known_table(section: str, table: PageTable) -> bool:
    """Return True if the table has a header that the section is known to have."""
    first, others = table.columns[:1], table.columns[1:]
    named = section == "operations" or (bool(first) and first[0] in _FIRST_HEADERS[section])
    return named and others in _SHORT_ROWS[section]


def _cells_by_column(section: str, table: PageTable, row: Row) -> Cells | None:
    """Return the cells of a row by their column; None for a row of a shape that is not known.

    A short row has no `NAME`: it goes on with the item above.
    """
    columns = (NAME, *table.columns[1:])
    if len(row.cells) == len(columns):
        return dict(zip(columns, row.cells, strict=True))
    for short in _SHORT_ROWS[section][columns[1:]]:
        if len(row.cells) == len(short):
            return dict(zip(short, row.cells, strict=True))
    return None


def details_of(section: str, table: PageTable) -> set[str]:
    """Name those of `model.DETAILS` that the columns of a table have a place for."""
    known = DETAILS.get(section, {})
    return {detail for column in (NAME, *table.columns[1:]) for detail in known.get(column, ())}


_OF_THE_ACTION = (NAME, DESCRIPTION, _ACCESS_LEVEL)
"""The columns that all rows of an action share."""


def read_actions(
    table: PageTable, report: Report, *, permission_only: bool = False
) -> list[PageAction]:
    """Return the actions of a table: a full row starts one, and the rows below belong to it.

    *permission_only* is said of every action by the heading of the section since 2026-07.
    """
    actions: list[PageAction] = []
    orphaned = True
    for row, cells in _whole_rows("actions", table, report):
        if NAME in cells and not _continues_above(row, cells):
            action = _read_action(row, cells, table, report)
            orphaned = action is None
            if action:
                actions.append(replace(action, permission_only=True) if permission_only else action)
        elif orphaned:
            report.row_error("actions", row, "unknown-row-shape", quote(row))
        elif (further := _read_further_rows(row, cells, table, report)) is not None:
            actions[-1] = replace(actions[-1], rows=actions[-1].rows + further)
            if actions[-1].name:
                report.recorded("actions", row)
            else:
                report.row_error("actions", row, "no-name", "belongs to a row without a name")
    return actions


def _whole_rows(section: str, table: PageTable, report: Report) -> Iterator[tuple[Row, Cells]]:
    """Yield rows with their cells by column; all are counted, and the others reported."""
    report.found(section, len(table.rows))
    if detached := [row.line for row in table.rows if row.detached]:
        text = f"a blank line stands between a table and {len(detached)} of its rows"
        report.problem(detached[0], "detached-rows", text)
    for row in table.rows:
        cells = _cells_by_column(section, table, row)
        if cells is not None:
            cells = _mended_links(cells, row, report)
        if not row.closed:
            report.row_error(section, row, "unclosed-row", quote(row))
        elif cells is None:
            report.row_error(section, row, "unknown-row-shape", quote(row))
        else:
            yield row, cells


def _mended_links(cells: Cells, row: Row, report: Report) -> Cells:
    """Return *cells*, with links that Markdown did not take for links as links again."""
    mended = {}
    for column, cell in cells.items():
        if column != DESCRIPTION and "](" in cell.text:
            mended[column] = mend_links(cell)
            report.problem(row.line, "broken-link", repr(cell.text))
    return {**cells, **mended}


def quote(row: Row) -> str:
    """Return the row for a message: its cells, shortened."""
    text = " | ".join(cell.text for cell in row.cells)
    return f"{len(row.cells)} cells: {text[:120]!r}"


def _read_action(row: Row, cells: Cells, table: PageTable, report: Report) -> PageAction | None:
    """Return the action that a full row starts; None where the row is an error without a record."""
    levels = _checked_levels("actions", cells[_ACCESS_LEVEL], row, report)
    if levels is None:
        return None
    rows = _pair_rows(None, cells, row, table, report)
    if rows is None:
        return None
    name = _checked_name("actions", read_name(cells[NAME]), row, report)
    if name.text and not levels:
        report.problem(row.line, "blank-access-level", f"{name.text} has no access level")
    return PageAction(
        name.text,
        cells[DESCRIPTION].text or None,
        levels,
        name.permission_only,
        name.url,
        row.item_line or row.line,
        rows,
        DEPENDENT_ACTIONS in table.columns,
    )


def _checked_levels(section: str, cell: Cell, row: Row, report: Report) -> tuple[str, ...] | None:
    """Return the access levels of a cell; None, with an error, for a word that is not AWS's."""
    levels = read_access_levels(cell)
    if levels is None:
        text = f"{cell.text!r} is none of AWS's access levels"
        report.row_error(section, row, "unknown-access-level", text)
    return levels


def _read_further_rows(
    row: Row, cells: Cells, table: PageTable, report: Report
) -> tuple[PageActionRow, ...] | None:
    """Return what a row below the first adds to the action: resource types, or a scenario's."""
    text = cells.get(DESCRIPTION, EMPTY).text
    if scenario := SCENARIO.match(text):
        return _pair_rows(text[scenario.end() :], cells, row, table, report)
    is_strange = DESCRIPTION in cells and not _continues_above(row, cells)
    if is_strange or _is_cut_short(cells, row, table):
        report.row_error("actions", row, "unknown-row-shape", quote(row))
        return None
    return _pair_rows(None, cells, row, table, report)


def _continues_above(row: Row, cells: Cells) -> bool:
    """Return True if the row continues the action above: blank first cells, or a list, say so."""
    blank = all(column in cells and not cells[column].text for column in _OF_THE_ACTION)
    return row.continues or (blank and bool(cells[RESOURCE_TYPES].text))


def _is_cut_short(cells: Cells, row: Row, table: PageTable) -> bool:
    """Return True for a full row that lost its pipes: it looks short, but starts with a name.

    Resource types are links within the page in every short row that a converter wrote.
    """
    if row.continues or table.loose_space:
        return False
    return any(not (piece.url or "").startswith("#") for piece in cells[RESOURCE_TYPES].pieces)


def _pair_rows(
    scenario: str | None, cells: Cells, row: Row, table: PageTable, report: Report
) -> tuple[PageActionRow, ...] | None:
    """Return one row for each resource type; the first has the keys and dependent actions.

    None where a dependent action is no name: the row is an error then.
    """
    types: list[tuple[str | None, bool]] = [*read_starred_names(cells[RESOURCE_TYPES])]
    keys = read_keys(cells[CONDITION_KEYS], loose_space=table.loose_space)
    dependents = read_dependent_actions(cells.get(DEPENDENT_ACTIONS, EMPTY))
    for text in dependents:
        if not DEPENDENT_ACTION.fullmatch(text):
            report.row_error("actions", row, "malformed-dependent-action", repr(text))
            return None
    if any(not name for name, _ in types):
        report.row_error("actions", row, "no-name", f"a resource type in {quote(row)}")
        return None
    first, *others = types or [(None, False)]
    return (
        PageActionRow(scenario, *first, keys, dependents, row.line),
        *(PageActionRow(scenario, *other, (), (), row.line) for other in others),
    )


def _checked_name(section: str, name: Name, row: Row, report: Report) -> Name:
    """Return the name, with its problems reported; an unusable one makes the row an error."""
    if name.text is None or not name.text.isprintable() or _is_no_name(section, name.text):
        kind = "malformed-name" if name.text else name.problem or "no-name"
        report.row_error(section, row, kind, repr(name.text or name.url or ""))
        return replace(name, text=None)
    report.recorded(section, row)
    if name.url and not is_web_address(name.url):
        report.problem(row.line, "unresolved-link", f"{name.text} links to {name.url!r}")
    return name


def _is_no_name(section: str, text: str) -> bool:
    return section == "actions" and not is_action_name(text)


def is_web_address(url: str) -> bool:
    """Return True if the link can be opened: absolute, without a placeholder left by AWS."""
    return re.fullmatch(r"https?://[^\s{}<>\"]+", url) is not None


def read_resource_types(table: PageTable, report: Report) -> list[PageResourceType]:
    rows = _whole_rows("resource_types", table, report)
    records = (_read_resource_type(row, cells, table, report) for row, cells in rows)
    return [record for record in records if record]


def _read_resource_type(
    row: Row, cells: Cells, table: PageTable, report: Report
) -> PageResourceType | None:
    formats = read_arn_formats(cells[ARN], loose_space=table.loose_space)
    if not formats or not all(is_arn_format(text) for text in formats):
        text = f"{cells[NAME].text}: {cells[ARN].text!r}"
        report.row_error("resource_types", row, "malformed-arn-format", text)
        return None
    name = _checked_name("resource_types", read_name(cells[NAME]), row, report)
    keys = read_keys(cells[CONDITION_KEYS], loose_space=table.loose_space)
    return PageResourceType(name.text, formats, keys, name.url, row.line)


def read_condition_keys(table: PageTable, report: Report) -> list[PageConditionKey]:
    rows = _whole_rows("condition_keys", table, report)
    return [_read_condition_key(row, cells, table, report) for row, cells in rows]


def _read_condition_key(
    row: Row, cells: Cells, table: PageTable, report: Report
) -> PageConditionKey:
    name = read_name(cells[NAME])
    if table.loose_space and name.text:
        name = replace(name, text="".join(name.text.split()))
    name = _checked_name("condition_keys", name, row, report)
    if name.text and ":" not in name.text:
        report.problem(row.line, "odd-condition-key", f"{name.text!r} has no prefix")
    return PageConditionKey(
        name.text, cells[DESCRIPTION].text or None, cells[_TYPE].text or None, name.url, row.line
    )


def read_operations(table: PageTable, report: Report) -> list[PageOperation]:
    """Return the operations of a table: a full row starts one, and the rows below belong to it."""
    operations: list[PageOperation] = []
    orphaned = True
    for row, cells in _whole_rows("operations", table, report):
        starts = NAME in cells and not row.continues
        if not starts and orphaned:
            report.row_error("operations", row, "unknown-row-shape", quote(row))
            continue
        actions = _read_authorized(row, cells, report)
        name = cells[NAME].text if starts else operations[-1].name
        if actions is not None and not name:
            report.row_error("operations", row, "no-name", quote(row))
        elif actions is not None:
            report.recorded("operations", row)
        usable = actions is not None and bool(name)
        orphaned = not usable if starts else orphaned
        if usable and starts:
            client = cells.get(SDK_CLIENT, EMPTY).text or None
            operations.append(PageOperation(name, client, row.item_line or row.line, actions or ()))
        elif usable:
            last = operations[-1]
            operations[-1] = replace(last, actions=last.actions + (actions or ()))
    return operations


def _read_authorized(
    row: Row, cells: Cells, report: Report
) -> tuple[PageAuthorizedAction, ...] | None:
    """Return the action of a row; none for an operation that needs none, None for an error."""
    action = cells[_IAM_ACTION].text
    levels = _checked_levels("operations", cells[_ACCESS_LEVEL], row, report)
    if levels is None:
        return None
    if not action:
        return ()
    if not DEPENDENT_ACTION.fullmatch(action):
        report.row_error("operations", row, "malformed-name", repr(action))
        return None
    values = tuple(text for text in cells[_POSSIBLE_VALUES].text.split(", ") if text)
    return (PageAuthorizedAction(action, cells[CONDITION_KEY].text or None, values, levels),)
