"""The characters that findings are about, and the changes that their suggestions make."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_catalog import build_small_catalog

from iam_catalog.policy.check.engine import Checker
from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.check.fixes import edits_of, is_folded, token_span, unfolded
from iam_catalog.policy.check.registry import CODES
from iam_catalog.policy.model import PolicyDocument
from iam_catalog.policy.read.files import read_documents


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checker]:
    path = build_small_catalog(tmp_path_factory.mktemp("small"))
    with closing(sqlite3.connect(path)) as connection:
        yield Checker(connection)


def document_of(text: str, name: str = "policy.json") -> PolicyDocument:
    (document,) = read_documents(name, text.encode())
    return document


def found(checker: Checker, document: PolicyDocument, code: str) -> Finding:
    return next(each for each in checker.check(document) if each.code == code)


def changed(document: PolicyDocument, finding: Finding) -> list[str]:
    """The text after each of the alternatives."""
    text = document.text
    return [
        text[: each.start] + each.text + text[each.end :] for each in edits_of(document, finding)
    ]


def test_an_item_of_a_list_is_found_among_its_equals_by_its_place(checker: Checker) -> None:
    text = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",'
        ' "Action": ["store:ListShelves", "store:ListShelvs"], "Resource": "*"}]}'
    )
    document = document_of(text)
    finding = found(checker, document, "unknown-action")

    start, end = token_span(document, finding) or (0, 0)
    assert text[start:end] == "store:ListShelvs"
    assert changed(document, finding) == [text.replace("ListShelvs", "ListShelves")]


@pytest.mark.parametrize(
    ("written", "path", "better"),
    [
        ('["store:Copy"]', ("Action", 0), '["store:Get", "store:Put"]'),
        ('"store:Copy"', ("Action",), '["store:Get", "store:Put"]'),
    ],
)
def test_several_actions_in_place_of_an_operation_are_several_items(written, path, better) -> None:
    text = f'{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": {written}}}]}}'
    finding = Finding(
        "operation-as-action",
        "warning",
        "'store:Copy' is an API operation",
        ("Statement", 0, *path),
        suggestion="store:Get and store:Put",
    )

    assert changed(document_of(text), finding) == [text.replace(written, better)]


def test_a_name_that_is_there_already_is_not_written_twice(checker: Checker) -> None:
    document = document_of('{"Version": "2012-10-17", "version": "", "Statement": []}')

    assert changed(document, found(checker, document, "unknown-element")) == []


def test_an_operator_of_several_keys_is_not_changed_for_one_of_them(checker: Checker) -> None:
    keys = '"aws:PrincipalOrgID": "o-1", "aws:SourceIp": "203.0.113.1"'
    text = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*",'
        f' "Condition": {{"ForAnyValue:StringEquals": {{{keys}}}}}}}]}}'
    )
    document = document_of(text)

    assert changed(document, found(checker, document, "set-operator-not-needed")) == []


def test_a_version_comes_before_the_other_members_with_their_indentation(checker: Checker) -> None:
    text = '{\n    "Statement": []\n}'
    document = document_of(text)

    assert changed(document, found(checker, document, "missing-version")) == [
        '{\n    "Version": "2012-10-17",\n    "Statement": []\n}'
    ]


def test_a_word_of_yaml_is_changed_without_its_quotes(checker: Checker) -> None:
    text = "Version: 2012-10-17\nStatement:\n- {Effect: 'allow', Action: '*', Resource: '*'}\n"
    document = document_of(text, "policy.yaml")

    assert changed(document, found(checker, document, "effect-value")) == [
        text.replace("'allow'", "'Allow'")
    ]


def test_a_word_that_a_line_of_yaml_has_twice_is_left_alone(checker: Checker) -> None:
    text = "Version: 2012-10-17\nStatement: [{Sid: allow, Effect: allow, Resource: '*'}]\n"
    document = document_of(text, "policy.yaml")

    assert token_span(document, found(checker, document, "effect-value")) is None


def test_a_policy_in_a_string_is_unfolded_and_has_no_change_in_the_text_around_it(
    checker: Checker,
) -> None:
    policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "allow", "Action": "*"}]}'
    document = document_of(json.dumps({"PolicyDocument": policy}, indent=2))
    finding = found(checker, document, "effect-value")
    own = unfolded(document)

    assert is_folded(document)
    assert edits_of(document, finding) == []
    assert json.loads(changed(own, finding)[0])["Statement"][0]["Effect"] == "Allow"


def test_what_is_written_in_lines_is_not_folded() -> None:
    assert not is_folded(
        document_of(json.dumps({"Statement": [{"Effect": "Allow"}] * 4}, indent=2))
    )


_SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(_VALUES)
def test_indenting_changes_nothing_but_blanks(value: object) -> None:
    text = json.dumps({"Statement": [], "x": value}, ensure_ascii=False)
    own = unfolded(document_of(text))

    assert own.text == json.dumps({"Statement": [], "x": value}, ensure_ascii=False, indent=2)


def test_a_rule_that_says_what_its_suggestion_replaces_is_known_to_the_fixes() -> None:
    assert {each.replaces for each in CODES.values()} == {None, "value", "name", "operator"}
