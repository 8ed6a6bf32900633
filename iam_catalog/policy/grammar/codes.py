"""The findings of the grammar: for each code its severity, meaning, and where AWS says so.

An error is what AWS refuses, or what has no effect as it is written; a warning is accepted, and
does something else than it seems to; the rest is information.
"""

from __future__ import annotations

from iam_catalog.policy.check.findings import Finding, Severity
from iam_catalog.policy.records import Path

GRAMMAR = 'IAM User Guide, "Grammar of the IAM JSON policy language"'
CHECKS = 'IAM User Guide, "IAM Access Analyzer policy check reference"'
ELEMENTS = 'IAM User Guide, "IAM JSON policy elements: '
SCP = 'AWS Organizations User Guide, "SCP syntax"'
RCP = 'AWS Organizations User Guide, "RCP syntax"'

GRAMMAR_CODES: dict[str, tuple[Severity, str, str]] = {
    "unresolved-policy": (
        "info",
        "A policy that only a deployment knows, or a fragment of one: it is not checked.",
        "CloudFormation User Guide, intrinsic functions; Terraform, JSON output format",
    ),
    "too-many-findings": (
        "info",
        "The grammar finds so much that the rest of the policy is not looked at.",
        "the code itself",
    ),
    "policy-type": ("error", "A policy is an object.", f"{GRAMMAR}: policy"),
    "repeated-name": (
        "error",
        "An object names a member twice; only one of them can count.",
        f"{GRAMMAR}: policy grammar notes",
    ),
    "unknown-element": (
        "error",
        "A policy or a statement has an element that the grammar does not have; case counts.",
        f"{CHECKS}: invalid policy element",
    ),
    "wrong-type": (
        "error",
        "An element has a value of a type that it can not have.",
        f"{CHECKS}: data type mismatch",
    ),
    "character-not-allowed": (
        "error",
        "IAM takes only characters up to U+00FF, others as \\u escapes.",
        "IAM API Reference, CreatePolicy and CreateRole: pattern of the policy document",
    ),
    "missing-version": (
        "warning",
        "Without a version, 2008-10-17 counts, which has no policy variables.",
        f'{ELEMENTS}Version"',
    ),
    "version-value": (
        "error",
        "The version is neither 2012-10-17 nor 2008-10-17.",
        f"{GRAMMAR}: version_block",
    ),
    "version-required": (
        "error",
        "SCPs and RCPs must have the version 2012-10-17.",
        f"{SCP} and {RCP}: Version element",
    ),
    "variables-need-version": (
        "warning",
        "Before version 2012-10-17, ${…} is text like any other.",
        f"{CHECKS}: variable unsupported in version",
    ),
    "variable-not-allowed": (
        "error",
        "Variables stand in the last part of an ARN, and in values of string and ARN operators.",
        f"{CHECKS}: variable unsupported in element, invalid variable for operator",
    ),
    "id-not-allowed": (
        "warning",
        "Identity policies have no Id.",
        f"{GRAMMAR}: policy grammar notes",
    ),
    "missing-statement": (
        "error",
        "A policy has at least one statement.",
        f"{CHECKS}: missing statement",
    ),
    "sid-characters": (
        "error",
        "The Sid of an IAM policy has letters A-Z, a-z and digits only.",
        f"{CHECKS}: unsupported Sid",
    ),
    "repeated-sid": (
        "error",
        "Two statements of an IAM policy have the same Sid.",
        f"{CHECKS}: unique Sids required",
    ),
    "repeated-sid-of-resource-policy": (
        "warning",
        "Two statements have the same Sid, which some services refuse.",
        f"{CHECKS}: unique Sids recommended",
    ),
    "empty-sid": ("info", "The Sid is empty.", f"{CHECKS}: empty Sid value"),
    "missing-effect": ("error", "A statement has an Effect.", f"{CHECKS}: missing effect"),
    "effect-value": (
        "error",
        "The effect is neither Allow nor Deny; case counts.",
        f'{ELEMENTS}Effect"',
    ),
    "exclusive-elements": (
        "error",
        "A statement has an element and its opposite, such as Action and NotAction.",
        f"{CHECKS}: unsupported element combination",
    ),
    "missing-action": (
        "error",
        "A statement has Action or NotAction.",
        f"{CHECKS}: missing action",
    ),
    "action-syntax": (
        "error",
        "An action is written prefix:Name, without wildcards in the prefix, or *.",
        f'{GRAMMAR}: action_string; {ELEMENTS}Action"',
    ),
    "missing-resource": (
        "error",
        "A statement of an identity policy has Resource or NotResource.",
        f"{CHECKS}: missing resource",
    ),
    "empty-list": (
        "error",
        "A list of actions or resources has at least one.",
        f"{GRAMMAR}: the policy language and JSON",
    ),
    "missing-principal": (
        "error",
        "A statement of a resource policy has Principal or NotPrincipal.",
        f"{CHECKS}: missing principal",
    ),
    "principal-not-allowed": (
        "error",
        "Identity policies and SCPs name no principal.",
        f"{CHECKS}: unsupported principal",
    ),
    "mixed-principals": (
        "error",
        "Some statements name a principal and some do not: no kind of policy has both.",
        f"{GRAMMAR}: policy grammar notes",
    ),
    "principal-type": (
        "error",
        "A principal is of the type AWS, Federated, Service or CanonicalUser; case counts.",
        f"{CHECKS}: invalid principal key",
    ),
    "principal-value": (
        "error",
        "A principal is not written as its type is.",
        f"{CHECKS}: invalid principal format",
    ),
    "principal-wildcard": (
        "error",
        "A wildcard in a principal can not match a part of a name: * stands alone.",
        f"{CHECKS}: unsupported wildcard in principal",
    ),
    "empty-principal": (
        "warning",
        "The principal names nobody, so that the statement has no effect.",
        f"{CHECKS}: empty object principal, empty array principal",
    ),
    "not-principal-with-allow": (
        "error",
        "NotPrincipal can only be used with the effect Deny.",
        'IAM User Guide, "AWS JSON policy elements: NotPrincipal"',
    ),
    "trust-resource": (
        "error",
        "A trust policy belongs to its role and names no resource.",
        f"{CHECKS}: role trust policy syntax error resource",
    ),
    "trust-principal": (
        "error",
        "A trust policy names its principals: neither NotPrincipal nor a bare *.",
        f"{CHECKS}: role trust policy syntax error notprincipal, unsupported wildcard in principal",
    ),
    "trust-action": (
        "error",
        "A trust policy has actions of STS only.",
        "IAM API Reference, CreateRole and UpdateAssumeRolePolicy: trust policies",
    ),
    "trust-action-mismatch": (
        "error",
        "An action of a trust policy is not the one that its principals call.",
        f"{CHECKS}: mismatched action for principal",
    ),
    "rcp-effect": ("error", "RCPs of customers only deny.", f"{RCP}: Effect element"),
    "rcp-principal": (
        "error",
        'The principal of an RCP is "*", and nothing else.',
        f"{CHECKS}: RCP syntax error principal",
    ),
    "rcp-not-action": (
        "error",
        "RCPs have no NotAction.",
        f"{CHECKS}: RCP syntax error NotAction",
    ),
    "empty-condition": (
        "info",
        "A condition without operators or keys changes nothing.",
        f"{CHECKS}: empty object condition",
    ),
    "empty-condition-values": (
        "warning",
        "A condition key without values matches nothing.",
        f"{CHECKS}: empty array condition",
    ),
    "condition-key-syntax": (
        "error",
        "A condition key is written prefix:name.",
        f"{CHECKS}: invalid condition key format",
    ),
    "repeated-condition-key": (
        "error",
        "An operator has a key twice, in different case; keys are compared without case.",
        f"{CHECKS}: duplicate keys with different case",
    ),
    "mixed-condition-values": (
        "warning",
        "The values of a condition key are of different types.",
        f"{CHECKS}: invalid condition data type",
    ),
}
"""Code -> severity, meaning, reference."""


def finding(code: str, text: str, path: Path, suggestion: str | None = None) -> Finding:
    """A finding of the grammar."""
    return Finding(code, GRAMMAR_CODES[code][0], text, path, suggestion=suggestion)


TYPES = {
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def type_name(value: object) -> str:
    """What JSON calls the type of a value, in words."""
    return next((name for kind, name in TYPES.items() if isinstance(value, kind)), "something else")


def quoted(value: object, most: int = 100) -> str:
    """A value as it can be shown: in quotes, on one line, and not too long."""
    text = str(value)
    return repr(text) if len(text) <= most else f"{text[:most]!r}… ({len(text):,} characters)"


def wrong_type(name: str, value: object, expected: str, path: Path) -> Finding:
    return finding("wrong-type", f"{name} is {type_name(value)}: expected {expected}.", path)
