"""The line of every part of a policy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam_catalog.policy.model import Path
from iam_catalog.policy.read import source
from iam_catalog.policy.read.files import read_documents
from iam_catalog.policy.read.json_text import JsonPlaces
from iam_catalog.policy.read.source import line_of
from iam_catalog.policy.read.statements import as_document

TEXT = r"""
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "a \"]}, { \\",
      "Action": ["s3:Get*",
                 "s3:List*"],
      "Condition": {
        "Bool": {"aws:SecureTransport": true}
      }
    },

    {"Effect": "Deny"}
  ]
}
"""
VALUES = st.recursive(
    st.none() | st.integers() | st.text('a"\\{}[],: \n'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('ab"\\'), inner),
    max_leaves=15,
)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        (("Version",), 3),
        (("Statement",), 4),
        (("Statement", 0), 5),
        (("Statement", 0, "Sid"), 6),
        (("Statement", 0, "Action"), 7),
        (("Statement", 0, "Action", 0), 7),
        (("Statement", 0, "Action", 1), 8),
        (("Statement", 0, "Condition", "Bool", "aws:SecureTransport"), 10),
        (("Statement", 1), 14),
        (("Statement", 1, "Effect"), 14),
    ],
)
def test_a_part_stands_on_the_line_of_its_name_or_its_start(path, line):
    (document,) = read_documents("policy.json", TEXT.encode())

    assert line_of(document, path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("Id",), 2),
        (("Statement", 9), 4),
        (("Statement", 0, "Effect"), 5),
        (("Version", "x"), 3),
        (("Statement", "x"), 4),
    ],
)
def test_a_part_that_is_not_there_stands_where_what_is_around_it_does(path, line):
    (document,) = read_documents("policy.json", TEXT.encode())

    assert line_of(document, path) == line


def test_of_a_repeated_name_the_last_one_counts():
    text = '{"Statement": [],\n"Statement":\n[{\n"Sid": "a"}]}'
    (document,) = read_documents("policy.json", text.encode())

    assert line_of(document, ("Statement",)) == 2
    assert line_of(document, ("Statement", 0, "Sid")) == 4


def test_windows_line_ends_count_once():
    (document,) = read_documents("policy.json", b'{"Version": "x",\r\n\r\n"Statement": []}')

    assert line_of(document, ("Statement",)) == 3


def test_lines_of_json_lines_are_those_of_the_file():
    content = b'{"Statement": []}\n\n{"Statement": []}\n'

    documents = list(read_documents("x.jsonl", content))

    assert [each.line for each in documents] == [1, 3]
    assert [line_of(each, ("Statement",)) for each in documents] == [1, 3]


def parts(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    yield path, value
    members = value.items() if isinstance(value, dict) else ()
    for step, part in members or (enumerate(value) if isinstance(value, list) else ()):
        yield from parts(part, (*path, step))


@given(VALUES, st.sampled_from([None, 0, 2]))
def test_the_offset_of_every_part_is_where_its_text_starts(value, indent):
    text = json.dumps(value, indent=indent)
    places = JsonPlaces(text)

    for path, part in parts(value):
        rest = text[places.offset(path) :]
        if path and isinstance(path[-1], str):
            name = json.dumps(path[-1])
            assert rest.startswith(name)
            rest = re.sub(r"^\s*:\s*", "", rest[len(name) :])
        assert json.JSONDecoder().raw_decode(rest)[0] == part


@given(VALUES)
def test_the_part_before_an_offset_is_the_last_that_starts_there(value):
    text = json.dumps(value)
    places = JsonPlaces(text)
    starts = {places.offset(path): path for path, _ in parts(value) if path}

    for offset in range(len(text) + 1):
        before = [start for start in starts if start < offset]
        found = places.path_before(offset)
        expected = starts[max(before)] if before else ()
        assert found[: len(expected)] == expected


def test_a_text_without_an_end_behind_the_part_ends_the_search():
    places = JsonPlaces('[{"a": 1}, {"b": "c')

    assert [places.line((0, "a")), places.line((1, "b"))] == [0, 0]


def test_in_a_text_of_one_line_no_part_is_looked_for(monkeypatch):
    text = json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:GetObject"}})
    monkeypatch.setattr(source, "JsonPlaces", pytest.fail)

    assert line_of(as_document(text), ("Statement", "Action")) == 1
