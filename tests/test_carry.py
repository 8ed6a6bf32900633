"""What a newer page says replaces the older; what it has no place for stays, with its date."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from dated_pages import collection, column, complete, rows
from page_texts import (
    GUIDE,
    Act,
    Key,
    Op,
    Row,
    Service,
    Type,
    act,
    as_2026,
    as_bullets,
    as_html,
    as_json,
    as_table,
)

from scraper.merge.normalise import Tables, normalise

D1, D2, D3 = "2025-07-01", "2026-08-01", "2026-09-01"
OLD, NEW = f"orders@{D1}", f"orders@{D2}"
GET = act("GetOrder")
PUT = act("PutOrder", "Write", Row("order*", "orders:Size", "iam:PassRole kms:Decrypt"))
ORDER, SIZE = Type("order"), Key("orders:Size")


def dated(*texts: str) -> Tables:
    """The rows of one page after the other."""
    pages = zip((D1, D2, D3), texts, strict=False)
    return normalise([collection(date, text) for date, text in pages])


# --- sections


def test_parsed_section_replaces_what_the_older_page_said() -> None:
    older = Service([GET, PUT], [ORDER], [SIZE])
    newer = Service([GET], [Type("box")], [Key("orders:New")])
    tables = dated(as_html(older), as_html(newer))

    assert column(tables, "actions", "action") == ["orders:GetOrder"]
    assert column(tables, "resource_types", "resource_type") == ["orders:box"]
    assert column(tables, "condition_keys", "condition_key") == ["orders:New"]


def test_section_that_says_none_removes_everything() -> None:
    tables = dated(as_html(Service([GET], [ORDER], [SIZE])), as_html(Service()))

    assert [tables.rows[table] for table in ("actions", "resource_types", "condition_keys")] == [
        [],
        [],
        [],
    ]
    assert rows(tables, "past_actions", "action", "removed") == [("orders:GetOrder", D2)]
    assert rows(tables, "past_resource_types", "resource_type", "removed") == [("orders:order", D2)]
    assert rows(tables, "past_condition_key_definitions", "condition_key", "removed") == [
        ("orders:Size", D2)
    ]


def test_action_table_that_is_left_out_keeps_the_older_actions() -> None:
    tables = dated(as_table(Service([PUT], [ORDER])), as_table(Service(None, [ORDER])))

    assert rows(tables, "actions", "action", "page", "first_seen", "last_seen") == [
        ("orders:PutOrder", OLD, D1, D1)
    ]
    assert rows(tables, "dependent_actions", "dependent_action", "page", "last_seen") == [
        ("iam:PassRole", OLD, D1),
        ("kms:Decrypt", OLD, D1),
    ]
    assert rows(tables, "resource_types", "resource_type", "page", "first_seen", "last_seen") == [
        ("orders:order", NEW, D1, D2)
    ]
    assert tables.rows["changes"] == []


def test_left_out_table_can_come_back_and_then_replaces() -> None:
    tables = dated(as_table(Service([GET, PUT])), as_table(Service(None)), as_table(Service([PUT])))

    assert rows(tables, "actions", "action", "first_seen", "last_seen") == [
        ("orders:PutOrder", D1, D3)
    ]
    assert rows(tables, "past_actions", "action", "last_seen", "until", "removed") == [
        ("orders:GetOrder", D1, D3, D3),
        ("orders:PutOrder", D1, D3, None),
    ]


def test_page_without_operations_keeps_those_of_an_older_one() -> None:
    operations = [Op("PutOrder", ("orders:PutOrder",), ("orders",))]
    tables = dated(as_json(Service([PUT], operations=operations)), as_2026(Service([PUT, GET])))

    assert rows(tables, "operations", "operation", "page") == [
        ("orders:PutOrder (orders)", f"orders.json@{D1}")
    ]


def test_operations_that_a_newer_page_lists_replace_the_older_ones() -> None:
    older = [Op("GetOrder", ("orders:GetOrder",)), Op("PutOrder", ("orders:PutOrder",))]
    newer = [Op("PutOrder", ("orders:PutOrder", "iam:PassRole"))]
    tables = dated(
        as_2026(Service([GET], operations=older)), as_2026(Service([GET], operations=newer))
    )

    assert rows(tables, "operation_actions", "operation", "action") == [
        ("orders:PutOrder (orders)", "orders:PutOrder"),
        ("orders:PutOrder (orders)", "iam:PassRole"),
    ]
    assert rows(tables, "past_operations", "operation", "removed") == [
        ("orders:GetOrder (orders)", D2)
    ]


# --- damaged sections


def test_nameless_rows_update_what_is_named_and_remove_nothing() -> None:
    lost = replace(PUT, name="https://docs.example.com/x", url="https://docs.example.com/x")
    tables = dated(
        as_table(Service([GET, PUT])), as_table(Service([replace(GET, level="List"), lost]))
    )

    assert rows(tables, "actions", "action", "access_level", "page", "last_seen") == [
        ("orders:GetOrder", "List", NEW, D2),
        ("orders:PutOrder", "Write", OLD, D1),
    ]


def test_rows_in_error_remove_nothing() -> None:
    wrong = act("TagOrder", "Tagging", Row(needs="nonsense"))
    tables = dated(as_table(Service([GET, PUT])), as_table(Service([GET, wrong])))

    assert rows(tables, "actions", "action", "page") == [
        ("orders:GetOrder", NEW),
        ("orders:PutOrder", OLD),
    ]


def test_damage_of_one_section_is_none_of_another() -> None:
    wrong = act("TagOrder", "Tagging", Row(needs="nonsense"))
    tables = dated(
        as_table(Service([GET], [ORDER], [SIZE])), as_table(Service([GET, wrong], [], [SIZE]))
    )

    assert tables.rows["resource_types"] == []


def test_resource_types_with_a_lost_name_remove_nothing() -> None:
    lost = Type("https://docs.example.com/x", url="https://docs.example.com/x")
    tables = dated(
        as_table(Service([GET], [ORDER, Type("box")])), as_table(Service([GET], [ORDER, lost]))
    )

    assert rows(tables, "resource_types", "name", "last_seen") == [("order", D2), ("box", D1)]


def test_blank_levels_keep_the_older_ones_and_remove_nothing() -> None:
    older = Service([act("GetOrder", "List"), act("TagOrder", "Tagging, Write"), PUT])
    newer = Service([act("GetOrder", "Read"), act("TagOrder", "")])
    tables = dated(as_table(older), as_table(newer))

    assert rows(tables, "actions", "action", "access_level", "page") == [
        ("orders:GetOrder", "Read", NEW),
        ("orders:TagOrder", "Tagging", NEW),
        ("orders:PutOrder", "Write", OLD),
    ]
    assert rows(tables, "action_access_levels", "action", "access_level", "page", "last_seen") == [
        ("orders:GetOrder", "Read", NEW, D2),
        ("orders:TagOrder", "Tagging", OLD, D1),
        ("orders:TagOrder", "Write", OLD, D1),
        ("orders:PutOrder", "Write", OLD, D1),
    ]


# --- what the Markdown since 2026-07 has no place for


def test_dependent_actions_survive_the_format_that_dropped_their_column() -> None:
    tables = dated(as_html(Service([PUT], [ORDER])), as_2026(Service([PUT], [ORDER])))

    assert column(tables, "action_rows", "page") == [NEW]
    assert rows(
        tables,
        "dependent_actions",
        "dependent_action",
        "action_row",
        "resource_type_name",
        "page",
        "first_seen",
        "last_seen",
    ) == [
        ("iam:PassRole", f"{OLD}#10.1", "order", OLD, D1, D1),
        ("kms:Decrypt", f"{OLD}#10.1", "order", OLD, D1, D1),
    ]


def test_dependent_actions_stay_what_they_were_page_after_page() -> None:
    tables = dated(as_html(Service([PUT])), as_2026(Service([PUT])), as_2026(Service([PUT, GET])))

    assert rows(tables, "dependent_actions", "dependent_action", "page", "last_seen") == [
        ("iam:PassRole", OLD, D1),
        ("kms:Decrypt", OLD, D1),
    ]


def test_dependent_actions_end_with_their_action() -> None:
    tables = dated(as_html(Service([PUT, GET])), as_2026(Service([GET])))

    assert tables.rows["dependent_actions"] == []
    assert rows(tables, "past_dependent_actions", "dependent_action", "last_seen", "removed") == [
        ("iam:PassRole", D1, D2),
        ("kms:Decrypt", D1, D2),
    ]


def test_page_that_has_the_column_removes_dependent_actions() -> None:
    fewer = act("PutOrder", "Write", Row("order*", "orders:Size", "kms:Decrypt"))
    tables = dated(as_html(Service([PUT])), as_html(Service([fewer])))

    assert column(tables, "dependent_actions", "dependent_action") == ["kms:Decrypt"]
    assert rows(tables, "past_dependent_actions", "dependent_action", "until", "removed") == [
        ("iam:PassRole", D2, D2),
        ("kms:Decrypt", D2, None),
    ]


def test_new_action_has_no_dependent_actions_of_another() -> None:
    tables = dated(as_html(Service([PUT])), as_2026(Service([PUT, act("TagOrder", "Tagging")])))

    assert set(column(tables, "dependent_actions", "action")) == {"orders:PutOrder"}


def test_dependent_actions_are_found_by_a_name_in_another_case() -> None:
    tables = dated(as_html(Service([PUT])), as_2026(Service([replace(PUT, name="putorder")])))

    assert rows(tables, "dependent_actions", "action", "dependent_action") == [
        ("orders:putorder", "iam:PassRole"),
        ("orders:putorder", "kms:Decrypt"),
    ]


def test_scenarios_survive_the_format_that_has_no_place_for_them() -> None:
    run = act("RunOrder", "Write", Row("order*"), Row("order* box", scenario="By night"))
    tables = dated(as_html(Service([run])), as_json(Service([run])))

    assert rows(
        tables, "action_rows", "scenario", "resource_type_name", "required", "page", "position"
    ) == [
        (None, "order", True, NEW.replace("@", ".json@"), 1),
        ("By night", "order", True, OLD, 2),
        ("By night", "box", False, OLD, 3),
    ]


# --- what the JSON service reference has no place for


def test_descriptions_links_and_the_permission_only_mark_survive_the_json() -> None:
    get = act("GetOrder", url=f"{GUIDE}get", description="Gets.", permission_only=True)
    tables = dated(as_html(Service([get])), as_json(Service([replace(get, level="List")])))

    assert rows(
        tables,
        "actions",
        "access_level",
        "description",
        "url",
        "permission_only",
        "page",
        "details_page",
    ) == [("List", "Gets.", f"{GUIDE}get", True, f"orders.json@{D2}", OLD)]


def test_new_action_of_the_json_has_no_description() -> None:
    tables = dated(as_html(Service([GET])), as_json(Service([GET, PUT])))

    assert rows(tables, "actions", "name", "description", "details_page") == [
        ("GetOrder", "Does it.", OLD),
        ("PutOrder", None, f"orders.json@{D2}"),
    ]


def test_required_marks_survive_the_json() -> None:
    old = act("PutOrder", "Write", Row("order*"), Row("box"))
    new = act("PutOrder", "Write", Row("order"), Row("box"), Row("shelf"), Row(keys="a:b"))
    tables = dated(as_html(Service([old])), as_json(Service([new])))

    assert rows(tables, "action_rows", "resource_type_name", "required") == [
        ("order", True),
        ("box", False),
        ("shelf", None),
        (None, None),
    ]


def test_dependent_actions_and_scenarios_survive_the_json() -> None:
    run = act("RunOrder", "Write", Row("order*", "", "iam:PassRole"), Row("box*", scenario="Late"))
    tables = dated(as_html(Service([run])), as_json(Service([run])))

    assert rows(tables, "dependent_actions", "dependent_action", "resource_type_name", "page") == [
        ("iam:PassRole", "order", OLD)
    ]
    assert rows(tables, "action_rows", "scenario", "resource_type_name", "required", "page") == [
        (None, "order", True, f"orders.json@{D2}"),
        ("Late", "box", True, OLD),
    ]


def test_links_of_resource_types_and_descriptions_of_keys_survive_the_json() -> None:
    service = Service([GET], [Type("order", url=f"{GUIDE}order")], [SIZE])
    newer = replace(service, keys=[replace(SIZE, type="Numeric")])
    tables = dated(as_html(service), as_json(newer))

    assert rows(tables, "resource_types", "url", "page") == [(f"{GUIDE}order", f"orders.json@{D2}")]
    assert rows(tables, "condition_key_definitions", "description", "type", "page") == [
        ("Filters.", "Numeric", f"orders.json@{D2}")
    ]


def test_name_of_the_service_survives_the_json() -> None:
    tables = dated(as_html(Service([GET])), as_json(Service([GET])))

    assert rows(tables, "services", "service_prefix", "name", "page") == [
        ("orders", "Example Orders", OLD)
    ]


# --- what bulleted pages have no place for


def test_bulleted_page_only_says_which_actions_and_keys_there_are() -> None:
    older = Service([replace(PUT, url=f"{GUIDE}p"), GET], [ORDER], [SIZE, Key("orders:Old")])
    tables = dated(as_html(older), as_bullets(replace(older, actions=[PUT], keys=[SIZE])))

    assert rows(tables, "actions", "action", "access_level", "description", "page") == [
        ("orders:PutOrder", "Write", "Does it.", NEW)
    ]
    assert rows(tables, "action_rows", "resource_type_name", "required", "page") == [
        ("order", True, OLD)
    ]
    assert rows(tables, "action_condition_keys", "condition_key", "page") == [("orders:Size", OLD)]
    assert column(tables, "dependent_actions", "dependent_action") == [
        "iam:PassRole",
        "kms:Decrypt",
    ]
    assert rows(tables, "resource_types", "resource_type", "page") == [("orders:order", OLD)]
    assert rows(tables, "condition_key_definitions", "condition_key", "type", "description") == [
        ("orders:Size", "String", "Filters.")
    ]


def test_table_replaces_a_bulleted_page() -> None:
    tables = dated(as_bullets(Service([GET])), as_table(Service([GET, PUT], [ORDER])))

    assert rows(tables, "actions", "action", "access_level", "first_seen") == [
        ("orders:GetOrder", "Read", D1),
        ("orders:PutOrder", "Write", D2),
    ]


# --- several predecessors


def test_page_that_takes_the_place_of_two_carries_what_both_said() -> None:
    first = act("PutOrder", "Write", Row("order*", "", "iam:PassRole"))
    second = act("PutOrder", "Write", Row("box*", "", "kms:Decrypt"))
    older = complete(
        D1,
        as_html(Service([first], slug="a", name="A")),
        as_html(Service([second], slug="b", name="B")),
    )
    merged = act("PutOrder", "Write", Row("order*"), Row("box*"))
    tables = normalise([older, complete(D2, as_2026(Service([merged], slug="c", name="C")))])

    assert rows(tables, "dependent_actions", "dependent_action", "resource_type_name", "page") == [
        ("iam:PassRole", "order", f"a@{D1}"),
        ("kms:Decrypt", "box", f"b@{D1}"),
    ]


def test_action_that_moved_to_another_page_of_its_service_keeps_its_dependent_actions() -> None:
    """Both pages stay; the action goes from one to the other, in a format without the column."""
    a, b = {"slug": "a", "name": "A"}, {"slug": "b", "name": "B"}
    older = complete(D1, as_html(Service([PUT, GET], **a)), as_html(Service([GET], **b)))
    newer = complete(D2, as_2026(Service([GET], **a)), as_2026(Service([PUT, GET], **b)))
    tables = normalise([older, newer])

    assert rows(tables, "dependent_actions", "dependent_action", "page") == [
        ("iam:PassRole", f"a@{D1}"),
        ("kms:Decrypt", f"a@{D1}"),
    ]


@pytest.mark.parametrize("newer", [as_table, as_html, as_2026, as_json])
def test_facts_of_an_older_page_are_never_told_of_a_newer_one(newer: Any) -> None:
    """Whatever is carried keeps the page on which it stands."""
    actions: list[Act] = [PUT, GET]
    tables = dated(
        as_html(Service(actions, [ORDER], [SIZE])), newer(Service(actions, [ORDER], [SIZE]))
    )
    dates = {row["page"]: row["last_date"] for row in tables.rows["pages"]}

    assert [
        (table, row)
        for table, found in tables.rows.items()
        for row in found
        if "last_seen" in row and "page" in row and row["last_seen"] != dates[row["page"]]
    ] == []
