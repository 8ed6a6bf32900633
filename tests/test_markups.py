"""The same page in two markups gives the same records; other formats what they have a place for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from page_texts import (
    Act,
    Key,
    Op,
    Row,
    Service,
    Type,
    as_2026,
    as_bullets,
    as_html,
    as_json,
    as_table,
)

from scraper.formats.registry import parse_text
from scraper.page.model import page_as_json

NAMES = st.from_regex(r"[A-Z][a-z]{1,5}[A-Z][a-z0-9]{1,5}", fullmatch=True)
TYPES = st.from_regex(r"[a-z]{2,6}([-_/][a-z]{1,4})?", fullmatch=True)
KEYS = st.from_regex(r"[a-z]{2,4}:[A-Z][a-z]{1,5}(/\$\{TagKey\}|/<key>|\.name)?", fullmatch=True)
TEXTS = st.from_regex(r"[A-Z][a-z]{1,6}( [a-z(<&*_'\[{]{1,5}){0,3}\.?", fullmatch=True)
LEVELS = st.sampled_from(
    ["List", "Read", "Write", "Permissions management", "Tagging", "Tagging, Write"]
)
STARRED = st.builds(lambda name, star: name + star, TYPES, st.sampled_from(["", "*"]))
KEY_LISTS = st.lists(KEYS, max_size=2, unique=True).map(" ".join)
NEEDS = st.lists(st.builds("iam:{}".format, NAMES), max_size=2).map(" ".join)


def joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


ROWS = st.builds(Row, st.just("") | STARRED, KEY_LISTS, NEEDS)
SCENARIOS = st.builds(
    Row,
    st.lists(STARRED, min_size=1, max_size=3).map(" ".join),
    KEY_LISTS,
    st.just(""),
    st.from_regex(r"[A-Z][A-Za-z0-9-]{2,8}( [a-z]{2,4})?", fullmatch=True),
)
ACTIONS = st.builds(
    lambda name, level, rows, scenarios, text, alone: Act(
        name, level, (*rows, *scenarios), text, alone, f"https://docs.example.com/API_{name}.html"
    ),
    NAMES,
    LEVELS,
    st.lists(ROWS, min_size=1, max_size=3),
    st.lists(SCENARIOS, max_size=2),
    TEXTS,
    st.booleans(),
)
ARNS = st.from_regex(r"arn:\$\{Partition\}:[a-z]{2,4}:::[a-z]{1,4}/[*+.]?\$\{Id\}", fullmatch=True)
DEFINED_TYPES = st.builds(Type, TYPES, ARNS, KEY_LISTS)
DEFINED_KEYS = st.builds(Key, KEYS, TEXTS, st.sampled_from(["String", "ArrayOfString", "Bool"]))
SERVICES = st.builds(
    Service,
    st.lists(ACTIONS, max_size=3, unique_by=lambda each: each.name.lower()),
    st.lists(DEFINED_TYPES, max_size=2, unique_by=lambda each: each.name),
    st.lists(DEFINED_KEYS, max_size=3, unique_by=lambda each: each.key.lower()),
)


FEW = settings(max_examples=15)


def told(text: str) -> dict[str, Any]:
    """The page but for what its markup decides: its format, its lines, and what it lacks."""
    page: dict[str, Any] = without_lines(page_as_json(parse_text("page", text)))
    del page["format"]
    return page


def without_lines(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_lines(each) for name, each in value.items() if name != "line"}
    return [without_lines(each) for each in value] if isinstance(value, list | tuple) else value


@FEW
@given(SERVICES)
def test_html_and_markdown_tables_of_a_page_are_told_alike(service: Service) -> None:
    assert told(as_html(service)) == told(as_table(service))


@FEW
@given(SERVICES)
def test_white_space_at_every_tag_changes_nothing(service: Service) -> None:
    """As collectors made it: each tag and each text on a line of its own."""
    text = as_html(service)
    spread = text.replace(">", ">\n ").replace("<", "\n <").replace("<!DOCTYPE\n", "<!DOCTYPE")

    assert told(spread) == told(text)


@FEW
@given(SERVICES)
def test_one_line_changes_nothing(service: Service) -> None:
    text = as_html(service)

    assert told(text.replace("\n", " ")) == told(text)


@FEW
@given(SERVICES)
def test_stars_and_blank_lines_change_nothing_since_2026(service: Service) -> None:
    text = as_2026(service)
    starred = text.replace("\n\n| ", "\n\n****\n\n| ").replace("\n\n## ", "\n\n\n\n## ")
    served = "\n\n" + "\n".join(
        f"{line} " if line.endswith("|") else line for line in text.split("\n")
    )

    assert told(starred) == told(text) == told(served)


@FEW
@given(SERVICES)
def test_front_matter_changes_nothing(service: Service) -> None:
    text = as_2026(service)

    assert told(f"---\nsource_url: https://docs.example.com/x.html\n---\n\n{text}") == told(text)


@FEW
@given(SERVICES)
def test_line_ends_of_other_systems_change_nothing(service: Service) -> None:
    for text in (as_html(service), as_2026(service), as_table(service), as_bullets(service)):
        assert told(text.replace("\n", "\r\n")) == told(text)


def reduced(service: Service, **lost: Any) -> Service:
    """*service* without what a format has no place for."""
    actions = [
        replace(
            each,
            rows=tuple(replace(row, needs="") for row in each.rows if not row.scenario),
        )
        for each in service.actions or ()
    ]
    return replace(service, actions=actions, **lost)


@FEW
@given(SERVICES)
def test_markdown_since_2026_tells_all_but_dependent_actions_and_scenarios(
    service: Service,
) -> None:
    """Its permission-only actions come last."""
    less = reduced(service)
    ordered = sorted(less.actions or (), key=lambda each: each.permission_only)

    expected = told(as_html(replace(less, actions=ordered)))
    if ordered:
        expected["carries"]["dependent_actions"] = "not in source"

    assert told(as_2026(less)) == expected


@FEW
@given(SERVICES)
def test_json_tells_names_levels_types_keys_and_arn_formats(service: Service) -> None:
    html, json = told(as_html(reduced(service))), told(as_json(reduced(service)))

    assert [(each["name"], sorted(each["access_levels"])) for each in json["actions"]] == [
        (each["name"], sorted(each["access_levels"])) for each in html["actions"]
    ]
    for name in ("name", "arn_formats", "condition_keys"):
        assert [each[name] for each in json["resource_types"]] == [
            each[name] for each in html["resource_types"]
        ]
    assert [(each["key"], each["type"]) for each in json["condition_keys"]] == [
        (each["key"], each["type"]) for each in html["condition_keys"]
    ]


@pytest.mark.parametrize("clients", [(), ("orders",), ("orders", "orders-v2")])
def test_operations_are_told_alike_by_json_and_markdown(clients: tuple[str, ...]) -> None:
    operations = [
        Op(
            "PutOrder",
            ("orders:PutOrder", ("iam:PassRole", "iam:PassedToService", "a.b, c.d")),
            clients,
        ),
        Op("PutBatch", ("orders:PutOrder",), clients),
    ]
    service = Service([Act("PutOrder", "Write")], operations=operations)
    found = [
        [
            (
                each["name"],
                each["sdk_client"],
                [(a["action"], a["condition_key"], a["values"]) for a in each["actions"]],
            )
            for each in told(text)["operations"]
        ]
        for text in (as_2026(service), as_json(service))
    ]

    assert found[0] == found[1]
