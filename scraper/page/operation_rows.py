"""Rows of the operations tables and lists -> the operations of a page (since 2026-07).

An operation's name is not unique in a page; the name with its SDK client is.
"""

from __future__ import annotations

from dataclasses import replace

from scraper.page.action_rows import checked_levels, quote, whole_rows
from scraper.page.cells import DEPENDENT_ACTION
from scraper.page.columns import (
    ACCESS_LEVEL,
    CONDITION_KEY,
    IAM_ACTION,
    NAME,
    POSSIBLE_VALUES,
    SDK_CLIENT,
    Cells,
)
from scraper.page.model import AuthorizedAction, Operation
from scraper.page.report import Report
from scraper.page.tables import EMPTY, Row, Table


def read_operations(table: Table, report: Report) -> list[Operation]:
    """The operations of a table: each full row starts one, and the rows below it belong to it."""
    operations: list[Operation] = []
    orphaned = True
    for row, cells in whole_rows("operations", table, report):
        starts = NAME in cells and not row.continues
        if not starts and orphaned:
            report.row_error("operations", row, "unknown-row-shape", quote(row))
            continue
        actions = read_authorized(row, cells, report)
        name = cells[NAME].text if starts else operations[-1].name
        if actions is not None and not name:
            report.row_error("operations", row, "no-name", quote(row))
        elif actions is not None:
            report.recorded("operations", row)
        usable = actions is not None and bool(name)
        orphaned = not usable if starts else orphaned
        if usable and starts:
            client = cells.get(SDK_CLIENT, EMPTY).text or None
            operations.append(Operation(name, client, row.item_line or row.line, actions or ()))
        elif usable:
            last = operations[-1]
            operations[-1] = replace(last, actions=last.actions + (actions or ()))
    return operations


def read_authorized(row: Row, cells: Cells, report: Report) -> tuple[AuthorizedAction, ...] | None:
    """The action of one row; none for an operation that needs none, None for a row in error."""
    action = cells[IAM_ACTION].text
    levels = checked_levels("operations", cells[ACCESS_LEVEL], row, report)
    if levels is None:
        return None
    if not action:
        return ()
    if not DEPENDENT_ACTION.fullmatch(action):
        report.row_error("operations", row, "malformed-name", repr(action))
        return None
    values = tuple(text for text in cells[POSSIBLE_VALUES].text.split(", ") if text)
    return (AuthorizedAction(action, cells[CONDITION_KEY].text or None, values, levels),)
