"""The pre-commit hook: which files it hands to `iam-catalog check`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).parent.parent
(HOOK,) = yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

CHECKED = [
    "policy.json",
    "Policy.JSON",
    "trust-policy.yaml",
    "deploy/bucket_policies.yml",
    "policies.json",
    "policy-parameters.json",
    "policies/app.json",
    "policies/team/app.yaml",
    "iam-policies/app.yml",
    "src/Policies/app.json",
    "iam/role.json",
    "infra/iam/roles/admin.yaml",
    "iam-roles/admin.json",
    "aws_iam/admin.yml",
    "template.yml",
    "template.yaml",
    "sam/template.yaml",
    "app.template.json",
    "stacks/app.template.yaml",
    "cloudformation/vpc.json",
    "cloudformation/network/vpc.yaml",
    "infra/CloudFormation/vpc.yml",
    "cloudformation/vpc.template",
]
LEFT_ALONE = [
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "template.json",
    "templates/mail.yaml",
    "src/template.yaml.j2",
    "nginx.template",
    "app.json",
    "data.yaml",
    "siam/cat.json",
    "miami/beach.json",
    "diamond/ring.json",
    "iam.json",
    "iam/README.md",
    "iam/role.py",
    "policies/README.md",
    "policy.py",
    "policy/lambda.ts",
    "cloudformation/README.md",
    "cloudformation.json",
    "cloudformation/parameters.json",
    "cloudformation/vpc.params.json",
    "policies/package.json",
    "iam/tsconfig.build.json",
    "node_modules/aws/policies/read.json",
]


def is_checked(path: str) -> bool:
    """As pre-commit decides."""
    return bool(re.search(HOOK["files"], path)) and not re.search(HOOK["exclude"], path)


@pytest.mark.parametrize("path", CHECKED)
def test_a_file_that_may_hold_policies_is_checked(path):
    assert is_checked(path)


@pytest.mark.parametrize("path", LEFT_ALONE)
def test_any_other_file_is_left_alone(path):
    assert not is_checked(path)
