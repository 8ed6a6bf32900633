"""Answers are bounded, all of them can be had piece by piece, and policies are never cut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from assistant_clients import ask, open_live
from hypothesis import given
from hypothesis import strategies as st
from small_catalog import build_small_catalog

from iam_catalog import Catalog
from iam_catalog.assistants.answers import (
    LONGEST_TEXT,
    MOST_CHARACTERS,
    MOST_CUT,
    MOST_IN_PART,
    MOST_IN_POLICIES,
    Asked,
    ToolAnswer,
    ToolResult,
    answer,
)
from iam_catalog.assistants.live import OpenCatalog
from iam_catalog.assistants.parameters import WrongArgument
from iam_catalog.errors import CatalogError


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def opened(small: str) -> Iterator[OpenCatalog]:
    with open_live(small) as live, live.asked() as found:
        yield found


def result_of(written: ToolAnswer) -> str:
    return json.dumps(written.result, separators=(",", ":"), ensure_ascii=False)


def test_a_list_comes_in_windows(opened: OpenCatalog) -> None:
    written = answer(opened, ToolResult(list(range(7))), Asked(3, 3))

    assert written.result == [3, 4, 5]
    assert written.window is not None
    assert written.window.model_dump() == {"offset": 3, "shown": 3, "of": 7, "next_offset": 6}


def test_the_last_window_has_no_next_one(opened: OpenCatalog) -> None:
    written = answer(opened, ToolResult(list(range(7))), Asked(3, 6))

    assert written.window is not None
    assert written.window.model_dump() == {"offset": 6, "shown": 1, "of": 7, "next_offset": None}


def test_behind_the_end_there_is_nothing(opened: OpenCatalog) -> None:
    written = answer(opened, ToolResult(list(range(7))), Asked(3, 60))

    assert written.window is not None
    assert written.window.model_dump() == {"offset": 60, "shown": 0, "of": 7, "next_offset": None}


def test_a_list_in_a_record_is_cut_and_named(opened: OpenCatalog) -> None:
    found = ToolResult({"a/b~": {"names": list(range(9))}})

    written = answer(opened, found, Asked(2))
    asked = answer(opened, found, Asked(3, 2, written.cut[0].part))

    assert written.result == {"a/b~": {"names": [0, 1]}}
    assert [each.model_dump() for each in written.cut] == [
        {"part": "/a~1b~0/names", "shown": 2, "of": 9}
    ]
    assert asked.result == [2, 3, 4]


def test_many_cut_lists_are_counted(opened: OpenCatalog) -> None:
    found = ToolResult({str(number): [1, 2, 3] for number in range(MOST_CUT + 5)})

    written = answer(opened, found, Asked(2))

    assert (len(written.cut), written.also_cut) == (MOST_CUT, 5)


def test_a_long_text_is_cut_and_can_be_asked_for(opened: OpenCatalog) -> None:
    text = "x" * (LONGEST_TEXT + 1)

    written = answer(opened, ToolResult({"text": text}), Asked(2))
    asked = answer(opened, ToolResult({"text": text}), Asked(2, 0, "/text"))

    assert written.result == {"text": f"{'x' * LONGEST_TEXT}… (2,001 characters)"}
    assert asked.result == text


values = st.recursive(
    st.integers() | st.text(max_size=60) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=60,
)


@given(st.lists(values, max_size=40), st.integers(1, 200), st.integers(1, 50))
def test_all_of_a_list_can_be_had(
    opened: OpenCatalog, items: list[Any], limit: int, times: int
) -> None:
    items = [item for item in items for _ in range(times)]
    had, offset = 0, 0
    for _ in range(len(items) + 1):
        written = answer(opened, ToolResult(items), Asked(limit, offset))
        assert len(result_of(written)) <= MOST_CHARACTERS
        assert written.window is not None
        assert [each.part for each in written.cut] == [
            each.part
            for each in written.cut
            if offset <= int(each.part.split("/")[1]) < offset + written.window.shown
        ]
        had += written.window.shown
        if written.window.next_offset is None:
            break
        assert written.window.next_offset > offset
        offset = written.window.next_offset

    assert had == len(items)


@given(values, st.integers(1, 200), st.integers(1, 300))
def test_a_record_is_bounded(opened: OpenCatalog, value: Any, limit: int, times: int) -> None:
    written = answer(opened, ToolResult({"one": [value] * times, "two": value}), Asked(limit))

    assert len(result_of(written)) <= MOST_CHARACTERS


@pytest.mark.parametrize(
    "part", ["/nothing", "names", "/names/9", "/names/x", "/names/-1", "/names/0/1", "/", "//"]
)
def test_a_part_that_is_not_there_is_refused(opened: OpenCatalog, part: str) -> None:
    with pytest.raises(WrongArgument, match=r"^part: expected a place in the result"):
        answer(opened, ToolResult({"names": [1]}), Asked(2, 0, part))


def test_an_offset_needs_a_list(opened: OpenCatalog) -> None:
    with pytest.raises(WrongArgument, match="name a list of it with part"):
        answer(opened, ToolResult({"names": [1]}), Asked(2, 1))


def test_policies_are_whole_or_left_out(opened: OpenCatalog) -> None:
    policy = {"Statement": [{"Action": [f"store:Get{number}" for number in range(300)]}]}
    many = [policy] * 9

    one = answer(opened, ToolResult({"policies": [policy]}, policies=("policies",)), Asked(2))
    all_of_them = answer(opened, ToolResult({"policies": many}, policies=("policies",)), Asked(2))
    asked = answer(
        opened, ToolResult({"policies": many}, policies=("policies",)), Asked(4, 5, "/policies")
    )

    assert one.result == {"policies": [policy]}
    assert len(json.dumps(many)) > MOST_IN_POLICIES
    assert all_of_them.result == {"policies": None}
    assert [each.model_dump() for each in all_of_them.cut] == [
        {"part": "/policies", "shown": 0, "of": 9}
    ]
    assert asked.result == [policy] * 4


def test_a_policy_too_large_for_an_answer_is_an_error(opened: OpenCatalog) -> None:
    found = ToolResult({"policy": {"Sid": "x" * MOST_IN_PART}}, policies=("policy",))

    with pytest.raises(CatalogError, match=r"What is at /policy has 250,010 characters"):
        answer(opened, found, Asked(2, 0, "/policy"))


async def test_remarks_are_bounded_too(small: str) -> None:
    unknown = [f"store:Pour{number}" for number in range(150)]
    policy = {
        "Statement": [{"Effect": "Allow", "Action": name, "Resource": "*"} for name in unknown]
    }

    written = await ask(small, "explain_policy", policy=policy)

    assert len(written["not_known"]) <= 12
    assert len(json.dumps(written)) < MOST_CHARACTERS * 2


async def test_what_was_cut_of_an_explanation_can_be_had(small: str) -> None:
    policy = {"Statement": {"Effect": "Allow", "Action": "store:*", "Resource": "*"}}
    part = "/statements/0/levels/0/actions"
    with Catalog(small) as catalog:
        expected = catalog.explain_policy(policy).statements[0].levels[0].actions

    names: list[str] = []
    for offset in range(len(expected)):
        written = await ask(
            small, "explain_policy", policy=policy, part=part, limit=1, offset=offset
        )
        names += written["result"]

    assert names == list(expected)
