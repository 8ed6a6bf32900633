"""Find values of conditions that the accounts, ARNs and networks of AWS can never be.

Such a value is compared with what a request has, and never equals it. A wildcard or variable leaves
it open as far as it goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from iam_catalog.arn.parts import Arn, is_settled
from iam_catalog.arn.pattern import has_wildcard
from iam_catalog.policy.check.findings import Finding, listed, quoted
from iam_catalog.policy.check.reading import ConditionRule, ReadCondition
from iam_catalog.policy.check.rule import ANALYZER, GUIDE, Rule
from iam_catalog.policy.check.rules.arns import fixed_part_faults, is_region
from iam_catalog.policy.grammar.conditions import value_fits
from iam_catalog.policy.grammar.principals import is_service_name, principal_arn_expectation
from iam_catalog.policy.grammar.variables import template_texts
from iam_catalog.policy.model import Unresolved, pattern_of

_GLOBAL_KEYS = f"{GUIDE}/reference_policies_condition-keys.html"
_PRINCIPAL_ARN = "aws:principalarn"
_ACCOUNT_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:resourceaccount",
        "aws:sourceaccount",
        "aws:sourceowner",
        "aws:vpceaccount",
        "kms:calleraccount",
        "s3:dataaccesspointaccount",
        "s3:resourceaccount",
    }
)
"""Condition keys whose values are account IDs, in lower case: IAM User Guide, "AWS global condition
context keys", and the tables of the services."""

_ACCOUNT = re.compile(r"[0-9]{12}")
_OPEN_ACCOUNT = re.compile(r"[0-9*?]*")
_ACCOUNT_LENGTH = 12
_VPC_KEYS = {"aws:SourceVpc": "vpc-", "aws:SourceVpce": "vpce-"}
_STARTS = {key.lower(): start for key, start in _VPC_KEYS.items()}
_ID = re.compile(r"[0-9A-Za-z]{8}|[0-9A-Za-z]{17}")
_REGION_KEY = "aws:requestedregion"
_SERVICE_KEYS = frozenset(
    {"aws:principalservicename", "iam:awsservicename", "iam:passedtoservice", "kms:viaservice"}
)
"""Condition keys whose values are names of services, such as `ec2.amazonaws.com`, in lower case."""
_SOURCE_IP = "aws:sourceip"
_PRIVATE: tuple[IPv4Network | IPv6Network, ...] = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
)
"""The private ranges of RFC 1918 and RFC 4193."""


def _written(asked: ReadCondition) -> Iterator[str]:
    """Yield the values of a condition that the document says as a whole."""
    for value in asked.condition.values:
        if "${" not in value and not template_texts(value):
            yield value


def _is_arn_to_read(value: str) -> bool:
    """Return True for an ARN of which the parts are known, as far as the document says them."""
    if isinstance(value, Unresolved):
        return is_settled(value.pattern)
    return value.startswith("arn:") and not template_texts(value)


class ConditionPrincipal(ConditionRule):
    """A value for the ARN of a principal is not an ARN that a principal can have."""

    code = "condition-principal"
    severity = "error"
    reference = (
        "IAM User Guide, AWS global condition context keys, aws:PrincipalArn; IAM Access Analyzer"
        " policy check reference, Error - Invalid principal format"
    )
    source = f"{_GLOBAL_KEYS}#condition-keys-principalarn"
    read_on = "2026-11-29"
    keys = frozenset({_PRINCIPAL_ARN})

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        operator, condition = asked.operator, asked.condition
        if operator is None:
            return
        if operator.family not in ("String", "ARN"):
            return
        opened = [each for each in condition.values if isinstance(each, Unresolved)]
        for value in (*_written(asked), *filter(_is_arn_to_read, opened)):
            if not value_fits(operator.family, value):
                continue  # not an ARN at all, which another rule says
            pattern = pattern_of(value)
            expected = None if value.startswith("*") else principal_arn_expectation(pattern)
            if expected is not None:
                said = f"{quoted(value)} is not an ARN of a principal: expected {expected}."
                yield self.finding(said, condition.path)


class ConditionArn(ConditionRule):
    """A value that is an ARN has a partition, Region or account that AWS does not have."""

    code = "condition-arn"
    severity = "error"
    reference = "IAM User Guide, Identify AWS resources with Amazon Resource Names (ARNs)"
    source = f"{GUIDE}/reference-arns.html"
    read_on = "2026-11-29"

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        condition = asked.condition
        if condition.key.lower() == _PRINCIPAL_ARN:
            return
        words = asked.policy.readers.resources.words
        for value in condition.values:
            if _is_arn_to_read(value):
                for said in fixed_part_faults(value, Arn(pattern_of(value)), words):
                    yield self.finding(said, condition.path)


class ConditionAccount(ConditionRule):
    """A value for an account is not an account ID of 12 digits."""

    code = "condition-account"
    severity = "error"
    reference = "IAM User Guide, AWS global condition context keys, aws:SourceAccount"
    source = f"{_GLOBAL_KEYS}#condition-keys-sourceaccount"
    read_on = "2026-11-29"
    keys = _ACCOUNT_KEYS

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        operator, condition = asked.operator, asked.condition
        if operator is None or operator.family != "String":
            return
        can_be = _may_be_account if operator.name.endswith("Like") else _is_account
        if wrong := [quoted(value) for value in _written(asked) if not can_be(value)]:
            said = f"{condition.key} is compared with {listed(wrong)}: expected an account ID of"
            yield self.finding(f"{said} 12 digits.", condition.path)


def _is_account(value: str) -> bool:
    return _ACCOUNT.fullmatch(value) is not None


def _may_be_account(value: str) -> bool:
    if "*" not in value and "?" not in value:
        return _is_account(value)
    least = len(value.replace("*", ""))
    long_enough = "*" in value or least == _ACCOUNT_LENGTH
    return bool(_OPEN_ACCOUNT.fullmatch(value)) and least <= _ACCOUNT_LENGTH and long_enough


class VpcId(ConditionRule):
    """A value for a VPC or a VPC endpoint is not an ID of one.

    Where the condition of a Deny compares with StringNotEquals, such a value locks everybody out.
    """

    code = "vpc-id"
    replaces = "name"
    severity = "warning"
    reference = (
        "IAM User Guide, AWS global condition context keys, aws:SourceVpc and aws:SourceVpce"
    )
    source = f"{_GLOBAL_KEYS}#condition-keys-sourcevpce"
    read_on = "2026-11-29"
    keys = frozenset(_STARTS)

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        operator, condition = asked.operator, asked.condition
        if operator is None or operator.family != "String":
            return
        start = _STARTS[condition.key.lower()]
        like = operator.name.endswith("Like")
        if wrong := [value for value in _written(asked) if not _can_be_id(value, start, like)]:
            shown = listed([quoted(value) for value in wrong])
            said = f"{condition.key} is compared with {shown}: expected IDs such as"
            keys = [key for key, each in _VPC_KEYS.items() if wrong[0].startswith(each)]
            better = keys[0] if keys and keys[0].lower() != condition.key.lower() else None
            yield self.finding(f"{said} {start}0123456789abcdef0.", condition.path, (), better)


def _can_be_id(value: str, start: str, like: bool) -> bool:
    known = re.split(r"[*?]", value, maxsplit=1)[0] if like else value
    if known != value:
        return known.startswith(start) or start.startswith(known)
    return value.startswith(start) and _ID.fullmatch(value.removeprefix(start)) is not None


class PrivateSourceIp(ConditionRule):
    """aws:SourceIp is compared with private addresses alone, which it never is.

    It is the public address of a request, and absent in requests through a VPC endpoint:
    aws:VpcSourceIp has the private one.
    """

    code = "private-source-ip"
    replaces = "name"
    severity = "warning"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - Private IP address,"
        " Private NotIpAddress"
    )
    source = f"{ANALYZER}-error-private-ip-address"
    read_on = "2026-11-29"
    keys = frozenset({_SOURCE_IP})

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        operator, condition = asked.operator, asked.condition
        if operator is None:
            return
        values = condition.values
        private = [quoted(value) for value in values if _is_private(value)]
        if operator.family != "IPAddress" or not private:
            return
        said = f"{condition.key} is compared with {listed(private)}, and no request has a private"
        rule = type(self) if len(private) == len(values) else PrivateSourceIpAmongOthers
        yield rule.finding(f"{said} address there.", condition.path, (), "aws:VpcSourceIp")


class PrivateSourceIpAmongOthers(Rule):
    """aws:SourceIp is compared with public addresses and with private ones, which it never is."""

    topic = "conditions"
    code = "private-source-ip-among-others"
    replaces = "name"
    severity = "info"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Suggestion - Private IP"
        " address subset, Private NotIpAddress subset"
    )
    source = f"{ANALYZER}-suggestion-private-ip-address-subset"
    read_on = "2026-11-29"


class ConditionRegion(ConditionRule):
    """A value for the Region of a request is not written like one."""

    code = "condition-region"
    severity = "warning"
    reference = "IAM User Guide, IAM Access Analyzer policy check reference, Error - Invalid Region"
    source = f"{ANALYZER}-error-invalid-region"
    read_on = "2026-11-29"
    keys = frozenset({_REGION_KEY})

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        operator, condition = asked.operator, asked.condition
        if operator is None or operator.family != "String":
            return
        like = operator.name.endswith("Like")
        wrong = [
            quoted(value)
            for value in _written(asked)
            if not is_region(value) and not (like and has_wildcard(value))
        ]
        if wrong:
            said = f"{condition.key} is compared with {listed(wrong)}: expected Regions such as"
            yield self.finding(f"{said} us-east-2.", condition.path)


class ConditionService(ConditionRule):
    """A value for the name of a service does not end like those of AWS."""

    code = "condition-service"
    severity = "warning"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - Invalid service"
        " principal format"
    )
    source = f"{ANALYZER}-error-invalid-service-principal-format"
    read_on = "2026-11-29"
    keys = _SERVICE_KEYS

    def check(self, asked: ReadCondition) -> Iterator[Finding]:
        operator, condition = asked.operator, asked.condition
        if operator is None or operator.family != "String":
            return
        wrong = [quoted(value) for value in _written(asked) if not _may_be_service(value)]
        if wrong:
            name = "s3.us-east-2" if "kms" in condition.key.lower() else "ec2"
            said = f"{condition.key} is compared with {listed(wrong)}: expected names such as"
            yield self.finding(f"{said} {name}.amazonaws.com.", condition.path)


def _is_private(value: str) -> bool:
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        return False
    return any(
        network.version == each.version and network.subnet_of(each)  # type: ignore[arg-type]
        for each in _PRIVATE
    )


def _may_be_service(value: str) -> bool:
    """Return True for a name of a service, or a pattern that ends like one or with a wildcard."""
    return is_service_name(value.replace("*", "x").replace("?", "x")) or value.endswith(("*", "?"))
