"""Rows of the resource types and condition keys tables -> the definitions of a page."""

from __future__ import annotations

from dataclasses import replace

from scraper.page.action_rows import checked_name, whole_rows
from scraper.page.cells import is_arn_format, read_arn_formats, read_keys, read_name
from scraper.page.columns import ARN, CONDITION_KEYS, DESCRIPTION, NAME, TYPE, Cells
from scraper.page.model import ConditionKey, ResourceType
from scraper.page.report import Report
from scraper.page.tables import Row, Table


def read_resource_types(table: Table, report: Report) -> list[ResourceType]:
    rows = whole_rows("resource_types", table, report)
    records = (read_resource_type(row, cells, table, report) for row, cells in rows)
    return [record for record in records if record]


def read_resource_type(row: Row, cells: Cells, table: Table, report: Report) -> ResourceType | None:
    formats = read_arn_formats(cells[ARN], loose_space=table.loose_space)
    if not formats or not all(is_arn_format(text) for text in formats):
        text = f"{cells[NAME].text}: {cells[ARN].text!r}"
        report.row_error("resource_types", row, "malformed-arn-format", text)
        return None
    name = checked_name("resource_types", read_name(cells[NAME]), row, report)
    keys = read_keys(cells[CONDITION_KEYS], loose_space=table.loose_space)
    return ResourceType(name.text, formats, keys, name.url, row.line)


def read_condition_keys(table: Table, report: Report) -> list[ConditionKey]:
    rows = whole_rows("condition_keys", table, report)
    return [read_condition_key(row, cells, table, report) for row, cells in rows]


def read_condition_key(row: Row, cells: Cells, table: Table, report: Report) -> ConditionKey:
    name = read_name(cells[NAME])
    if table.loose_space and name.text:
        name = replace(name, text="".join(name.text.split()))
    name = checked_name("condition_keys", name, row, report)
    if name.text and ":" not in name.text:
        report.problem(row.line, "odd-condition-key", f"{name.text!r} has no prefix")
    return ConditionKey(
        name.text, cells[DESCRIPTION].text or None, cells[TYPE].text or None, name.url, row.line
    )
