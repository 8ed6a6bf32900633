"""Rows of AWS's tables -> the records of a page.

Each source row is matched to a named shape by its number of cells, and becomes a record or an
error: none is skipped.
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum

from scraper.cells import (
    DEPENDENT_ACTION,
    NAME,
    SCENARIO,
    Name,
    read_access_levels,
    read_arn_formats,
    read_dependent_actions,
    read_keys,
    read_name,
    read_starred_names,
)
from scraper.pages import Action, ActionRow, ConditionKey, ResourceType
from scraper.report import Report
from scraper.tables import Cell, Row, Table

RESOURCE_TYPES = "resource types (*required)"
DEPENDENTS = "dependent actions"
ACTIONS_HEADER = (
    "actions",
    "description",
    "access level",
    RESOURCE_TYPES,
    "condition keys",
    DEPENDENTS,
)
RESOURCE_TYPES_HEADER = ("resource types", "arn", "condition keys")
CONDITION_KEYS_HEADER = ("condition keys", "description", "type")

HEADERS = {
    "actions": (ACTIONS_HEADER,),
    "resource_types": (RESOURCE_TYPES_HEADER,),
    "condition_keys": (CONDITION_KEYS_HEADER,),
}
"""The headers that a table of each section may have, in lower case."""

EMPTY = Cell("", ())


class Shape(Enum):
    """What a row of the actions table is, told by the number of its cells."""

    FULL = "full"
    """The first row of an action: every column."""
    CONTINUATION = "continuation"
    """A further resource type of the action above: from the resource types on."""
    SCENARIO = "scenario"
    """A named case of the action above: from the description on."""


def read_actions(table: Table, report: Report) -> list[Action]:
    """The actions of a table: each full row starts one, and the rows below it belong to it."""
    actions: list[Action] = []
    orphaned = True
    for row in whole_rows("actions", table, report):
        shape = shape_of(row)
        if shape is Shape.FULL:
            action = read_action(row, table.columns, report)
            orphaned = action is None
            actions += [action] if action else []
        elif shape is None or orphaned:
            report.row_error("actions", row, "unknown-row-shape", quote(row))
        elif (further := read_further_rows(row, shape, report)) is not None:
            actions[-1] = replace(actions[-1], rows=actions[-1].rows + further)
            if actions[-1].name:
                report.recorded("actions", row)
            else:
                report.row_error("actions", row, "no-name", "belongs to a row without a name")
    return actions


def read_resource_types(table: Table, report: Report) -> list[ResourceType]:
    rows = whole_rows("resource_types", table, report)
    return [record for row in rows if (record := read_resource_type(row, report))]


def read_condition_keys(table: Table, report: Report) -> list[ConditionKey]:
    rows = whole_rows("condition_keys", table, report)
    return [record for row in rows if (record := read_condition_key(row, report))]


def whole_rows(section: str, table: Table, report: Report) -> list[Row]:
    """The rows of a table that were not cut off; all are counted, the others reported."""
    report.found(section, len(table.rows))
    if detached := [row.line for row in table.rows if row.detached]:
        text = f"a blank line stands between a table and {len(detached)} of its rows"
        report.problem(detached[0], "detached-rows", text)
    return [row for row in table.rows if is_whole(section, row, report)]


def is_whole(section: str, row: Row, report: Report) -> bool:
    if not row.closed:
        report.row_error(section, row, "unclosed-row", quote(row))
    return row.closed


def quote(row: Row) -> str:
    """The row for a message: its cells, shortened."""
    text = " | ".join(cell.text for cell in row.cells)
    return f"{len(row.cells)} cells: {text[:120]!r}"


def shape_of(row: Row) -> Shape | None:
    width = len(row.cells)
    if width == len(ACTIONS_HEADER):
        return Shape.FULL
    if width == len(ACTIONS_HEADER) - 3:
        return Shape.CONTINUATION
    if width == len(ACTIONS_HEADER) - 1 and row.cells[0].text.startswith(SCENARIO):
        return Shape.SCENARIO
    return None


def read_action(row: Row, columns: tuple[str, ...], report: Report) -> Action | None:
    """The action that a full row starts; None where the row is an error without a record."""
    cells = dict(zip(columns, row.cells, strict=True))
    levels = read_access_levels(cells["access level"])
    if levels is None:
        text = f"{cells['access level'].text!r} is none of AWS's access levels"
        report.row_error("actions", row, "unknown-access-level", text)
        return None
    cells_of_row = (cells[RESOURCE_TYPES], cells["condition keys"], cells.get(DEPENDENTS, EMPTY))
    rows = pair_rows(None, cells_of_row, row, report)
    if rows is None:
        return None
    name = checked_name("actions", read_name(cells["actions"]), row, report)
    if not levels:
        report.problem(row.line, "blank-access-level", f"{name.text} has no access level")
    return Action(
        name.text,
        cells["description"].text or None,
        levels,
        name.permission_only,
        name.url,
        row.line,
        rows,
    )


def read_further_rows(row: Row, shape: Shape, report: Report) -> tuple[ActionRow, ...] | None:
    """What a continuation or scenario row adds to the action above it."""
    scenario = None
    if shape is Shape.SCENARIO:
        scenario = row.cells[0].text.removeprefix(SCENARIO).strip()
    resource_types, condition_keys, dependent_actions = row.cells[-3:]
    return pair_rows(scenario, (resource_types, condition_keys, dependent_actions), row, report)


def pair_rows(
    scenario: str | None, cells: tuple[Cell, Cell, Cell], row: Row, report: Report
) -> tuple[ActionRow, ...] | None:
    """One row of each resource type; keys and dependent actions stand on the first.

    *cells* hold the resource types, the condition keys and the dependent actions. None where a
    dependent action is no name: the row is an error then.
    """
    types: list[tuple[str | None, bool]] = [*read_starred_names(cells[0])] or [(None, False)]
    keys = read_keys(cells[1])
    dependents = read_dependent_actions(cells[2])
    for text in dependents:
        if not DEPENDENT_ACTION.fullmatch(text):
            report.row_error("actions", row, "malformed-dependent-action", repr(text))
            return None
    first, *others = types
    return (
        ActionRow(scenario, *first, keys, dependents, row.line),
        *(ActionRow(scenario, *other, (), (), row.line) for other in others),
    )


def checked_name(section: str, name: Name, row: Row, report: Report) -> Name:
    """The name, with its problems reported; an unusable one makes the row an error."""
    if name.text is None or (section == "actions" and not NAME.fullmatch(name.text)):
        kind = name.problem or "malformed-name"
        report.row_error(section, row, kind, repr(name.text or name.url or ""))
        return replace(name, text=None)
    report.recorded(section, row)
    if name.problem:
        report.problem(row.line, name.problem, f"{name.text} links to {name.url!r}")
    if name.url and not is_web_address(name.url):
        report.problem(row.line, "unresolved-link", f"{name.text} links to {name.url!r}")
    return name


def is_web_address(url: str) -> bool:
    """The link can be opened: absolute, and without a placeholder that AWS left in it."""
    return re.fullmatch(r"https?://[^\s{}]+", url) is not None


def read_resource_type(row: Row, report: Report) -> ResourceType | None:
    if len(row.cells) != len(RESOURCE_TYPES_HEADER):
        report.row_error("resource_types", row, "unknown-row-shape", quote(row))
        return None
    name_cell, arn_cell, keys_cell = row.cells
    formats = read_arn_formats(arn_cell)
    if not formats or "arn:" not in arn_cell.text:
        text = f"{name_cell.text}: {arn_cell.text!r}"
        report.row_error("resource_types", row, "malformed-arn-format", text)
        return None
    name = checked_name("resource_types", read_name(name_cell), row, report)
    return ResourceType(name.text, formats, read_keys(keys_cell), name.url, row.line)


def read_condition_key(row: Row, report: Report) -> ConditionKey | None:
    if len(row.cells) != len(CONDITION_KEYS_HEADER):
        report.row_error("condition_keys", row, "unknown-row-shape", quote(row))
        return None
    key_cell, description, key_type = row.cells
    name = checked_name("condition_keys", read_name(key_cell), row, report)
    if name.text and ":" not in name.text:
        report.problem(row.line, "odd-condition-key", f"{name.text!r} has no prefix")
    return ConditionKey(
        name.text, description.text or None, key_type.text or None, name.url, row.line
    )
