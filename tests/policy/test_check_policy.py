"""`check_policy`: what it takes, and what holds whatever it is given."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import reduce
from typing import Any

import pytest
from check_services import NEWER, allow, build_catalog, policy
from hypothesis import given
from hypothesis import strategies as st

import iam_catalog
from iam_catalog import Catalog, CatalogError, UnreadablePolicy
from iam_catalog.policy.check.registry import CODES
from iam_catalog.policy.model import PolicyDocument, Unresolved

UNKNOWN = policy(allow("post:ListBoxes"), allow(["post:GetParcel", "post:GetLeter"]))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_catalog(tmp_path_factory.mktemp("check"))


@pytest.fixture(scope="module")
def catalog(path: str) -> Iterator[Catalog]:
    with Catalog(path) as opened:
        yield opened


def test_a_value_has_findings_with_paths(catalog):
    (found,) = catalog.check_policy(UNKNOWN)

    assert (found.path, found.line, found.file) == (("Statement", 1, "Action", 1), None, None)


def test_a_text_has_findings_with_lines(catalog):
    text = json.dumps(UNKNOWN, indent=1)
    (found,) = catalog.check_policy(text)

    assert found.line is not None
    assert "GetLeter" in text.splitlines()[found.line - 1]
    assert found.file is None


def test_a_document_of_a_file_has_findings_with_file_title_and_line(catalog):
    text = json.dumps([{}, UNKNOWN], indent=1)
    document = PolicyDocument("a.json", "Letters", UNKNOWN, (1,), 3, text, 1)
    (found,) = catalog.check_policy(document)

    assert (found.file, found.title) == ("a.json", "Letters")
    assert found.line is not None
    assert "GetLeter" in text.splitlines()[found.line - 1]


def test_a_text_that_is_no_json_is_refused(catalog):
    with pytest.raises(UnreadablePolicy, match="'<policy>' line 1 column 2: it is not JSON"):
        catalog.check_policy("{")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({1: 2}, "1 of Python's type int"),
        (policy(allow({"post:GetLetter"})), "{'post:GetLetter'} of Python's type set"),
        ({"Version": date(2012, 10, 17)}, r"datetime.date\(2012, 10, 17\) of Python's type date"),
        (policy(allow(("post:GetLetter",))), "of Python's type tuple: expected what JSON can say"),
        (reduce(lambda inner, _: [inner], range(300), []), "nested more than 200 levels deep"),
    ],
)
def test_a_value_that_no_json_has_is_refused(catalog, value, said):
    for ask in (catalog.check_policy, catalog.explain_policy, catalog.complete_policy):
        with pytest.raises(UnreadablePolicy, match=said):
            ask(value)


def test_a_kind_that_there_is_not_is_refused(catalog):
    for ask in (catalog.check_policy, catalog.explain_policy):
        with pytest.raises(CatalogError) as caught:
            ask(UNKNOWN, kind="role")
        assert str(caught.value) == (
            "'role' is not a kind of policy: use one of identity, resource, trust, scp, rcp, or"
            " None where the form of the policy decides."
        )


def test_one_call_asks_the_catalog_that_is_named(path, monkeypatch):
    monkeypatch.setenv("IAM_CATALOG_DB", path)

    assert [each.suggestion for each in iam_catalog.check_policy(UNKNOWN)] == ["post:GetLetter"]


def test_a_closed_catalog_answers_nothing_although_it_has_kept_facts(path):
    with Catalog(path) as closed:
        closed.check_policy(UNKNOWN)

    with pytest.raises(CatalogError):
        closed.check_policy(UNKNOWN)


def test_answers_are_fresh(catalog):
    catalog.check_policy(UNKNOWN).clear()

    assert len(catalog.check_policy(UNKNOWN)) == 1


def test_a_policy_that_is_not_known_is_told_and_not_checked(catalog):
    value = Unresolved("${what a deployment knows}")
    (found,) = catalog.check_policy(PolicyDocument("a.yaml", None, value, (), 1, "", 1))

    assert (found.code, found.severity) == ("unresolved-policy", "info")


def test_findings_come_by_statement_those_of_the_policy_first(catalog):
    found = catalog.check_policy(
        {
            "Statement": [
                allow("post:ListBoxes", "box"),
                allow("post:GetLeter"),
                allow("post:ListBoxes", Condition={"Bool": {"post:No": "perhaps"}}),
            ]
        }
    )

    assert [(each.code, each.path[:2]) for each in found] == [
        ("missing-version", ()),
        ("malformed-arn", ("Statement", 0)),
        ("unknown-action", ("Statement", 1)),
        ("unknown-condition-key", ("Statement", 2)),
        ("malformed-condition-value", ("Statement", 2)),
    ]


def test_the_kind_of_a_document_counts_before_the_one_that_is_said(catalog):
    document = PolicyDocument("a.json", None, policy(allow("*")), (), 1, "", 1, kind="scp")

    assert catalog.check_policy(document, kind="identity") == []


# --- whatever it is given

TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        (
            *("*", "post:*", "post:GetLetter", "post:Get?etter", "depot:*o*", "${a}", "nosuch:Go"),
            *("arn:aws:post:::x", "arn:aws:post:*:*:truck/*", "arn:*", "aws:TagKeys", "Bool"),
        )
    ),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
ELEMENTS = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal")
STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny", "?"])},
    optional={
        **dict.fromkeys(ELEMENTS[2:6], st.one_of(TEXTS, st.lists(TEXTS, max_size=4), VALUES)),
        "Principal": VALUES,
        "Condition": st.one_of(
            st.dictionaries(TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=2), max_size=2), VALUES
        ),
    },
)


@given(st.lists(STATEMENTS, max_size=4), st.sampled_from([None, "identity", "resource", "scp"]))
def test_every_finding_has_a_code_its_severity_and_a_path_that_leads_somewhere(
    catalog, statements, kind
):
    value = {"Version": "2012-10-17", "Statement": statements}

    for found in catalog.check_policy(value, kind=kind):
        assert CODES[found.code].severity == found.severity
        assert found.text
        assert leads_somewhere(value, found.path)


def leads_somewhere(value: Any, path: tuple[str | int, ...]) -> bool:
    for step in path:
        if isinstance(step, int) and not (isinstance(value, list) and step < len(value)):
            return False
        if isinstance(step, str) and not (isinstance(value, dict) and step in value):
            return False
        value = value[step]
    return True


@given(VALUES)
def test_no_value_is_too_odd_to_be_checked(catalog, value):
    if not isinstance(value, str):
        assert catalog.check_policy(value)


@given(st.lists(STATEMENTS, max_size=3))
def test_an_answer_depends_on_nothing_that_was_asked_before(path, catalog, statements):
    value = {"Version": "2012-10-17", "Statement": statements}
    with Catalog(path) as fresh:
        assert fresh.check_policy(value) == catalog.check_policy(value)


def test_dates_are_those_of_pages(catalog):
    (found,) = catalog.check_policy(UNKNOWN)

    assert {each.date for each in found.evidence} == {NEWER}
