"""The JSON service reference: what `pages/json-*.json` do not show."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from page_texts import Service, act, as_json

from scraper.formats.registry import parse_text
from scraper.page.model import ServicePage
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
        "import json, sys; from scraper.formats.registry import parse_text;"
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


FLAGS = {
    "IsList": False,
    "IsPermissionManagement": False,
    "IsTaggingOnly": False,
    "IsWrite": False,
}


def flagged(annotations: dict[str, Any], version: str = "v1.4") -> ServicePage:
    """A page of one action with these annotations."""
    value = {"Name": "orders", "Version": version, "Actions": [{"Name": "PutOrder", **annotations}]}
    return parse_text("orders.json", json.dumps(value))


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("present", [True, False])
def test_action_without_one_of_its_flags_has_no_known_level(flag: str, present: bool) -> None:
    flags = {**dict.fromkeys(FLAGS, present), "IsWrite": True}
    del flags[flag]
    page = flagged({"Annotations": {"Properties": flags}})

    assert page.actions[0].access_levels == ()
    assert page.problems == (
        Problem("orders.json", 1, "unknown-level-flags", f"'PutOrder': '{flag}' is missing"),
    )
    assert not page.problems[0].accepted


@pytest.mark.parametrize("value", ["true", "", None, 1, 0, [], {}])
def test_flag_of_another_type_is_not_taken_for_true_or_false(value: object) -> None:
    page = flagged({"Annotations": {"Properties": {**FLAGS, "IsWrite": value}}})

    assert page.actions[0].access_levels == ()
    assert [problem.text for problem in page.problems] == [
        f"'PutOrder': 'IsWrite' is {json.dumps(value)}, neither true nor false"
    ]


@pytest.mark.parametrize(
    ("name", "value"), [("IsDestructive", True), ("isdestructive", "no"), ("Destroys", False)]
)
def test_flag_beside_the_four_may_be_a_level_that_nobody_knows(name: str, value: object) -> None:
    page = flagged({"Annotations": {"Properties": {**FLAGS, name: value}}})

    assert page.actions[0].access_levels == ()
    assert [(each.kind, each.text) for each in page.problems] == [
        ("unknown-level-flags", f"'PutOrder': '{name}' is unknown")
    ]


def test_field_beside_the_four_that_is_not_a_flag_costs_nothing() -> None:
    page = flagged({"Annotations": {"Properties": {**FLAGS, "Since": "v2"}}})

    assert page.actions[0].access_levels == ("Read",)
    assert [(each.kind, each.text) for each in page.problems] == [
        ("unknown-field", "'Since' in properties")
    ]


@pytest.mark.parametrize("version", ["v1.0", "v1.1"])
def test_version_from_before_the_flags_has_no_place_for_levels(version: str) -> None:
    page = flagged({}, version)

    assert page.actions[0].access_levels == ()
    assert not page.carries("access_levels")
    assert page.problems == ()


@pytest.mark.parametrize("version", ["v1.2", "v1.4", "v2.0", ""])
def test_later_version_without_flags_is_not_one_from_before_them(version: str) -> None:
    page = flagged({}, version)

    assert page.carries("access_levels")
    assert [problem.text for problem in page.problems] == ["'PutOrder': 'Annotations' is missing"]


def test_old_version_with_flags_is_read_by_them() -> None:
    page = flagged({"Annotations": {"Properties": {**FLAGS, "IsWrite": True}}}, "v1.1")

    assert page.actions[0].access_levels == ("Write",)
    assert page.carries("access_levels")


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


@pytest.mark.parametrize(
    ("text", "kind", "accepted"),
    [
        ('[{"service": "orders", "url": "https://a.example/orders.json"}]', "index", True),
        ("[]", "not-a-page", False),
        ("[1]", "not-a-page", False),
    ],
)
def test_only_a_list_of_services_is_an_index(text: str, kind: str, accepted: bool) -> None:
    (problem,) = parse_text("orders.json", text).problems

    assert (problem.kind, problem.accepted) == (kind, accepted)
