"""Decide what is a policy at all, and what it is attached to.

The kind comes from the form or from the place. By form: identity policies name no principal and
resource policies must (IAM User Guide, "AWS JSON policy elements: Principal"); a policy that only
has actions of STS is the trust policy of a role, unless each statement names a resource, as in the
policy of a VPC endpoint of STS, and none a principal of the type Federated. SCPs have the form of
identity policies, and RCPs that of resource policies (AWS Organizations User Guide, "SCP syntax",
"RCP syntax"): only a place can tell these apart.
"""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.model import Kind, Path, Policy, PolicyDocument, Statement, Unresolved

STATEMENT = "Statement"
NEWEST = "2012-10-17"
VERSIONS = {NEWEST, "2008-10-17"}

DATA_SOURCE = "aws_iam_policy_document"
DATA_SOURCE_ELEMENTS = {
    "sid": "Sid",
    "effect": "Effect",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
    "principals": "Principal",
    "not_principals": "NotPrincipal",
    "condition": "Condition",
}
"""The elements of JSON that the arguments and blocks of a statement in Terraform's data source
become (AWS provider, "Data Source: aws_iam_policy_document"); the last three are blocks."""

_ELEMENTS = {"Effect", "Action", "NotAction"}
_STATEMENT_ELEMENTS = (
    {"Effect"},
    {"Action", "NotAction"},
    {"Resource", "NotResource"},
    {"Principal", "NotPrincipal"},
)
"""Two of these four make an object a statement; an element and its opposite count once."""

_WRITTEN_ELEMENTS = frozenset(map(str.lower, set().union(*_STATEMENT_ELEMENTS)))

ORGANIZATION_POLICIES: dict[str, Kind] = {
    "SERVICE_CONTROL_POLICY": "scp",
    "RESOURCE_CONTROL_POLICY": "rcp",
}
"""Types of policies in AWS Organizations that have the grammar of IAM; tag policies and the like
have another."""

_MANAGED_PLACES = {"AWS::IAM::ManagedPolicy", "aws_iam_policy", "PolicyVersion"}
_VERSION_STEPS = {"PolicyVersion", "PolicyVersionList", "PolicyVersions"}

_TRUST_NAMES = {"assume_role_policy", "AssumeRolePolicyDocument"}

_GATEWAY_NAMES = {"x-amazon-apigateway-policy", "CustomStatements"}
"""Policies of APIs of API Gateway, in an OpenAPI document and in SAM, whatever resource has it."""

_SERVERLESS = "AWS::Serverless::"
_SERVERLESS_RESOURCE_NAMES = {"Policy", "ResourcePolicy"}
"""The policy of an API's domain, in SAM; `Policies` of functions belong to their roles."""

_IDENTITY_TYPES = (
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
"""Starts of the types of resources whose policies name no principal: Transfer's are policies of
sessions, and those of IoT Core are attached to certificates."""

_RESOURCE_NAMES = {
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
"""Names that Terraform and CloudFormation give the policy of a resource of any other type."""


def is_policy(value: object) -> bool:
    """Return True for an object that has the statements or the version of a policy.

    Rules of AWS WAF and requests of databases have a `Statement` too, with other things in it;
    a `Version` alone counts with one of AWS's two dates.
    """
    if not isinstance(value, dict):
        return False
    version = value.get("Version")
    if isinstance(version, str) and version in VERSIONS:
        return True
    if STATEMENT not in value:
        return False
    held = value[STATEMENT]
    has_version = version is not None and (
        isinstance(held, Unresolved) or not isinstance(held, str)
    )
    return has_version or any(map(_can_be_statement, held if isinstance(held, list) else [held]))


def _can_be_statement(value: object) -> bool:
    """Return True for an object that decides about actions, and for what a template leaves open."""
    if isinstance(value, dict):
        return not _ELEMENTS.isdisjoint(value) or is_function(value)
    return isinstance(value, Unresolved)


def is_function(value: dict[str, object]) -> bool:
    """Return True for an intrinsic function of CloudFormation, in its long form."""
    if "Fn::Transform" in value:  # merges what it includes with the members beside it
        return True
    name = next(iter(value), "")
    return len(value) == 1 and (name == "Ref" or name.startswith("Fn::"))


def is_meant_as_policy(value: object) -> bool:
    """Return True if the root of a file is a policy, or was meant as one and is misspelt.

    More is taken for a policy here than inside other values, where most objects are none: what
    remains is said to be wrong, and an object of another kind is left alone.
    """
    if not isinstance(value, dict):
        return False
    return (
        is_policy(value)
        or _has_statements(value.get(STATEMENT))
        or is_statement(value)
        or any(_is_misspelt(name, member) for name, member in value.items())
    )


def is_statement(value: object) -> bool:
    """Return True if an object has two of Effect, Action, Resource and Principal."""
    return (
        isinstance(value, dict)
        and sum(not names.isdisjoint(value) for names in _STATEMENT_ELEMENTS) > 1
    )


def is_list_of_statements(name: object, value: object) -> bool:
    """Return True for statements without a policy around them, under a name that says so.

    So `iamRoleStatements` of the Serverless Framework, and `CustomStatements` of SAM.
    """
    return (
        isinstance(name, str)
        and name.lower().endswith("statements")
        and isinstance(value, list)
        and any(map(is_statement, value))
    )


def _has_statements(held: object) -> bool:
    """Return True unless a `Statement` is a text, or has parts of rules of AWS WAF."""
    if isinstance(held, dict):
        return any(not str(name).endswith(STATEMENT) for name in held) or not held
    return isinstance(held, list)


def _is_misspelt(name: object, member: object) -> bool:
    """Return True for a version or for statements under a name in another case or number."""
    written = str(name).lower()
    if written == "version":
        return isinstance(member, str) and member in VERSIONS
    if written.removesuffix("s") != "statement":
        return False
    statements = member if isinstance(member, list) else [member]
    return any(
        isinstance(each, dict) and len(_WRITTEN_ELEMENTS.intersection(map(str.lower, each))) > 1
        for each in statements
    )


def policy_kind(policy: Policy) -> Kind | None:
    """Return the kind that a policy has by its form; None where its statements disagree."""
    if not policy.statements:
        return None
    named = [_names_principal(statement) for statement in policy.statements]
    if not any(named):
        return "identity"
    if not all(named):
        return None
    is_trust = all(map(_is_about_sts, policy.statements)) and any(
        map(_is_of_role, policy.statements)
    )
    return "trust" if is_trust else "resource"


def _names_principal(statement: Statement) -> bool:
    return statement.principals is not None or statement.not_principals is not None


def _is_about_sts(statement: Statement) -> bool:
    """Return True for a statement that has actions of STS alone."""
    actions = statement.actions or ()
    return bool(actions) and all(action.lower().startswith("sts:") for action in actions)


def _is_of_role(statement: Statement) -> bool:
    """Return True for a statement without a resource, and for one with a federated principal.

    Only a role takes either. One statement tells for the policy: where another one has a
    `Resource`, that is the mistake.
    """
    is_bare = statement.resources is None and statement.not_resources is None
    return is_bare or any(kind == "Federated" for kind, _ in statement.principals or ())


def kind_in_place(resource_type: str, name: str) -> Kind | None:
    """Return the kind of a policy by the property that holds it, then by the type of resource.

    *resource_type* as in Terraform (`aws_sqs_queue_policy`) or CloudFormation
    (`AWS::SQS::QueuePolicy`); None where these tell nothing, as for data sources.
    """
    if name in _TRUST_NAMES:
        return "trust"
    if name in _GATEWAY_NAMES:
        return "resource"
    if resource_type.startswith(_SERVERLESS) and name in _SERVERLESS_RESOURCE_NAMES:
        return "resource"
    if resource_type.startswith(_IDENTITY_TYPES):
        return None if resource_type == "aws_iam_policy_document" else "identity"
    known = resource_type.startswith(("aws_", "AWS::"))
    return "resource" if known and name in _RESOURCE_NAMES else None


def kind_in_output(value: object, path: Path) -> Kind | None:
    """Return the kind that `aws organizations describe-policy` states beside a policy."""
    for around in _values_around(value, path):
        summary = around.get("PolicySummary") if isinstance(around, dict) else None
        stated = summary.get("Type") if isinstance(summary, dict) else None
        if isinstance(stated, str):
            return ORGANIZATION_POLICIES.get(stated)
    return None


def _values_around(value: object, path: Path) -> Iterator[object]:
    """Yield the object that holds the policy at *path*."""
    for step in path[:-1]:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
    yield value


def place_in_output(path: Path) -> str | None:
    """Return `PolicyVersion` for a policy in what the AWS CLI prints of a managed policy."""
    return "PolicyVersion" if not _VERSION_STEPS.isdisjoint(map(str, path)) else None


def is_managed(document: PolicyDocument) -> bool:
    """Return True for a policy that its place makes a managed policy of IAM.

    IAM takes those in version 2012-10-17 alone (IAM API Reference, CreatePolicy).
    """
    return document.place in _MANAGED_PLACES
