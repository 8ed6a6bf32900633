"""What a policy is attached to, by its form and by its place."""

from __future__ import annotations

import pytest

from iam_catalog.policy.read.kinds import kind_in_place, policy_kind
from iam_catalog.policy.read.statements import read_policy

IDENTITY = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
RESOURCE = {**IDENTITY, "Principal": "*"}
TRUST = {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"AWS": "1"}}


@pytest.mark.parametrize(
    ("statements", "kind"),
    [
        ([IDENTITY], "identity"),
        ([RESOURCE, RESOURCE], "resource"),
        ([{**IDENTITY, "NotPrincipal": {"AWS": "1"}}], "resource"),
        ([TRUST], "trust"),
        ([TRUST, RESOURCE], "resource"),
        ([{**TRUST, "Resource": "*"}], "resource"),
        ([{**TRUST, "Action": []}], "resource"),
        ([TRUST, {**TRUST, "Resource": "*"}], "trust"),
        ([{**TRUST, "Principal": {"Federated": "accounts.google.com"}, "Resource": "*"}], "trust"),
        ([IDENTITY, RESOURCE], None),
        ([], None),
    ],
)
def test_the_form_tells_who_is_named(statements, kind):
    assert policy_kind(read_policy({"Statement": statements})) == kind


@pytest.mark.parametrize(
    ("resource_type", "name", "kind"),
    [
        ("aws_iam_role", "assume_role_policy", "trust"),
        ("AWS::IAM::Role", "AssumeRolePolicyDocument", "trust"),
        ("", "AssumeRolePolicyDocument", "trust"),
        ("aws_iam_policy", "policy", "identity"),
        ("aws_iam_policy_document", "json", None),
        ("AWS::IAM::Role", "PolicyDocument", "identity"),
        ("AWS::SSO::PermissionSet", "InlinePolicy", "identity"),
        ("aws_s3_bucket_policy", "policy", "resource"),
        ("AWS::KMS::Key", "KeyPolicy", "resource"),
        ("aws_instance", "user_data", None),
        ("google_x", "policy", None),
    ],
)
def test_the_place_tells_more(resource_type, name, kind):
    assert kind_in_place(resource_type, name) == kind
