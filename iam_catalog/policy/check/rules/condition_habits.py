"""Find conditions that AWS advises against: they match more, less or otherwise than they seem to.

All but `mfa-key-absent` are checks of IAM Access Analyzer that need no account.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from iam_catalog.arn.parts import without_variables
from iam_catalog.policy.check.findings import Finding, listed, quoted
from iam_catalog.policy.check.reading import ConditionRule, ReadCondition, ReadPolicy
from iam_catalog.policy.check.rule import ANALYZER, GUIDE
from iam_catalog.policy.grammar.conditions import ORDER, base_type
from iam_catalog.policy.model import pattern_of

_REFERENCE = "IAM User Guide, IAM Access Analyzer policy check reference, "
_SPOOFED = {"aws:referer": "aws:Referer", "aws:useragent": "aws:UserAgent"}
_IS_SERVICE = "aws:PrincipalIsAWSService"
_OF_PRINCIPALS = frozenset(
    {"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths"}
)
_READS = tuple(
    f"dynamodb:{name}"
    for name in ("getitem", "batchgetitem", "query", "scan", "*", "get*", "batch*")
)
_MFA = "aws:multifactorauthpresent"
_VPCS = frozenset({"aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn"})


class NullWithSetOperator(ConditionRule):
    """Null stands behind ForAllValues or ForAnyValue, which make it always true or always false."""

    code = "null-with-set-operator"
    replaces = "operator"
    severity = "warning"
    reference = f"{_REFERENCE}Suggestion - Null with qualifier"
    source = f"{ANALYZER}-suggestion-null-with-qualifier"
    read_on = "2026-11-29"

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        operator = asked.operator
        if operator is not None and operator.family == "Null" and operator.set_operator:
            always = "true" if operator.set_operator == "ForAllValues" else "false"
            said = f"{asked.condition.operator} is always {always}: expected Null."
            yield self.finding(said, asked.condition.path, (), "Null")


class AddressBitsIgnored(ConditionRule):
    """The address of a range has bits behind its mask, which AWS ignores."""

    code = "address-bits-ignored"
    replaces = "value"
    severity = "info"
    reference = f"{_REFERENCE}Suggestion - Improve IP range"
    source = f"{ANALYZER}-suggestion-improve-ip-range"
    read_on = "2026-11-29"

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        if asked.operator is None or asked.operator.family != "IPAddress":
            return
        for value in asked.condition.values:
            meant = _whole_range(value)
            if meant is not None:
                said = (
                    f"{quoted(value)} is the range {meant}: AWS ignores the bits behind its mask."
                )
                yield self.finding(said, asked.condition.path, (), meant)


def _whole_range(value: str) -> str | None:
    """Return the range that *value* is read as, if it is written otherwise."""
    if "/" not in value:
        return None
    try:
        meant = ip_network(value, strict=False)
    except ValueError:
        return None
    address = value.partition("/")[0]
    return None if ip_network(address).network_address == meant.network_address else str(meant)


class RedundantConditionValue(ConditionRule):
    """A number or date is compared by order with several values, of which one decides."""

    code = "redundant-condition-value"
    severity = "info"
    reference = f"{_REFERENCE}Suggestion - Redundant condition value num"
    source = f"{ANALYZER}-suggestion-redundant-condition-value-num"
    read_on = "2026-11-29"

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        operator, condition = asked.operator, asked.condition
        if operator is None or operator.family not in ("Numeric", "Date"):
            return
        if len(set(condition.values)) > 1 and operator.name.endswith(ORDER):
            which = "greatest" if "Less" in operator.name else "least"
            values = listed([quoted(value) for value in condition.values])
            said = f"{condition.operator} compares {condition.key} with {values}: only the {which}"
            yield self.finding(f"{said} of them counts.", condition.path)


class StringOperatorOnArn(ConditionRule):
    """StringLike compares ARNs: its * also goes over colons, into the parts behind.

    ArnLike compares the six parts of an ARN one by one.
    """

    code = "string-operator-on-arn"
    replaces = "operator"
    severity = "info"
    reference = f"{_REFERENCE}Security Warning - String like operator with ARN condition keys"
    source = f"{ANALYZER}-security-warning-string-like-operator-with-arn-condition-keys"
    read_on = "2026-11-29"

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        operator, condition, key = asked.operator, asked.condition, asked.key.facts
        if operator is None or key is None or operator.name not in ("StringLike", "StringNotLike"):
            return
        if key.types and {base_type(each) for each in key.types} == {"ARN"}:
            wild = [
                quoted(each)
                for each in condition.values
                if "*" in without_variables(pattern_of(each)).rpartition(":")[0]
            ]
            if wild:
                better = condition.operator.replace("String", "Arn")
                said = f"{condition.operator} compares ARNs, and the * of {listed(wild)} also"
                yield self.finding(f"{said} goes over colons.", condition.path, (), better)


class SpoofedConditionKey(ConditionRule):
    """Access is allowed by what the caller writes into the request, such as its referer."""

    code = "spoofed-condition-key"
    severity = "info"
    reference = f"{_REFERENCE}Security Warning - Untrustworthy condition key"
    source = f"{ANALYZER}-security-warning-untrustworthy-condition-key"
    read_on = "2026-11-29"
    keys = frozenset(_SPOOFED)

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        name = _SPOOFED[asked.condition.key.lower()]
        if asked.statement.allows:
            said = f"{name} is what the caller says of itself: AWS advises against it for access."
            yield self.finding(said, asked.condition.path)


class VpcSourceIpAlone(ConditionRule):
    """aws:VpcSourceIp is compared, and the VPC is not: others have the same private addresses."""

    code = "vpc-source-ip-alone"
    severity = "info"
    reference = f"{_REFERENCE}Security Warning - Missing paired condition keys"
    source = f"{ANALYZER}-security-warning-missing-paired-condition-keys"
    read_on = "2026-11-29"
    keys = frozenset({"aws:vpcsourceip"})

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        if not asked.statement.allows:
            return
        others = {each.key.lower() for each in asked.statement.statement.conditions}
        if others.isdisjoint(_VPCS):
            said = f"{asked.condition.key} is compared without aws:SourceVpc: every VPC can have"
            yield self.finding(f"{said} such addresses.", asked.condition.path, (), "aws:SourceVpc")


class RcpServicePrincipals(ConditionRule):
    """An RCP denies by a property of the principal, and so stops AWS's services, too.

    Services that act for an account call with a service principal, which has no such property:
    `"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}` in the same statement leaves them out.
    """

    code = "rcp-service-principals"
    severity = "warning"
    reference = f"{_REFERENCE}General Warning - RCP missing related principal condition key"
    source = f"{ANALYZER}-general-warning-rcp-missing-related-principal-condition-key"
    read_on = "2026-11-29"
    keys = _OF_PRINCIPALS

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        operator, condition = asked.operator, asked.condition
        if asked.policy.kind != "rcp" or operator is None or "Not" not in operator.name:
            return
        if asked.statement.allows:
            return
        others = {each.key.lower() for each in asked.statement.statement.conditions}
        if _IS_SERVICE.lower() not in others:
            said = f"{condition.key} is absent where a service of AWS calls, so that the RCP denies"
            yield self.finding(
                f"{said} it, too.", condition.path, (), f"BoolIfExists {_IS_SERVICE}"
            )


class ListingPrefixNegated(ConditionRule):
    """s3:prefix is used to forbid listing, which a shorter prefix gets around.

    Allow with StringLike, or Deny with StringNotLike, names the prefixes that may be listed.
    """

    code = "listing-prefix-negated"
    severity = "warning"
    reference = f"{_REFERENCE}Security Warning - S3 prefix in negative context"
    source = f"{ANALYZER}-security-warning-s3-prefix-in-negative-context"
    read_on = "2026-11-29"
    keys = frozenset({"s3:prefix"})

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        operator, condition = asked.operator, asked.condition
        if operator is None or operator.family != "String":
            return
        effect = asked.statement.statement.effect
        if effect is not None and (effect == "Allow") == ("Not" in operator.name):
            said = f"{effect} with {condition.operator} on s3:prefix does not stop a request with a"
            yield self.finding(
                f"{said} shorter prefix, which lists the same objects.", condition.path
            )


class AttributesWithoutSelect(ConditionRule):
    """dynamodb:Attributes is limited and dynamodb:Select is not: reads can return all attributes.

    A request without a projection names no attributes, and returns the whole item.
    """

    code = "attributes-without-select"
    severity = "warning"
    reference = f"{_REFERENCE}Security Warning - DynamoDB attributes without select"
    source = f"{ANALYZER}-security-warning-dynamodb-attributes-without-select"
    read_on = "2026-11-29"
    keys = frozenset({"dynamodb:attributes"})

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        condition = asked.condition
        if not asked.statement.allows:
            return
        others = {each.key.lower() for each in asked.statement.statement.conditions}
        items = [item for item in asked.statement.actions or () if not item.is_open]
        reads = [item for item in items if item.key.startswith(_READS)]
        if "dynamodb:select" not in others and reads:
            said = f"{condition.key} is not compared where a read names no attributes, which then"
            yield self.finding(
                f"{said} returns all of them.", condition.path, (), "dynamodb:Select"
            )


class MfaKeyAbsent(ConditionRule):
    """A request without aws:MultiFactorAuthPresent, as with access keys, gets around the condition.

    Requests with long-term access keys do not have the key. Deny with Bool and false does not stop
    them, Allow with BoolIfExists and true lets them pass: Deny takes BoolIfExists, Allow Bool.
    """

    code = "mfa-key-absent"
    replaces = "operator"
    severity = "warning"
    reference = (
        "IAM User Guide, Amazon EC2: Requires MFA (GetSessionToken) for specific EC2 operations, "
        "Note"
    )
    source = f"{GUIDE}/reference_policies_examples_ec2_require-mfa.html"
    read_on = "2026-11-30"
    keys = frozenset({_MFA})

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        operator, condition = asked.operator, asked.condition
        if operator is None or operator.name != "Bool" or operator.set_operator:
            return
        effect, values = (
            asked.statement.statement.effect,
            {each.lower() for each in condition.values},
        )
        if effect == "Deny" and values == {"false"} and not operator.if_exists:
            if _denies_without_mfa_key(asked.policy):
                return
            said, better = "are not denied", "BoolIfExists"
        elif effect == "Allow" and values == {"true"} and operator.if_exists:
            said, better = "are allowed", "Bool"
        else:
            return
        text = f"Requests with long-term access keys do not have {condition.key}, and {said}."
        yield self.finding(text, condition.path, (), better)


def _denies_without_mfa_key(policy: ReadPolicy) -> bool:
    """Return True if a statement of the policy denies requests that lack the key."""
    return any(
        each.operator.startswith("Null") and each.key.lower() == _MFA
        for read in policy.statements
        if read.statement.effect == "Deny"
        for each in read.statement.conditions
    )
