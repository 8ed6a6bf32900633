"""Plans and states of Terraform, as `terraform show -json` prints them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from iam_catalog.policy.grammar.document import grammar_findings
from iam_catalog.policy.model import PolicyDocument, Unresolved
from iam_catalog.policy.read.files import read_documents
from iam_catalog.policy.read.source import line_of

READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject"}]}
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}
OTHER = {"Version": "2012-10-17", "Statement": []}


def documents(shown: dict[str, Any], indent: int | None = 1) -> list[PolicyDocument]:
    text = json.dumps({"format_version": "1.2", **shown}, indent=indent)
    return list(read_documents("plan.json", text.encode()))


def resource(address: str, values: dict[str, Any], mode: str = "managed") -> dict[str, Any]:
    kind = next(part for part in address.split(".") if part.startswith("aws_"))
    return {"address": address, "mode": mode, "type": kind, "values": values}


def planned(*resources: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"planned_values": {"root_module": {"resources": list(resources)}}, **others}


def test_every_policy_is_titled_with_its_address():
    role = resource(
        "aws_iam_role.app",
        {
            "assume_role_policy": json.dumps(TRUST),
            "inline_policy": [{"name": "read", "policy": json.dumps(READ)}],
            "description": "no {policy}",
        },
    )
    bucket = resource('aws_s3_bucket_policy.b["x"]', {"policy": json.dumps(READ)})

    assert [(each.title, each.kind, each.value) for each in documents(planned(role, bucket))] == [
        ("aws_iam_role.app.assume_role_policy", "trust", TRUST),
        ("aws_iam_role.app.inline_policy[0].policy", "identity", READ),
        ('aws_s3_bucket_policy.b["x"].policy', "resource", READ),
    ]


def test_modules_are_read_to_their_depth():
    inner = {
        "resources": [resource("module.a.module.b.aws_iam_policy.p", {"policy": json.dumps(READ)})]
    }
    plan = {"planned_values": {"root_module": {"child_modules": [{"child_modules": [inner]}]}}}

    assert [each.title for each in documents(plan)] == ["module.a.module.b.aws_iam_policy.p.policy"]


def test_a_part_of_a_policy_stands_on_the_line_of_its_text():
    policy = resource("aws_iam_policy.p", {"path": "/", "policy": json.dumps(READ, indent=2)})
    (document,) = documents(planned(policy))
    lines = document.text.split("\n")

    assert '"policy"' in lines[document.line - 1]
    assert line_of(document, ("Statement", 0, "Action")) == document.line


def test_a_plan_on_one_line_is_a_plan():
    policy = resource("aws_iam_policy.p", {"policy": json.dumps(READ)})

    assert [each.title for each in documents(planned(policy), indent=None)] == [
        "aws_iam_policy.p.policy"
    ]


def test_a_state_has_values():
    state = {"values": {"root_module": {"resources": [
        resource("aws_kms_key.k", {"policy": json.dumps(READ)})
    ]}}}  # fmt: skip

    assert [(each.title, each.kind) for each in documents(state)] == [
        ("aws_kms_key.k.policy", "resource")
    ]


def test_a_data_source_is_read_unless_a_resource_has_its_policy():
    used = resource("data.aws_iam_policy_document.used", {"json": json.dumps(READ)}, "data")
    other = resource("data.aws_iam_policy_document.other", {"json": json.dumps(OTHER)}, "data")
    prior = {"values": {"root_module": {"resources": [used, other]}}}
    policy = resource("aws_iam_policy.p", {"policy": json.dumps(READ, indent=4)})

    assert [(each.title, each.kind) for each in documents(planned(policy, prior_state=prior))] == [
        ("aws_iam_policy.p.policy", "identity"),
        ("data.aws_iam_policy_document.other.json", None),
    ]


def test_what_was_before_is_not_what_is_planned():
    prior = {"values": {"root_module": {"resources": [
        resource("aws_iam_policy.p", {"policy": json.dumps(OTHER)})
    ]}}}  # fmt: skip
    policy = resource("aws_iam_policy.p", {"policy": json.dumps(READ)})

    assert [each.value for each in documents(planned(policy, prior_state=prior))] == [READ]


def test_without_planned_values_the_changes_are_read():
    change = {
        "address": "aws_iam_policy.p",
        "mode": "managed",
        "type": "aws_iam_policy",
        "change": {"before": {"policy": json.dumps(OTHER)}, "after": {"policy": json.dumps(READ)}},
    }
    removed = {**change, "change": {"before": {"policy": json.dumps(OTHER)}, "after": None}}

    assert [each.value for each in documents({"resource_changes": [change, removed]})] == [READ]


def test_a_policy_that_is_known_after_the_apply_is_not_passed_over():
    change = {
        "address": "aws_iam_role.r",
        "mode": "managed",
        "type": "aws_iam_role",
        "change": {
            "after": {},
            "after_unknown": {
                "arn": True,
                "assume_role_policy": True,
                "inline_policy": [{"policy": True, "name": False}],
                "tags": {},
            },
        },
    }
    read = documents(planned(resource_changes=[change, {**change, "type": "google_x"}]))

    assert [(each.title, each.kind, each.value) for each in read] == [
        ("aws_iam_role.r.assume_role_policy", "trust", "${known after apply}"),
        ("aws_iam_role.r.inline_policy[0].policy", "identity", "${known after apply}"),
    ]
    assert all(isinstance(each.value, Unresolved) for each in read)
    assert {finding.code for each in read for finding in grammar_findings(each)} == {
        "unresolved-policy"
    }


@pytest.mark.parametrize(
    ("policy_type", "kinds"),
    [
        ("SERVICE_CONTROL_POLICY", ["scp"]),
        ("RESOURCE_CONTROL_POLICY", ["rcp"]),
        (None, ["scp"]),
        ("TAG_POLICY", []),
    ],
)
def test_policies_of_organizations_say_their_kind(policy_type, kinds):
    values = {"content": json.dumps(READ), "type": policy_type}
    policy = resource("aws_organizations_policy.p", values)

    assert [each.kind for each in documents(planned(policy))] == kinds


@pytest.mark.parametrize(
    "shown",
    [
        {"planned_values": None},
        {"planned_values": {"root_module": []}},
        {"planned_values": {"root_module": {"resources": [1, {"values": 2}], "child_modules": 3}}},
        {
            "resource_changes": [
                1,
                {"change": []},
                {"type": "aws_x", "change": {"after_unknown": 1}},
            ]
        },
        {"values": {}},
    ],
)
def test_a_damaged_plan_has_no_policies(shown):
    assert documents(shown) == []
