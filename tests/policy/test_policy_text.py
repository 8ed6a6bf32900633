"""Policies as JSON, YAML and Terraform's data source, which say the same when they are read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam_catalog import CatalogError
from iam_catalog.policy.read.files import read_documents
from iam_catalog.policy.write.text import policies_text

TEXTS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f&"))
LISTS = st.lists(TEXTS, min_size=1, max_size=3)


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    statements = []
    for _ in range(draw(st.integers(1, 3))):
        statement: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Deny"]))}
        statement[draw(st.sampled_from(["Action", "NotAction"]))] = draw(LISTS)
        statement[draw(st.sampled_from(["Resource", "NotResource"]))] = draw(LISTS)
        if draw(st.booleans()):
            statement["Condition"] = {"StringLike": {"aws:PrincipalTag/a": draw(LISTS)}}
        statements.append(statement)
    return {"Version": "2012-10-17", "Statement": statements}


def read(file: str, text: str) -> list[object]:
    return [each.value for each in read_documents(file, text.encode())]


@given(policies())
def test_yaml_says_the_same(policy: dict[str, Any]) -> None:
    pytest.importorskip("yaml")

    assert read("p.yaml", policies_text([policy], "yaml")) == [policy]


@pytest.mark.parametrize(
    "text", ["yes", "null", "1", "2012-10-17", "a: b", "- a", "#", "", "*", "~", "a:", "s3:Get*"]
)
def test_yaml_reads_every_text_as_text(text: str) -> None:
    pytest.importorskip("yaml")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": text}]}

    assert read("p.yaml", policies_text([policy, policy], "yaml")) == [policy, policy]


def test_terraform_says_the_same() -> None:
    pytest.importorskip("hcl2")
    policy = {
        "Version": "2008-10-17",
        "Id": "all",
        "Statement": [
            {
                "Sid": "A",
                "Effect": "Deny",
                "Principal": {"AWS": ["111122223333", "*"], "Service": ["ec2.amazonaws.com"]},
                "NotAction": ["s3:Get*"],
                "Resource": ["arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::c/\\"],
                "Condition": {
                    "ForAnyValue:StringLike": {"aws:TagKeys": ["a", "b"]},
                    "Bool": {"aws:SecureTransport": ["false"]},
                },
            },
            {"Effect": "Allow", "Action": ["*"], "NotResource": ["*"]},
        ],
    }

    assert read("p.tf", policies_text([policy], "terraform")) == [policy]


def test_several_policies_are_several_data_sources() -> None:
    policy = {"Version": "2012-10-17", "Statement": []}

    assert policies_text([policy, policy], "terraform") == (
        'data "aws_iam_policy_document" "policy" {\n}\n\n'
        'data "aws_iam_policy_document" "policy_2" {\n}\n'
    )
    assert json.loads(policies_text([policy, policy])) == [policy, policy]


def test_what_terraform_has_no_argument_for_is_refused() -> None:
    with pytest.raises(CatalogError, match="no argument for Comment"):
        policies_text([{"Statement": {"Comment": "x"}}], "terraform")
    with pytest.raises(CatalogError, match="'xml' is not a form"):
        policies_text([], "xml")
