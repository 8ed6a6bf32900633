"""Removed and replaced facts keep their dates: a row for each interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from dated_pages import collection, complete, rows
from page_texts import (
    Act,
    Key,
    Op,
    Row,
    Service,
    Type,
    act,
    as_2026,
    as_html,
    as_json,
    as_table,
)

from iam_catalog.schema import PAST
from scraper.merge.history import FACT_KEYS
from scraper.merge.normalise import Tables, normalise

D1, D2, D3, D4 = "2019-08-12", "2020-06-12", "2021-07-01", "2022-01-01"
GET, PUT = act("GetOrder"), act("PutOrder", "Write")


def dated(*texts: str | None) -> Tables:
    """The rows of a page that reads so at each date; None for a date without it."""
    pages = zip((D1, D2, D3, D4), texts, strict=False)
    return normalise([collection(date, *([text] if text else [])) for date, text in pages])


def actions(*lists: list[Act]) -> Tables:
    return dated(*(as_table(Service(each)) for each in lists))


INTERVAL = ("first_seen", "last_seen", "until", "removed")


def past(tables: Tables, table: str, *columns: str) -> list[tuple[str | None, ...]]:
    return rows(tables, f"past_{table}", *columns, *INTERVAL)


def test_removed_action_keeps_its_dates() -> None:
    tables = actions([GET, PUT], [GET])

    assert past(tables, "actions", "action") == [("orders:PutOrder", D1, D1, D2, D2)]


def test_removed_action_was_last_seen_when_its_page_was() -> None:
    tables = actions([GET, PUT], [GET, PUT], [GET])

    assert past(tables, "actions", "action")[-1] == ("orders:PutOrder", D1, D2, D3, D3)


def test_action_that_comes_back_has_two_intervals() -> None:
    tables = actions([GET, PUT], [GET], [GET, PUT])

    assert rows(tables, "actions", "action", "first_seen", "last_seen", "valid_from") == [
        ("orders:GetOrder", D1, D3, D1),
        ("orders:PutOrder", D3, D3, D3),
    ]
    assert [row for row in past(tables, "actions", "action") if row[-1]] == [
        ("orders:PutOrder", D1, D1, D2, D2)
    ]


def test_action_that_goes_twice_has_two_past_intervals() -> None:
    tables = actions([GET, PUT], [GET], [GET, PUT], [GET])

    assert [row for row in past(tables, "actions", "action") if row[-1]] == [
        ("orders:PutOrder", D1, D1, D2, D2),
        ("orders:PutOrder", D3, D3, D4, D4),
    ]


def test_changed_fact_is_one_fact_with_an_older_reading() -> None:
    tables = actions([act("GetOrder", "Read")], [act("GetOrder", "List")])

    assert rows(tables, "actions", "access_level", "first_seen", "last_seen", "valid_from") == [
        ("List", D1, D2, D2)
    ]
    assert past(tables, "actions", "access_level", "valid_from") == [("Read", D1, D1, D1, D2, None)]
    assert past(tables, "action_access_levels", "access_level") == [("Read", D1, D1, D2, D2)]


def test_a_page_that_says_the_same_again_moves_the_source_and_adds_no_row() -> None:
    order = [Type("order", keys="orders:Size")]
    bought = act("BuyOrder", "Write", Row("order*", "orders:Size", "iam:PassRole"))
    texts = [
        as_table(Service([bought, act("GetOrder", "Read", description=text)], order))
        for text in ("Old.", "New.", "Newest.")
    ]
    tables = dated(*texts)

    assert {name: len(each) for name, each in tables.rows.items() if name.startswith("past_")} == {
        f"past_{name}": 2 if name == "actions" else 0 for name in PAST
    }
    dates = ("page", "first_seen", "last_seen", "valid_from")
    assert rows(tables, "dependent_actions", "dependent_action", *dates) == [
        ("iam:PassRole", f"orders@{D3}", D1, D3, D1)
    ]


def test_a_page_that_is_no_successor_begins_an_interval_of_its_own() -> None:
    """Which pages had stated the fact in between could not be told otherwise."""
    both = [as_table(Service([PUT], slug=slug, name=slug)) for slug in ("a", "b")]
    tables = normalise([complete(D1, *both), complete(D2, both[1])])

    assert past(tables, "actions", "page") == [(f"a@{D1}", D1, D1, D2, None)]


def test_name_in_another_case_is_the_same_fact() -> None:
    tables = actions([act("getorder")], [act("GetOrder")])

    assert rows(tables, "actions", "action", "first_seen") == [("orders:GetOrder", D1)]
    assert past(tables, "actions", "action") == [("orders:getorder", D1, D1, D2, None)]


def test_dates_of_the_page_are_those_of_its_facts() -> None:
    """A page that reads the same is one page with two dates, whose facts bear the later one."""
    older = as_table(Service([GET, PUT]))
    tables = dated(older, older, as_table(Service([PUT])))

    assert past(tables, "actions", "action") == [
        ("orders:GetOrder", D1, D2, D3, D3),
    ]


def test_a_row_that_moves_down_its_page_reads_as_it_did() -> None:
    tables = actions([PUT], [GET, PUT])
    alone = actions([GET, PUT])

    assert tables.rows["past_actions"] == []
    assert rows(tables, "actions", "action", "line", "first_seen") == [
        ("orders:GetOrder", rows(alone, "actions", "line")[0][0], D2),
        ("orders:PutOrder", rows(alone, "actions", "line")[1][0], D1),
    ]


def test_fact_that_an_older_page_still_carries_keeps_the_older_date() -> None:
    left_out = as_table(Service(None, [Type("order")]))
    tables = dated(as_table(Service([GET])), left_out, left_out)

    assert rows(tables, "actions", "action", "first_seen", "last_seen") == [
        ("orders:GetOrder", D1, D1)
    ]
    assert tables.rows["past_actions"] == []


def test_carried_fact_that_goes_was_last_seen_on_its_own_page() -> None:
    left_out = as_table(Service(None))
    tables = dated(as_table(Service([GET])), left_out, as_table(Service([PUT])))

    assert past(tables, "actions", "action") == [("orders:GetOrder", D1, D1, D3, D3)]


def test_withdrawn_page_ends_its_facts() -> None:
    boxes = as_table(Service([PUT], slug="boxes", name="Boxes"))
    tables = normalise(
        [complete(D1, as_table(Service([GET])), boxes), complete(D2, as_table(Service([GET])))]
    )

    assert [row for row in past(tables, "actions", "action") if row[-1]] == [
        ("orders:PutOrder", D1, D1, D2, D2)
    ]


def test_fact_that_another_page_still_states_is_not_removed() -> None:
    both = [as_table(Service([PUT], slug=slug, name=slug)) for slug in ("a", "b")]
    tables = normalise([complete(D1, *both), complete(D2, both[1])])

    assert rows(tables, "actions", "action", "first_seen", "last_seen") == [
        ("orders:PutOrder", D1, D2)
    ]
    assert [row for row in past(tables, "actions", "action") if row[-1]] == []


FULL = Service(
    [act("PutOrder", "Write", Row("order*", "orders:Size", "iam:PassRole"))],
    [Type("order", keys="orders:Size")],
    [Key("orders:Size")],
    [Op("PutOrder", ("orders:PutOrder",), ("orders",))],
)


@pytest.mark.parametrize(
    ("table", "as_page"),
    [
        ("services", as_table),
        ("actions", as_table),
        ("action_access_levels", as_table),
        ("resource_types", as_table),
        ("arn_formats", as_table),
        ("condition_key_definitions", as_table),
        ("action_rows", as_table),
        ("action_condition_keys", as_table),
        ("resource_type_condition_keys", as_table),
        ("dependent_actions", as_html),
        ("operations", as_2026),
        ("operation_actions", as_json),
    ],
)
def test_every_kind_of_fact_has_a_past(table: str, as_page: Callable[[Service], str]) -> None:
    tables = normalise([complete(D1, as_page(FULL)), complete(D2)])

    assert (tables.rows[table], [row[-4:] for row in past(tables, table, "page")]) == (
        [],
        [(D1, D1, D2, D2)],
    )


def test_disagreement_that_was_settled_is_past() -> None:
    pages = [as_table(Service([GET], slug=slug, name=slug)) for slug in ("a", "b")]
    other = as_table(Service([act("GetOrder", "List")], slug="b", name="b"))
    tables = normalise([complete(D1, pages[0], other), complete(D2, *pages)])

    assert tables.rows["disagreements"] == []
    assert past(tables, "disagreements", "subject", "field", "value", "page") == [
        ("orders:GetOrder", "access level", "Read", f"a@{D1}", D1, D2, D2, D2),
        ("orders:GetOrder", "access level", "List", f"b@{D1}", D1, D1, D2, D2),
    ]


def test_every_table_with_a_past_has_a_key_of_its_facts() -> None:
    assert set(FACT_KEYS) == set(PAST)


def test_no_day_counts_twice() -> None:
    """At any date a fact reads in one way: intervals of its readings do not overlap."""
    levels = ["Read", "List", "Read", "Write"]
    tables = actions(*([act("GetOrder", level), PUT] for level in levels))
    readings = [
        (row["valid_from"], row.get("until"), row["access_level"])
        for table in ("past_actions", "actions")
        for row in tables.rows[table]
        if row["action"] == "orders:GetOrder"
    ]

    assert readings == [
        (D1, D2, "Read"),
        (D2, D3, "List"),
        (D3, D4, "Read"),
        (D4, None, "Write"),
    ]


def test_facts_of_two_rows_of_one_resource_type_are_kept_apart() -> None:
    """`directconnect:AssociateHostedConnection` lists a type with its star and without it."""
    twice = act("PutOrder", "Write", Row("order*"), Row("order", "orders:Size"))
    once = act("PutOrder", "Write", Row("order*"))
    tables = actions([twice], [once])

    assert rows(tables, "action_rows", "required", "first_seen") == [(True, D1)]
    assert past(tables, "action_condition_keys", "condition_key") == [
        ("orders:Size", D1, D1, D2, D2)
    ]


def test_key_of_a_resource_type_row_is_the_same_fact_on_the_next_page() -> None:
    """Rows are numbered anew on every page; what they say is not new for that."""
    put = act("PutOrder", "Write", Row("order*", "orders:Size"))
    tables = actions([put], [GET, put])

    assert rows(tables, "action_condition_keys", "condition_key", "first_seen") == [
        ("orders:Size", D1)
    ]
    assert past(tables, "action_condition_keys", "condition_key") == []


def test_description_that_changes_leaves_the_levels_alone() -> None:
    text = as_table(Service([GET]))
    other = as_table(Service([replace(GET, description="Gets it.")]))
    tables = dated(text, other)

    assert rows(tables, "action_access_levels", "first_seen", "last_seen") == [(D1, D2)]
