"""What a check can find: every code, its severity, and what AWS says about it.

The codes of the grammar come first; the others need the catalog, or facts that stand elsewhere.

`error`: AWS refuses it, or it can never match. `warning`: as documented, it does not do what it
says, or it hands out the right to change permissions. `info`: a fact worth knowing. Codes are never
renamed, and a code has one severity.
"""

from __future__ import annotations

from dataclasses import dataclass

from iam_catalog.policy.check.findings import Severity
from iam_catalog.policy.grammar.codes import GRAMMAR_CODES


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding."""

    severity: Severity
    meaning: str
    """A sentence without the values of a case."""
    reference: str
    """AWS's page and section that the rule rests on; the code itself where it is our own."""


GUIDE = "IAM User Guide"
TABLES = "Service Authorization Reference, Actions, resources, and condition keys for AWS services"
ELEMENTS = f"{GUIDE}, IAM JSON policy elements"
OPERATORS = f"{ELEMENTS}: Condition operators"
KEY_VALUES = f"{GUIDE}, Single-valued vs. multivalued context keys"
VALIDATION = f"{GUIDE}, IAM Access Analyzer policy check reference"

CODES: dict[str, Code] = {
    **{code: Code(*facts) for code, facts in GRAMMAR_CODES.items()},
    "service-not-held": Code(
        "info",
        "The catalog holds no source of the service, so nothing of it is checked.",
        "the catalog",
    ),
    "service-held-in-part": Code(
        "info",
        "AWS describes actions of the service on several pages, of which the catalog's source keeps"
        " one: what rests on their resource types, condition keys and dependent actions is not"
        " checked.",
        "the catalog",
    ),
    "no-service-held": Code(
        "warning",
        "The catalog holds none of the services that the policy names: only grammar is checked.",
        "the catalog",
    ),
    "service-name-as-prefix": Code(
        "warning",
        "What stands before the colon is another name of a service, not its prefix.",
        f"{ELEMENTS}: Action",
    ),
    "unknown-action": Code(
        "warning",
        "The catalog holds the service, and no source of it documents the action.",
        f"{TABLES}, The actions table",
    ),
    "removed-action": Code(
        "warning",
        "Newer sources of the service no longer document the action.",
        f"{TABLES}, The actions table",
    ),
    "operation-as-action": Code(
        "warning",
        "The name is that of an API operation, which other actions authorize.",
        f"{TABLES}, The operations table",
    ),
    "pattern-matches-nothing": Code(
        "warning",
        "No documented action of the service matches the pattern.",
        f"{ELEMENTS}: Action",
    ),
    "malformed-arn": Code(
        "error",
        "The resource is neither * nor written like an ARN.",
        f"{GUIDE}, IAM identifiers, IAM ARNs",
    ),
    "incomplete-arn": Code(
        "warning",
        "Parts of the ARN are missing: AWS adds * for each of them, which can be any.",
        f"{GUIDE}, Identify AWS resources with Amazon Resource Names (ARNs)",
    ),
    "malformed-account-id": Code(
        "warning",
        "The account of an ARN is no account ID of 12 digits.",
        f"{VALIDATION}, Error - Invalid ARN account",
    ),
    "malformed-region": Code(
        "warning",
        "The Region of an ARN is not written like one.",
        f"{VALIDATION}, Error - Invalid ARN Region",
    ),
    "action-needs-star": Code(
        "warning",
        "The action takes no resource type, so that only the resource * can allow or deny it.",
        f"{TABLES}, The actions table",
    ),
    "action-without-resource": Code(
        "warning",
        "None of the statement's resources is of a type that the action takes.",
        f"{TABLES}, The actions table",
    ),
    "resource-without-action": Code(
        "warning",
        "No action of the statement takes a resource of the types that the ARN can be.",
        f"{TABLES}, The resource types table",
    ),
    "required-type-missing": Code(
        "warning",
        "No statement that allows the action names a resource of a type that it requires.",
        f"{TABLES}, The actions table",
    ),
    "malformed-variable": Code(
        "error",
        "A policy variable lacks its name, its brace or the quotes of its default, or has a blank.",
        f"{VALIDATION}, Error - Missing brace in variable, Missing quote in variable, Unsupported"
        " space in variable, Empty variable",
    ),
    "placeholder-left": Code(
        "info",
        "An ARN has placeholders such as ${Account}, which are no policy variables.",
        f"{GUIDE}, IAM policy elements: Variables and tags",
    ),
    "unknown-variable": Code(
        "warning",
        "The name in ${…} is no condition key, so AWS has no value to put there.",
        f"{GUIDE}, IAM policy elements: Variables and tags",
    ),
    "unknown-condition-key": Code(
        "warning",
        "Neither AWS's global keys nor the documented keys of the service have the condition key.",
        f"{TABLES}, The condition keys table",
    ),
    "condition-key-without-tag": Code(
        "warning",
        "The condition key lacks the key of a tag after the slash.",
        f"{VALIDATION}, Error - Missing tag key in condition",
    ),
    "condition-key-without-action": Code(
        "warning",
        "No action of the statement supports the condition key.",
        f"{VALIDATION}, Error - Unsupported action for condition key",
    ),
    "condition-key-not-for-action": Code(
        "info",
        "Some actions of the statement do not support the condition key.",
        f"{VALIDATION}, Error - Unsupported action for condition key",
    ),
    "unknown-operator": Code(
        "error",
        "AWS knows no such condition operator.",
        OPERATORS,
    ),
    "operator-type-mismatch": Code(
        "warning",
        "The operator does not fit the type of the condition key.",
        f"{TABLES}, The condition keys table",
    ),
    "set-operator-missing": Code(
        "warning",
        "A condition key of several values is compared without ForAllValues or ForAnyValue.",
        f"{KEY_VALUES}, Set operators for multivalued context keys",
    ),
    "set-operator-on-single-value": Code(
        "warning",
        "ForAllValues stands before a key of a single value: a request without the key fits, too.",
        f"{KEY_VALUES}, Key points",
    ),
    "set-operator-not-needed": Code(
        "info",
        "ForAnyValue stands before a condition key of a single value, where it is not needed.",
        f"{KEY_VALUES}, Key points",
    ),
    "several-booleans": Code(
        "error",
        "A condition key is compared with true and with false at once.",
        f"{VALIDATION}, Error - Invalid condition multiple Boolean",
    ),
    "wildcard-without-like": Code(
        "warning",
        "The operator compares the * or ? of a value as a sign like any other.",
        f"{VALIDATION}, General Warning - Wildcard without like operator",
    ),
    "malformed-condition-value": Code(
        "error",
        "The operator can not compare such a value, so the condition can not match it.",
        OPERATORS,
    ),
    "missing-dependent-actions": Code(
        "info",
        "The policy allows an action, but not what AWS last listed as its dependent actions.",
        f"{TABLES}, The actions table",
    ),
    "dependent-actions-not-known": Code(
        "info",
        "No held source of the action has a place for dependent actions, so they are not checked.",
        "the catalog",
    ),
    "wildcard-grants-permissions-management": Code(
        "warning",
        "A wildcard allows actions of the access level Permissions management.",
        f"{GUIDE}, Understanding access level summaries within policy summaries",
    ),
    "wildcard-grants-write": Code(
        "info",
        "A wildcard allows actions of the access level Write.",
        f"{GUIDE}, Understanding access level summaries within policy summaries",
    ),
    "redundant-item": Code(
        "info",
        "Another item of the same list already says it.",
        f"{VALIDATION}, Suggestion - Redundant action",
    ),
    "duplicate-statement": Code(
        "info",
        "Another statement of the policy says the same.",
        f"{VALIDATION}, Suggestion - Redundant statement",
    ),
    "shadowed-statement": Code(
        "info",
        "Another statement of the same effect covers everything that the statement says.",
        f"{VALIDATION}, Suggestion - Redundant statement",
    ),
    "denied-statement": Code(
        "warning",
        "A statement of the policy denies everything that the statement allows.",
        f"{GUIDE}, Policy evaluation logic",
    ),
    "too-many-resources": Code(
        "info",
        "The policy has more resources than any policy of AWS can hold; some checks are left out.",
        "the code itself",
    ),
    "size-over-limit": Code(
        "error",
        "The policy is larger than AWS lets a policy of its kind be.",
        f"{GUIDE}, IAM and AWS STS quotas",
    ),
    "size-over-some-limits": Code(
        "info",
        "The policy is too large for some of what a policy of its kind can be attached to.",
        f"{GUIDE}, IAM and AWS STS quotas",
    ),
    "unused-ignore": Code(
        "warning",
        "Nothing was found that the ignore is for.",
        "the file of ignores",
    ),
}
"""By code: kebab-case, never renamed."""
