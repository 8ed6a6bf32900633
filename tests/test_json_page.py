"""The JSON service reference: what `pages/json-*.json` do not show."""

from __future__ import annotations

import json
import subprocess
import sys

from page_texts import Service, act, as_json

from scraper.parse import parse_text
from scraper.problems import Problem

ORDERS = as_json(Service([act("GetOrder")]))
UNKNOWN = ["Zebra", "Apple", "Mango", "Pear", "Fig", "Kiwi", "Lime", "Plum"]


def test_layout_of_the_file_means_nothing_but_lines() -> None:
    one_line = parse_text("orders.json", json.dumps(json.loads(ORDERS)))
    spread = parse_text("orders.json", ORDERS)

    assert [each.name for each in one_line.actions] == [each.name for each in spread.actions]
    assert [each.line for each in one_line.actions] == [1]
    assert [each.line for each in spread.actions] == [5]


def test_slug_is_the_name_of_the_file() -> None:
    assert parse_text("orders-v2.json", ORDERS).slug == "orders-v2"


def test_operations_of_an_sdk_client_name_it() -> None:
    value = {
        **json.loads(ORDERS),
        "Operations": [{"Name": "Get", "SDK": [{"Name": "shop", "Method": "get", "Package": "B"}]}],
    }
    page = parse_text("orders.json", json.dumps(value))

    assert [(each.name, each.sdk_client, each.actions) for each in page.operations] == [
        ("Get", "shop", ())
    ]


def test_unknown_fields_are_reported_in_the_order_of_the_file() -> None:
    """Problems are kept in the catalog, which must be the same for the same files."""
    program = (
        "import json, sys; from scraper.parse import parse_text;"
        "print([p.text for p in parse_text('orders.json', sys.stdin.read()).problems])"
    )
    value = {**dict.fromkeys(UNKNOWN, 1), **json.loads(ORDERS)}
    found = [
        subprocess.run(
            [sys.executable, "-c", program],
            input=json.dumps(value),
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]

    assert found == [str([f"{name!r} in page" for name in UNKNOWN])] * 2


def test_action_whose_flags_are_absent_has_no_known_level() -> None:
    value = json.loads(ORDERS)
    value["Actions"][0]["Annotations"]["Properties"] = {}
    page = parse_text("orders.json", json.dumps(value))

    assert [problem.accepted for problem in page.problems] == [False]


def test_field_that_stands_twice_is_no_silent_loss() -> None:
    text = '{"Actions": [{"Name": 1}], ' + ORDERS.lstrip()[1:]

    assert [problem.accepted for problem in parse_text("orders.json", text).problems] == [False]


def test_each_condition_of_an_operation_is_read() -> None:
    context = {"iam:PassedToService": ["a.b"], "iam:Other": ["c"]}
    needed = {"Name": "PassRole", "Service": "iam", "Context": context}
    value = {
        **json.loads(ORDERS),
        "Operations": [{"Name": "Get", "AuthorizedActions": [needed]}],
    }
    page = parse_text("orders.json", json.dumps(value))

    assert [(each.condition_key, each.values) for each in page.operations[0].actions] == [
        ("iam:PassedToService", ("a.b",)),
        ("iam:Other", ("c",)),
    ]


def test_text_behind_the_object_is_no_page() -> None:
    page = parse_text("orders.json", f"{ORDERS}{ORDERS}")
    line = ORDERS.count("\n") + 1

    assert page.problems == (
        Problem("orders.json", line, "cut-off", "no valid JSON: unexpected '{'"),
    )
