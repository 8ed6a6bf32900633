"""Rows of the actions tables -> the actions of a page.

Each source row is matched to a named shape by its number of cells, and becomes a record or an
error: none is skipped. The checks that rows of every table share stand here too.
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
    mend_links,
    read_access_levels,
    read_dependent_actions,
    read_keys,
    read_name,
    read_starred_names,
)
from scraper.page.columns import (
    ACCESS_LEVEL,
    CONDITION_KEYS,
    DEPENDENT_ACTIONS,
    DESCRIPTION,
    NAME,
    RESOURCE_TYPES,
    Cells,
    cells_by_column,
)
from scraper.page.model import Action, ActionRow
from scraper.page.report import Report
from scraper.page.tables import EMPTY, Cell, Row, Table

OF_THE_ACTION = (NAME, DESCRIPTION, ACCESS_LEVEL)
"""The columns that all rows of an action share."""


def read_actions(table: Table, report: Report, *, permission_only: bool = False) -> list[Action]:
    """The actions of a table: each full row starts one, and the rows below it belong to it.

    *permission_only* is said of every action by the heading of the section since 2026-07.
    """
    actions: list[Action] = []
    orphaned = True
    for row, cells in whole_rows("actions", table, report):
        if NAME in cells and not continues_above(row, cells):
            action = read_action(row, cells, table, report)
            orphaned = action is None
            if action:
                actions.append(replace(action, permission_only=True) if permission_only else action)
        elif orphaned:
            report.row_error("actions", row, "unknown-row-shape", quote(row))
        elif (further := read_further_rows(row, cells, table, report)) is not None:
            actions[-1] = replace(actions[-1], rows=actions[-1].rows + further)
            if actions[-1].name:
                report.recorded("actions", row)
            else:
                report.row_error("actions", row, "no-name", "belongs to a row without a name")
    return actions


def whole_rows(section: str, table: Table, report: Report) -> Iterator[tuple[Row, Cells]]:
    """The rows of a table with their cells by column; all are counted, the others reported."""
    report.found(section, len(table.rows))
    if detached := [row.line for row in table.rows if row.detached]:
        text = f"a blank line stands between a table and {len(detached)} of its rows"
        report.problem(detached[0], "detached-rows", text)
    for row in table.rows:
        cells = cells_by_column(section, table, row)
        if cells is not None:
            cells = mended_links(cells, row, report)
        if not row.closed:
            report.row_error(section, row, "unclosed-row", quote(row))
        elif cells is None:
            report.row_error(section, row, "unknown-row-shape", quote(row))
        else:
            yield row, cells


def mended_links(cells: Cells, row: Row, report: Report) -> Cells:
    """*cells*, with links that Markdown did not take for links as links again."""
    mended = {}
    for column, cell in cells.items():
        if column != DESCRIPTION and "](" in cell.text:
            mended[column] = mend_links(cell)
            report.problem(row.line, "broken-link", repr(cell.text))
    return {**cells, **mended}


def quote(row: Row) -> str:
    """The row for a message: its cells, shortened."""
    text = " | ".join(cell.text for cell in row.cells)
    return f"{len(row.cells)} cells: {text[:120]!r}"


def read_action(row: Row, cells: Cells, table: Table, report: Report) -> Action | None:
    """The action that a full row starts; None where the row is an error without a record."""
    levels = checked_levels("actions", cells[ACCESS_LEVEL], row, report)
    if levels is None:
        return None
    rows = pair_rows(None, cells, row, table, report)
    if rows is None:
        return None
    name = checked_name("actions", read_name(cells[NAME]), row, report)
    if name.text and not levels:
        report.problem(row.line, "blank-access-level", f"{name.text} has no access level")
    return Action(
        name.text,
        cells[DESCRIPTION].text or None,
        levels,
        name.permission_only,
        name.url,
        row.item_line or row.line,
        rows,
        DEPENDENT_ACTIONS in table.columns,
    )


def checked_levels(section: str, cell: Cell, row: Row, report: Report) -> tuple[str, ...] | None:
    """The access levels of a cell; None, and an error, where a word is none of AWS's five."""
    levels = read_access_levels(cell)
    if levels is None:
        text = f"{cell.text!r} is none of AWS's access levels"
        report.row_error(section, row, "unknown-access-level", text)
    return levels


def read_further_rows(
    row: Row, cells: Cells, table: Table, report: Report
) -> tuple[ActionRow, ...] | None:
    """What a row below the first adds to the action: resource types, or a scenario's."""
    text = cells.get(DESCRIPTION, EMPTY).text
    if scenario := SCENARIO.match(text):
        return pair_rows(text[scenario.end() :], cells, row, table, report)
    is_strange = DESCRIPTION in cells and not continues_above(row, cells)
    if is_strange or is_cut_short(cells, row, table):
        report.row_error("actions", row, "unknown-row-shape", quote(row))
        return None
    return pair_rows(None, cells, row, table, report)


def continues_above(row: Row, cells: Cells) -> bool:
    """The row goes on with the action above: a list says so, or its first cells are left blank."""
    blank = all(column in cells and not cells[column].text for column in OF_THE_ACTION)
    return row.continues or (blank and bool(cells[RESOURCE_TYPES].text))


def is_cut_short(cells: Cells, row: Row, table: Table) -> bool:
    """A full row that lost its pipes looks like a short one, but starts with a name.

    Resource types are links within the page in every short row that a converter wrote.
    """
    if row.continues or table.loose_space:
        return False
    return any(not (piece.url or "").startswith("#") for piece in cells[RESOURCE_TYPES].pieces)


def pair_rows(
    scenario: str | None, cells: Cells, row: Row, table: Table, report: Report
) -> tuple[ActionRow, ...] | None:
    """One row of each resource type; keys and dependent actions stand on the first.

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
        ActionRow(scenario, *first, keys, dependents, row.line),
        *(ActionRow(scenario, *other, (), (), row.line) for other in others),
    )


def checked_name(section: str, name: Name, row: Row, report: Report) -> Name:
    """The name, with its problems reported; an unusable one makes the row an error."""
    if name.text is None or not name.text.isprintable() or is_no_name(section, name.text):
        kind = "malformed-name" if name.text else name.problem or "no-name"
        report.row_error(section, row, kind, repr(name.text or name.url or ""))
        return replace(name, text=None)
    report.recorded(section, row)
    if name.url and not is_web_address(name.url):
        report.problem(row.line, "unresolved-link", f"{name.text} links to {name.url!r}")
    return name


def is_no_name(section: str, text: str) -> bool:
    return section == "actions" and not is_action_name(text)


def is_web_address(url: str) -> bool:
    """The link can be opened: absolute, and without a placeholder that AWS left in it."""
    return re.fullmatch(r"https?://[^\s{}<>\"]+", url) is not None
