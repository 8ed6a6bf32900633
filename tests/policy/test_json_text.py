"""What is read as JSON, and what is refused before it does harm."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.read.json_text import (
    Place,
    RepeatedNames,
    read_items,
    read_json,
    refuse_excess,
)

PLACE = Place("policy.json")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text('a\xe9\U0001f600"\\\n{}[],:'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("ab"), inner),
    max_leaves=20,
)


@given(JSON)
def test_every_value_of_json_is_read_as_python_reads_it(value):
    assert read_json(json.dumps(value), PLACE) == value


@given(
    st.lists(st.text('a"[],{}') | st.just({"a": [1, {}]}) | st.just([]), max_size=5),
    st.sampled_from([None, 0, 2]),
)
def test_items_are_read_one_by_one_with_their_places(values, indent):
    text = "\n " + json.dumps(values, indent=indent) + " \n"

    items = list(read_items(text, PLACE))

    assert [value for _, value in items] == values
    assert [json.JSONDecoder().raw_decode(text, offset)[0] for offset, _ in items] == values


def test_a_name_that_stands_twice_is_kept_and_the_last_one_counts():
    value = read_json('{"a": 1, "b": 2, "a": {"c": 3}, "b": 4}', PLACE)

    assert value == {"a": {"c": 3}, "b": 4}
    assert isinstance(value, RepeatedNames)
    assert value.repeated == ("a", "b")
    assert not isinstance(value["a"], RepeatedNames)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1 column 1: it is not JSON: unexpected end"),
        ('{\n "a": 1 "b"}', "line 2 column 9: it is not JSON: unexpected '\"'"),
        ('{"a": 1} x', "line 1 column 10: it is not JSON: unexpected 'x' after the value"),
        ('{"a": 1}\n{"b": 2}', "line 2 column 1: it is not JSON: unexpected '{' after the value"),
        ('{"a": "\n"}', "line 1 column 8: it is not JSON: unexpected '\\n'"),
        ('{"a": "', "line 1 column 7: it is not JSON: a text without an end"),
        ('{"a": 1,\n}', "line 1 column 8: it is not JSON: a comma before '}'"),
        ('{"a": [1 , ]}', "line 1 column 10: it is not JSON: a comma before ']'"),
        ("[, 1]", "line 1 column 2: it is not JSON: unexpected ','"),
        ("[NaN]", "line 1: NaN is not JSON"),
        ("[-Infinity]", "line 1: -Infinity is not JSON"),
        ("[1e999]", "line 1: the number 1e999 is larger than any double"),
        (f"[{'9' * 5000}]", "line 1: it has a number of 5,000 digits"),
        ('"\\ud800"', "line 1: half of a surrogate pair (\\ud800 to \\udfff) stands alone"),
        ("[" * 100_000, "line 1: it is nested more than 200 levels deep"),
        ("[" * 201 + "]" * 201, "line 1: it is nested more than 200 levels deep"),
        ('{"a":' * 50_000, "line 1: it is nested more than 200 levels deep"),
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused_with_its_place(text, message):
    with pytest.raises(UnreadablePolicy) as raised:
        read_json(text, PLACE)

    assert str(raised.value) == f"Cannot read policies from 'policy.json' {message}."


def test_lines_are_counted_from_where_the_text_starts():
    with pytest.raises(UnreadablePolicy) as raised:
        read_json("\n\n?", Place("-", 7))

    assert str(raised.value) == (
        "Cannot read policies from standard input line 9 column 1: it is not JSON: unexpected '?'."
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1 2]", "line 1 column 4: it is not JSON: unexpected '2'"),
        ("[1,\n]", "line 1 column 3: it is not JSON: a comma before ']'"),
        ("[1", "line 1 column 3: it is not JSON: unexpected end"),
        ("[] x", "line 1 column 4: it is not JSON: unexpected 'x' after the value"),
        ("[1] x", "line 1 column 5: it is not JSON: unexpected 'x' after the value"),
    ],
)
def test_a_list_that_is_no_json_is_refused_where_it_stops(text, message):
    with pytest.raises(UnreadablePolicy) as raised:
        list(read_items(text, PLACE))

    assert str(raised.value) == f"Cannot read policies from 'policy.json' {message}."


def test_a_whole_pair_is_no_half():
    assert read_json('"\\ud83d\\ude00"', PLACE) == "\N{GRINNING FACE}"


def test_as_deep_as_allowed_is_read():
    assert json.dumps(read_json("[" * 200 + "]" * 200, PLACE)) == "[" * 200 + "]" * 200


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x" * (64 * 2**20 + 1), "it is longer than 64 MB"),
        ("[{}," * 1_000_001, "it has more than 2,000,000 objects and lists"),
    ],
)
def test_what_would_fill_the_memory_is_refused_unread(text, message):
    started = time.process_time()
    with pytest.raises(UnreadablePolicy) as raised:
        refuse_excess(text, PLACE)

    assert str(raised.value) == f"Cannot read policies from 'policy.json' line 1: {message}."
    assert time.process_time() - started < 2
