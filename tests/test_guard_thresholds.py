"""The thresholds of the guards lie above what AWS really changed, which measured.json has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scraper.guards import values
from scraper.guards.value_columns import COLUMNS, GuardedColumn

FILE = Path(values.__file__).parent / "measured.json"
MEASURED: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
EVENTS = {("required flags", "glue", "2024-12-01")}
"""What refuses though AWS changed it so: its own page of 2025-07-01 has these flags, too."""
OF_VALUES = {
    *("values-changed", "meaning-changed", "meaning-of-all", "values-of-all"),
    *("page-grew", "names-changed", "rows-of-another", "odd-values"),
}


def most(column: GuardedColumn, days: int, compared: int) -> float:
    return values.Step(column, (), (), days, compared, ()).most


def test_every_column_is_measured() -> None:
    assert list(MEASURED["columns"]) == [column.what for column in COLUMNS]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.what)
def test_no_step_of_a_page_in_real_history_is_too_much(column: GuardedColumn) -> None:
    found = MEASURED["columns"][column.what]
    steps = [*found["largest_numbers"], *found["largest_shares"]]

    assert {
        (column.what, step["service"], step["until"])
        for step in steps
        if step["changed"] > most(column, step["days"], step["compared"])
    } <= EVENTS


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.what)
def test_no_month_of_all_pages_is_too_much_but_that_of_an_event(column: GuardedColumn) -> None:
    limit = values.ALL + values.ALL_RATE * 24 if column.rate else values.ALL_VALUES
    totals = MEASURED["columns"][column.what]["largest_totals"]
    above = {step for step, number in totals.items() if number > limit}

    event = {"2024-11-01 to 2024-12-01"} if column.what == "required flags" else set()
    assert column.counts == "gained" or above == event


def test_of_all_dates_one_is_refused_by_its_values() -> None:
    refused = {
        step: {text.partition(":")[0] for text in texts}
        for step, texts in MEASURED["refused"].items()
    }

    assert {step for step, guards in refused.items() if guards & OF_VALUES} == {
        "2024-11-01 to 2024-12-01"
    }


def test_all_dates_of_the_history_are_measured() -> None:
    dates = [each.partition(" ")[0] for each in MEASURED["dates"]]

    assert (len(dates), dates[0], dates[-1]) == (45, "2020-04-20", "2026-10-27")
    assert MEASURED["between_two_kinds"] == ["2024-07-06 to 2024-10-24"]
    assert len(MEASURED["further_apart"]) == 14
