"""Checks inside one page: names defined twice, and names used but not defined."""

from __future__ import annotations

from examples import CHANNEL, GET_ORDER, ORDER, page_text

from scraper.formats.registry import parse_text


def problems(text: str) -> list[tuple[str, str, bool]]:
    """The problems of a page without their lines: (kind, text, accepted)."""
    page = parse_text("page.md", text)
    return [(problem.kind, problem.text, problem.accepted) for problem in page.problems]


def get_order(resource_types: str = "", keys: str = "", name: str = "GetOrder") -> str:
    return f"|   {name}  | Reads\\. | Read | {resource_types} | {keys} |  | "


def test_page_that_defines_each_name_once_has_no_problem() -> None:
    text = page_text(
        actions=[get_order("order\\*", "orders:Channel")],
        resource_types=[ORDER],
        condition_keys=[CHANNEL],
    )

    assert problems(text) == []


def test_each_repetition_is_reported_once() -> None:
    text = page_text(actions=[GET_ORDER] * 3, resource_types=[ORDER] * 2)

    assert problems(text) == [
        ("repeated-action", "'GetOrder'", True),
        ("repeated-action", "'GetOrder'", True),
        ("repeated-resource-type", "'order'", True),
    ]


def test_condition_keys_repeat_whatever_their_case() -> None:
    keys = ["|   a:key  |  |  | ", "|   A:Key  |  |  | "]

    assert [kind for kind, _, _ in problems(page_text(condition_keys=keys))] == [
        "repeated-condition-key"
    ]


def test_resource_types_differ_by_case() -> None:
    types = [ORDER, ORDER.replace("   order  ", "   Order  ")]
    text = page_text(actions=[get_order("ORDER")], resource_types=types)

    assert problems(text) == [("undefined-resource-type", "'ORDER'", True)]


def test_undefined_name_is_reported_where_it_is_first_used() -> None:
    text = page_text(actions=[get_order("box"), get_order("box", name="PutOrder")])

    assert [str(problem) for problem in parse_text("page.md", text).problems] == [
        "page.md line 9: undefined-resource-type: 'box'"
    ]


def test_condition_keys_are_defined_whatever_their_case() -> None:
    text = page_text(actions=[get_order(keys="ORDERS:CHANNEL")], condition_keys=[CHANNEL])

    assert problems(text) == []


def test_keys_of_resource_types_must_be_defined_too() -> None:
    text = page_text(resource_types=[ORDER.replace("|  | ", "| orders:size | ")])

    assert problems(text) == [("undefined-condition-key", "'orders:size'", True)]


def test_page_that_says_none_defines_nothing() -> None:
    text = page_text(actions=[get_order("order", "orders:size")])

    assert problems(text) == [
        ("undefined-resource-type", "'order'", True),
        ("undefined-condition-key", "'orders:size'", True),
    ]


def test_nothing_is_undefined_while_a_definition_has_lost_its_name() -> None:
    nameless = r"|  |  arn:$\{Partition\}:orders:::order/$\{OrderId\}  |  | "
    text = page_text(actions=[get_order("order")], resource_types=[nameless])

    assert problems(text) == [("no-name", "''", False)]


def test_nothing_is_undefined_while_the_section_is_not_in_the_source() -> None:
    text = page_text(actions=[get_order("order", "orders:size")])
    text = text[: text.index("## Resources")]

    assert problems(text) == [
        ("missing-section", "no section 'resource_types'", False),
        ("missing-section", "no section 'condition_keys'", False),
    ]
