"""What a policy is attached to, as far as its form or its place tells.

By form: identity policies name no principal and resource policies must (IAM User Guide, "AWS JSON
policy elements: Principal"); what only allows actions of STS and names no resource is the trust
policy of a role. SCPs have the form of identity policies, and RCPs of resource policies (AWS
Organizations User Guide, "SCP syntax", "RCP syntax"): of these only a place can tell.
"""

from __future__ import annotations

from iam_catalog.policy.model import Kind, Path, Policy, Statement

ORGANIZATION_POLICIES: dict[str, Kind] = {
    "SERVICE_CONTROL_POLICY": "scp",
    "RESOURCE_CONTROL_POLICY": "rcp",
}
"""The types of policies in AWS Organizations that have the grammar of IAM; tag policies and the
like have another."""

TRUST_NAMES = {"assume_role_policy", "AssumeRolePolicyDocument"}

IDENTITY_TYPES = (
    "aws_iam_",
    "aws_iot_",
    "aws_ssoadmin_",
    "aws_transfer_",
    "AWS::IAM::",
    "AWS::IoT::",
    "AWS::SSO::",
    "AWS::Serverless::",
    "AWS::Transfer::",
)
"""How the types of resources start whose policies name no principal: Transfer's are policies of
sessions, and those of IoT Core are attached to certificates."""

RESOURCE_NAMES = {
    "access_policies",
    "access_policy",
    "policy",
    "resource_policy",
    "AccessPolicies",
    "FileSystemPolicy",
    "KeyPolicy",
    "Policy",
    "PolicyDocument",
    "RepositoryPolicyText",
    "ResourcePolicy",
}
"""How Terraform and CloudFormation name the policy of a resource of any other type."""


def policy_kind(policy: Policy) -> Kind | None:
    """The kind that the form of a policy tells; None where its statements disagree."""
    if not policy.statements:
        return None
    named = [names_principal(statement) for statement in policy.statements]
    if not any(named):
        return "identity"
    if not all(named):
        return None
    return "trust" if all(map(is_trust, policy.statements)) else "resource"


def names_principal(statement: Statement) -> bool:
    return statement.principals is not None or statement.not_principals is not None


def is_trust(statement: Statement) -> bool:
    """Only actions of STS, and no resource: nothing but a role takes such a statement."""
    actions = statement.actions or ()
    return (
        bool(actions)
        and all(action.lower().startswith("sts:") for action in actions)
        and statement.resources is None
        and statement.not_resources is None
    )


def kind_in_place(resource_type: str, name: str) -> Kind | None:
    """The kind of a policy by the type of the resource that holds it, and under which name.

    *resource_type* as in Terraform (`aws_sqs_queue_policy`) or CloudFormation
    (`AWS::SQS::QueuePolicy`); None where these tell nothing, as for data sources.
    """
    if name in TRUST_NAMES:
        return "trust"
    if resource_type.startswith(IDENTITY_TYPES):
        return None if resource_type == "aws_iam_policy_document" else "identity"
    known = resource_type.startswith(("aws_", "AWS::"))
    return "resource" if known and name in RESOURCE_NAMES else None


def kind_in_output(value: object, path: Path) -> Kind | None:
    """The kind that `aws organizations describe-policy` states beside the policy at *path*."""
    for step in path[:-1]:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
    summary = value.get("PolicySummary") if isinstance(value, dict) else None
    stated = summary.get("Type") if isinstance(summary, dict) else None
    return ORGANIZATION_POLICIES.get(stated) if isinstance(stated, str) else None
