"""Pages in their own words -> the rows of the catalog's tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dated_pages import collection, column, page_version, rows
from examples import CHANNEL, GET_ORDER, ORDER, page_text
from page_texts import Op, Service, act, as_2026, as_table

from scraper.merge.normalise import Tables, normalise
from scraper.merge.timeline import Collection
from scraper.problems import Problem

DATE = "2019-08-12"
DATES = {"first_seen": DATE, "last_seen": DATE, "valid_from": DATE}
PAGE = "exampleorders@2019-08-12"
PUT_ORDER = (
    r"|   [ PutOrder ](https://docs.example.com/API_PutOrder.html)  | Makes an order\. | Write "
    r"|   [ order\* ](#o)   [ box ](#b)   |   [ orders:Channel ](#c)   [ orders:Size ](#s)   "
    "|   iam:PassRole   kms:Decrypt   | "
)


def tables_of(*texts: str) -> Tables:
    return normalise([collection(DATE, *texts)])


@pytest.fixture
def orders() -> Tables:
    return tables_of(
        page_text(actions=[PUT_ORDER], resource_types=[ORDER], condition_keys=[CHANNEL])
    )


def test_service_is_where_its_prefix_is_introduced(orders: Tables) -> None:
    assert orders.rows["services"] == [
        {
            "service_prefix": "orders",
            "name": "Example Orders",
            "place": None,
            "page": PAGE,
            "line": 3,
            **DATES,
        }
    ]


def test_page_keeps_its_source_its_states_and_its_counts() -> None:
    version = page_version(page_text(actions=[GET_ORDER, "| cut"]), file="2019/list_orders.md")
    source = replace(
        version.source,
        title="unused",
        publisher="Example",
        url="https://docs.example.com/now",
        url_then="https://docs.example.com/then",
        licence="CC BY-SA 4.0",
    )

    version = replace(version, source=source)
    tables = normalise([Collection(DATE, False, (version,))])

    assert tables.rows["page_dates"] == [{"page": PAGE, "date": DATE, "dataset": None}]
    assert tables.rows["pages"] == [
        {
            "page": PAGE,
            "title": "Actions, Resources, and Condition Keys for Example Orders",
            "slug": "exampleorders",
            "service_prefix": "orders",
            "service_name": "Example Orders",
            "format": "markdown-table",
            "date": DATE,
            "last_date": DATE,
            "replaced": None,
            "lineage": PAGE,
            "operations_state": "not in source",
            "actions_state": "parsed",
            "resource_types_state": "none",
            "condition_keys_state": "none",
            "access_levels_state": "parsed",
            "descriptions_state": "parsed",
            "permission_only_state": "none",
            "row_pairing_state": "none",
            "required_state": "none",
            "scenarios_state": "none",
            "dependent_actions_state": "none",
            "key_types_state": "none",
            "key_descriptions_state": "none",
            "addresses_state": "none",
            "operations_rows": 0,
            "actions_rows": 2,
            "resource_types_rows": 0,
            "condition_keys_rows": 0,
            "operations_recorded": 0,
            "actions_recorded": 1,
            "resource_types_recorded": 0,
            "condition_keys_recorded": 0,
            "operations_in_error": 0,
            "actions_in_error": 1,
            "resource_types_in_error": 0,
            "condition_keys_in_error": 0,
            "url": "https://docs.example.com/now",
            "url_then": "https://docs.example.com/then",
            "dataset": None,
            "incomplete": 0,
            "all_services": 0,
            "publisher": "Example",
            "licence": "CC BY-SA 4.0",
            "file": "2019/list_orders.md",
            "sha256": source.sha256,
        }
    ]


def test_page_without_a_date_is_undated_and_its_facts_too() -> None:
    tables = normalise([collection(None, page_text())])

    assert rows(tables, "pages", "page", "date") == [("exampleorders@undated", None)]
    assert tables.count("page_dates") == 0
    assert rows(tables, "actions", "page", "first_seen", "last_seen") == [
        ("exampleorders@undated", None, None)
    ]


def test_action_bears_its_prefix(orders: Tables) -> None:
    assert orders.rows["actions"] == [
        {
            "action": "orders:PutOrder",
            "service_prefix": "orders",
            "name": "PutOrder",
            "access_level": "Write",
            "description": "Makes an order.",
            "permission_only": False,
            "permission_only_since": None,
            "url": "https://docs.example.com/API_PutOrder.html",
            "details_page": PAGE,
            "details_line": 9,
            "dependents_page": PAGE,
            "incomplete": 0,
            "place": None,
            "page": PAGE,
            "line": 9,
            **DATES,
        }
    ]


def test_row_keeps_its_resource_type_with_its_keys_and_dependent_actions(orders: Tables) -> None:
    place = {"page": PAGE, "line": 9, **DATES}

    assert orders.rows["action_rows"] == [
        {
            "action_row": f"{PAGE}#9.1",
            "action": "orders:PutOrder",
            "position": 1,
            "scenario": None,
            "resource_type": "orders:order",
            "resource_type_name": "order",
            "required": True,
            **place,
        },
        {
            "action_row": f"{PAGE}#9.2",
            "action": "orders:PutOrder",
            "position": 2,
            "scenario": None,
            "resource_type": None,  # the page does not define it
            "resource_type_name": "box",
            "required": False,
            **place,
        },
    ]
    assert orders.rows["action_condition_keys"] == [
        {
            "action_row": f"{PAGE}#9.1",
            "action": "orders:PutOrder",
            "position": position,
            "condition_key": key,
            **place,
        }
        for position, key in [(1, "orders:Channel"), (2, "orders:Size")]
    ]
    assert orders.rows["dependent_actions"] == [
        {
            "reference": f"{PAGE}#9.1.{number}",
            "action": "orders:PutOrder",
            "dependent_action": name,
            "position": number,
            "needed": True,
            "action_row": f"{PAGE}#9.1",
            "resource_type_name": "order",
            "place": None,
            **place,
        }
        for number, name in [(1, "iam:PassRole"), (2, "kms:Decrypt")]
    ]


def test_row_without_a_resource_type_is_neither_required_nor_optional() -> None:
    columns = ("resource_type", "resource_type_name", "required")

    assert rows(tables_of(page_text()), "action_rows", *columns) == [(None, None, None)]


def test_arn_format_is_kept_whole_and_in_parts(orders: Tables) -> None:
    place = {"page": PAGE, "line": 15, **DATES}

    assert orders.rows["resource_types"] == [
        {
            "resource_type": "orders:order",
            "service_prefix": "orders",
            "name": "order",
            "url": None,
            "incomplete": 0,
            "place": None,
            **place,
        }
    ]
    assert orders.rows["arn_formats"] == [
        {
            "arn_format": f"{PAGE}#15.1",
            "resource_type": "orders:order",
            "format": "arn:${Partition}:orders:::order/${OrderId}",
            "partition": "${Partition}",
            "service": "orders",
            "region": None,
            "account": None,
            "resource": "order/${OrderId}",
            **place,
        }
    ]


def test_keys_of_a_resource_type_keep_their_order() -> None:
    types = [ORDER.replace("|  | ", "|   b:Key   a:Key   | ")]

    assert tables_of(page_text(resource_types=types)).rows["resource_type_condition_keys"] == [
        {
            "resource_type": "orders:order",
            "position": position,
            "condition_key": key,
            "page": PAGE,
            "line": 15,
            **DATES,
        }
        for position, key in [(1, "b:Key"), (2, "a:Key")]
    ]


def test_condition_key_keeps_its_definition(orders: Tables) -> None:
    assert orders.rows["condition_keys"] == [
        {"condition_key": "orders:Channel", "type": "String", "description": "Filters by channel."},
        {"condition_key": "orders:Size", "type": None, "description": None},
    ]
    assert orders.rows["condition_key_definitions"] == [
        {
            "definition": f"{PAGE}#21.1",
            "condition_key": "orders:Channel",
            "key_as_written": "orders:Channel",
            "service_prefix": "orders",
            "type": "String",
            "description": "Filters by channel.",
            "url": None,
            "place": None,
            "page": PAGE,
            "line": 21,
            **DATES,
        }
    ]


def test_keys_that_differ_by_case_are_one_key_with_every_definition() -> None:
    keys = ["|   a:Key  |  | String | ", "|   a:key  | Filters\\. | ARN | "]
    action = r"|   GetOrder  | Reads\. | Read |  |   A:KEY   |  | "
    tables = tables_of(page_text(actions=[action], condition_keys=keys))

    assert rows(tables, "condition_keys", "condition_key", "type", "description") == [
        ("a:Key", "String", "Filters.")
    ]
    assert rows(tables, "condition_key_definitions", "condition_key", "key_as_written", "type") == [
        ("a:Key", "a:Key", "String"),
        ("a:Key", "a:key", "ARN"),
    ]
    assert rows(tables, "action_condition_keys", "condition_key") == [("a:Key",)]


def test_resource_types_that_differ_by_case_are_two() -> None:
    types = [ORDER, ORDER.replace("   order  ", "   Order  ")]

    assert rows(tables_of(page_text(resource_types=types)), "resource_types", "resource_type") == [
        ("orders:order",),
        ("orders:Order",),
    ]


def test_access_levels_keep_their_order_and_one_stands_for_the_action() -> None:
    action = r"|   TagOrder  | Tags\. | Write Tagging |  |  |  | "
    tables = tables_of(page_text(actions=[action]))

    assert rows(tables, "actions", "action", "access_level") == [("orders:TagOrder", "Tagging")]
    assert rows(tables, "action_access_levels", "action", "access_level", "position") == [
        ("orders:TagOrder", "Write", 1),
        ("orders:TagOrder", "Tagging", 2),
    ]


def test_action_without_a_level_has_none() -> None:
    tables = tables_of(page_text(actions=[r"|   GetOrder  | Reads\. |  |  |  |  | "]))

    assert rows(tables, "actions", "action", "access_level") == [("orders:GetOrder", None)]
    assert tables.rows["action_access_levels"] == []


def test_link_without_an_address_is_left_out() -> None:
    action = r"|   [ GetOrder ](API_GetOrder.html)  | Reads\. | Read |  |  |  | "

    assert rows(tables_of(page_text(actions=[action])), "actions", "url") == [(None,)]


def test_nameless_rows_give_no_fact() -> None:
    text = page_text(
        actions=[r"|  | Reads\. | Read |  |  |  | "],
        resource_types=[r"|  |  arn:$\{Partition\}:orders:::order/$\{OrderId\}  |  | "],
        condition_keys=["|  | Filters\\. | String | "],
    )
    filled = {table for table, found in tables_of(text).rows.items() if found}

    assert filled == {
        "access_levels",
        "pages",
        "page_dates",
        "service_aliases",
        "services",
        "services_fts",
    }


def test_service_goes_by_its_prefix_its_names_its_slugs_and_its_sdk_clients() -> None:
    older = as_table(Service([act("GetOrder")], name="Old Orders", slug="oldorders"))
    operations = [Op("GetOrder", ("orders:GetOrder",), ("orders-v1", "orders-v2"))]
    newer = as_2026(Service([act("GetOrder")], operations=operations))
    tables = normalise([collection(DATE, older), collection("2026-08-01", newer)])
    columns = ("alias", "kind", "service_prefix", "first_seen", "last_seen")

    assert rows(tables, "service_aliases", *columns) == [
        ("Example Orders", "name", "orders", "2026-08-01", "2026-08-01"),
        ("Old Orders", "name", "orders", DATE, DATE),
        ("oldorders", "slug", "orders", DATE, DATE),
        ("orders", "prefix", "orders", DATE, "2026-08-01"),
        ("orders", "slug", "orders", "2026-08-01", "2026-08-01"),
        ("orders-v1", "SDK client", "orders", "2026-08-01", "2026-08-01"),
        ("orders-v2", "SDK client", "orders", "2026-08-01", "2026-08-01"),
    ]


def test_tables_of_nothing_hold_nothing_but_the_access_levels() -> None:
    tables = normalise([])

    assert {table for table, found in tables.rows.items() if found} == {"access_levels"}
    assert column(tables, "access_levels", "access_level") == [
        "List",
        "Read",
        "Write",
        "Permissions management",
        "Tagging",
    ]


def test_accepted_problem_stands_with_its_reason() -> None:
    problem = Problem("page.md", 9, "blank-access-level", "GetOrder has no access level")
    version = page_version(page_text(), accepted=((problem, "AWS left it blank."),))
    tables = normalise([Collection(DATE, False, (version,))])

    assert tables.rows["problems"] == [
        {
            "problem": f"{PAGE}!1",
            "page": PAGE,
            "file": version.source.path,
            "line": 9,
            "place": None,
            "kind": "blank-access-level",
            "text": "GetOrder has no access level",
            "reason": "AWS left it blank.",
        }
    ]


def test_search_holds_names_their_words_and_descriptions(orders: Tables) -> None:
    assert {name: orders.rows[name] for name in orders.rows if name.endswith("_fts")} == {
        "services_fts": [
            {
                "rowid": 1,
                "service_prefix": "orders orders example exampleorders",
                "name": "Example Orders",
            }
        ],
        "actions_fts": [
            {
                "rowid": 1,
                "action": "orders:PutOrder orders put order",
                "description": "Makes an order.",
            }
        ],
        "resource_types_fts": [
            {
                "rowid": 1,
                "resource_type": "orders:order orders order",
            }
        ],
        "condition_keys_fts": [
            {
                "rowid": 1,
                "condition_key": "orders:Channel orders channel",
                "description": "Filters by channel.",
            },
            {
                "rowid": 2,
                "condition_key": "orders:Size orders size",
                "description": None,
            },
        ],
    }


def test_no_value_is_an_empty_text() -> None:
    text = page_text(
        actions=["|   [ GetOrder ]()  |  | Read |  |  |  | "],
        resource_types=[ORDER],
        condition_keys=["|   orders:Channel  |  |  | "],
    )
    tables = tables_of(text)

    assert [row for table in tables.rows.values() for row in table if "" in row.values()] == []
