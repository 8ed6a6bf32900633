"""Find resources that are not written like an ARN, part by part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Literal, NamedTuple

from iam_catalog.arn.parts import PARTITIONS, PARTS, Arn, may_be_everything
from iam_catalog.arn.pattern import ANY, VARIABLE, has_wildcard, is_open, overlaps
from iam_catalog.policy.check.findings import quoted
from iam_catalog.policy.check.resource_items import ArnRule, ArnWords
from iam_catalog.policy.check.rule import ANALYZER, GUIDE, Note, Rule
from iam_catalog.policy.grammar.values import VariableNotAllowed
from iam_catalog.policy.grammar.variables import has_key, is_to_fill_in, template_texts
from iam_catalog.policy.model import Unresolved

_REGION = re.compile(
    r"[a-z]{2,4}(-[a-z]{2,4})?-((north|south)?(east|west)|north|south|central)-\d{1,2}|[a-z-]*global"
)
"""A country or continent, a part of it, a number; AWS's SDKs have pseudo-Regions `…-global`."""
_ACCOUNT = re.compile(r"\d{12}|aws|partner")
"""AWS's own have `aws`, and policies that its partners register `partner` (IAM User Guide,
"Temporary delegation")."""
_ARNS = f"{GUIDE}/reference-arns.html"

_IAM_PATHS = (
    "access-report/",
    "assumed-role/",
    "contextProvider/",
    "delegation-request/",
    "federated-user/",
    "group/",
    "instance-profile/",
    "mfa/",
    "oidc-provider/",
    "policy/",
    "report/",
    "role/",
    "role-template/",
    "saml-provider/",
    "server-certificate/",
    "sms-mfa/",
    "u2f/",
    "user/",
)
"""The types of IAM: those of the Service Authorization Reference, and those that IAM names where it
refuses a policy ("IAM resource path must either be "*" or start with …")."""


class _FixedPart(NamedTuple):
    """Region or account of an ARN."""

    name: Literal["region", "account"]
    word: str
    form: re.Pattern[str]
    fault: str
    """Message for a value, and the ARN around it, that does not have the form."""

    def of(self, arn: Arn) -> str:
        """Return the part of an ARN."""
        return arn.parts[2 if self.name == "region" else 3]

    def faults(self, text: str, arn: Arn, words: ArnWords) -> Iterator[str]:
        """Yield the message for a part that has neither the form nor a value of the catalog."""
        value = self.of(arn)
        if not _fits(value, self.form, arn) and value not in words.written(self.name):
            yield self.fault.format(quoted(value), quoted(text))


_NAMED_REGION = _FixedPart(
    "region", "Region", _REGION, "{} in {} is not the name of a Region, such as 'us-east-2'."
)
_ACCOUNT_ID = _FixedPart(
    "account", "account", _ACCOUNT, "{} in {} is not an account ID, which has 12 digits."
)


class MalformedResource(ArnRule):
    """The resource is neither * nor written like an ARN."""

    code = "malformed-arn"
    severity = "error"
    reference = "IAM User Guide, IAM identifiers, IAM ARNs"
    source = f"{GUIDE}/reference_identifiers.html#identifiers-arns"
    read_on = "2026-11-29"
    conclusive = True

    def notes(self, text: str, arn: Arn, words: ArnWords) -> Iterator[Note]:  # noqa: ARG002
        if arn.is_arn:
            if has_key(arn.text.removesuffix(arn.parts[-1])):
                # IAM User Guide, "IAM policy elements: Variables and tags", section "Where you can
                # use policy variables"
                said = f"{quoted(text)} has a policy variable before the fifth colon, where none"
                yield VariableNotAllowed.note(f"{said} works.")
        elif isinstance(text, Unresolved) or not template_texts(text):  # which say what is wrong
            if arn.head is None:
                expected = "expected '*' or arn:partition:service:region:account:…"
                yield self.note(f"{quoted(text)} is not an ARN: {expected}")
            else:
                partition = f"{quoted(arn.parts[0])} is not a partition such as 'aws'"
                yield self.note(f"{quoted(text)} is not an ARN: {partition}.")


class UnknownPartition(ArnRule):
    """AWS has no such partition."""

    code = "unknown-partition"
    severity = "error"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - Invalid partition"
    )
    source = f"{ANALYZER}-error-invalid-partition"
    read_on = "2026-11-29"
    conclusive = True

    def notes(self, text: str, arn: Arn, words: ArnWords) -> Iterator[Note]:  # noqa: ARG002
        for said in _partition_faults(text, arn):
            yield self.note(said)


def _partition_faults(text: str, arn: Arn) -> Iterator[str]:
    partition = arn.parts[0]
    if not arn.is_arn or partition == ANY or partition in PARTITIONS or "${" in partition:
        return
    if not has_wildcard(partition) or not any(overlaps(partition, each) for each in PARTITIONS):
        said = f"{quoted(partition)} in {quoted(text)} is none of AWS's partitions"
        yield f"{said}: expected {', '.join(PARTITIONS)}."


class ArnServiceCase(ArnRule):
    """The service of an ARN has capitals, which those of AWS have not: the ARN matches nothing."""

    code = "arn-service-case"
    replaces = "value"
    severity = "warning"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - Invalid ARN service"
        " case"
    )
    source = f"{ANALYZER}-error-invalid-arn-service-case"
    read_on = "2026-11-29"
    conclusive = True

    def notes(self, text: str, arn: Arn, words: ArnWords) -> Iterator[Note]:  # noqa: ARG002
        service = arn.parts[1]
        if arn.is_arn and "${" not in service and service != service.lower():
            said = f"{quoted(service)} in {quoted(text)} has capitals, and matches no service."
            yield self.note(said, (), text.replace(f":{service}:", f":{service.lower()}:", 1))


class ArnPartWildcard(ArnRule):
    """A wildcard is a part of the partition or of the resource type of an ARN.

    AWS's rules for ARNs allow no wildcard in the resource type, and none that is a part of the
    partition. A * as the whole of one is what AWS writes in its own managed policies.
    """

    code = "arn-part-wildcard"
    severity = "warning"
    reference = "IAM User Guide, Identify AWS resources with Amazon Resource Names (ARNs)"
    source = _ARNS
    read_on = "2026-11-29"

    def notes(self, text: str, arn: Arn, words: ArnWords) -> Iterator[Note]:
        if not arn.is_arn or arn.incomplete:
            return
        partition, service, _, _, resource = arn.parts
        if partition != ANY and has_wildcard(partition) and "${" not in partition:
            yield self.note(f"{quoted(text)} has a wildcard in its partition {quoted(partition)}.")
        found = re.match(r"([^:/$]+)[:/]", resource)
        kind = found[1] if found else ""
        if has_wildcard(kind) and kind.strip(ANY):
            meant = sorted(each for each in words.first_words(service) if overlaps(kind, each))
            if meant:
                said = f"{quoted(text)} has a wildcard in its resource type {quoted(kind)}"
                yield self.note(f"{said}, where AWS allows none.", (), " or ".join(meant[:3]))


class ArnServiceWildcard(ArnRule):
    """The service of an ARN is a wildcard, or has one.

    IAM refuses it: "Resource vendor must be fully qualified and cannot contain regexes".
    """

    code = "arn-service-wildcard"
    severity = "error"
    reference = "IAM User Guide, Identify AWS resources with Amazon Resource Names (ARNs)"
    source = _ARNS
    read_on = "2026-11-29"
    conclusive = True

    def notes(self, text: str, arn: Arn, words: ArnWords) -> Iterator[Note]:  # noqa: ARG002
        service = arn.parts[1]
        goes_on = PARTS - arn.missing == 3  # it ends the ARN, and may be meant for more parts
        if arn.is_arn and not goes_on and has_wildcard(service) and "${" not in service:
            said = f"{quoted(text)} has a wildcard in its service {quoted(service)}: IAM answers"
            yield self.note(
                f"{said} 'Resource vendor must be fully qualified and cannot contain regexes'."
            )


class IncompleteArn(ArnRule):
    """Parts of the ARN are missing: AWS adds * for each of them, which can be any."""

    code = "incomplete-arn"
    replaces = "value"
    severity = "warning"
    reference = "IAM User Guide, Identify AWS resources with Amazon Resource Names (ARNs)"
    source = _ARNS
    read_on = "2026-11-29"

    def notes(self, text: str, arn: Arn, words: ArnWords) -> Iterator[Note]:  # noqa: ARG002
        if arn.is_arn and arn.incomplete:
            completed = arn.completed if not is_open(arn.text) else text + f":{ANY}" * arn.missing
            said = (
                f"{quoted(text)} has {PARTS - arn.missing} of the {PARTS} parts of an ARN: with"
                f" '*' for the others, it is {quoted(completed)}."
            )
            yield self.note(said, suggestion=completed)


class IncompleteArnRefused(Rule):
    """Parts of the ARN are missing, which AWS does not add in RCPs and policies of sessions."""

    topic = "resources"
    code = "incomplete-arn-refused"
    replaces = "value"
    severity = "error"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - Missing ARN field"
    )
    source = f"{ANALYZER}-error-missing-arn-field"
    read_on = "2026-11-29"


IncompleteArn.in_kinds = {"rcp": IncompleteArnRefused, "session": IncompleteArnRefused}


class IamResourcePath(ArnRule):
    """The resource of an ARN of IAM is none of IAM's types."""

    code = "iam-resource-path"
    severity = "error"
    reference = "IAM User Guide, IAM identifiers, IAM ARNs"
    source = f"{GUIDE}/reference_identifiers.html#identifiers-arns"
    read_on = "2026-11-29"
    conclusive = True

    def notes(self, text: str, arn: Arn, words: ArnWords) -> Iterator[Note]:  # noqa: ARG002
        service, resource = arn.parts[1], arn.parts[4]
        if not arn.is_arn or service != "iam" or arn.missing or resource in (ANY, "root"):
            return
        if VARIABLE in resource and (may_be_everything(resource) or overlaps(resource, "root")):
            return
        if not starts_like(resource, _IAM_PATHS):
            written = "" if is_open(resource) else f"{quoted(resource)} in "
            said = f"{written}{quoted(text)} is not a resource of IAM"
            yield self.note(f"{said}: expected '*', root, or a path such as role/, user/, policy/.")


def is_region(text: str) -> bool:
    """Return True for a text that is written like the name of a Region."""
    return _REGION.fullmatch(text) is not None


def fixed_part_faults(text: str, arn: Arn, words: ArnWords) -> Iterator[str]:
    """Yield what is wrong with partition, Region and account of an ARN, whatever it is of.

    For values of conditions, where no resource type of the catalog limits what an ARN can be.
    """
    if not arn.is_arn or arn.missing:
        return
    yield from _partition_faults(text, arn)
    yield from _NAMED_REGION.faults(text, arn, words)
    yield from _ACCOUNT_ID.faults(text, arn, words)


def starts_like(resource: str, starts: tuple[str, ...]) -> bool:
    """Return True if a text starts with one of several, as far as variables leave it open."""
    variable = resource.find("${")
    if variable < 0:
        return resource.startswith(starts)
    known = resource[:variable]
    return known.startswith(starts) or any(each.startswith(known) for each in starts)


class _FixedPartRule(ArnRule):
    """Find a Region or account that is malformed, or that no format of the resource has so."""

    part: ClassVar[_FixedPart]

    def notes(self, text: str, arn: Arn, words: ArnWords) -> Iterator[Note]:
        if not arn.is_arn or is_to_fill_in(self.part.of(arn)):
            return
        if self.part.name in words.misfits(arn):
            yield _misfit(text, self.part, arn, words)
        else:
            yield from map(self.note, self.part.faults(text, arn, words))


class MalformedRegion(_FixedPartRule):
    """The Region of an ARN is not written like one."""

    code = "malformed-region"
    severity = "warning"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - Invalid ARN Region"
    )
    source = f"{ANALYZER}-error-invalid-arn-region"
    read_on = "2026-11-29"

    part = _NAMED_REGION


class MalformedAccountId(_FixedPartRule):
    """The account of an ARN is not an account ID of 12 digits."""

    code = "malformed-account-id"
    severity = "warning"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - Invalid ARN account"
    )
    source = f"{ANALYZER}-error-invalid-arn-account"
    read_on = "2026-11-29"

    part = _ACCOUNT_ID


class ArnRegionNotAllowed(Rule):
    """The ARNs of such a resource have no Region, so that the one written matches none."""

    topic = "resources"
    code = "arn-region-not-allowed"
    replaces = "value"
    severity = "warning"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - ARN Region not allowed"
    )
    source = f"{ANALYZER}-error-arn-region-not-allowed"
    read_on = "2026-11-29"
    conclusive = True


class ArnAccountNotAllowed(Rule):
    """The ARNs of such a resource have no account, so that the one written matches none."""

    topic = "resources"
    code = "arn-account-not-allowed"
    replaces = "value"
    severity = "warning"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - ARN account not"
        " allowed"
    )
    source = f"{ANALYZER}-error-arn-account-not-allowed"
    read_on = "2026-11-29"
    conclusive = True


class ArnRegionMissing(Rule):
    """The ARNs of such a resource have a Region, so that one without matches none."""

    topic = "resources"
    code = "arn-region-missing"
    replaces = "value"
    severity = "warning"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - Missing ARN Region"
    )
    source = f"{ANALYZER}-error-missing-arn-region"
    read_on = "2026-11-29"
    conclusive = True


class ArnAccountMissing(Rule):
    """The ARNs of such a resource have an account, so that one without matches none."""

    topic = "resources"
    code = "arn-account-missing"
    replaces = "value"
    severity = "warning"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - Missing ARN account"
    )
    source = f"{ANALYZER}-error-missing-arn-account"
    read_on = "2026-11-29"
    conclusive = True


def _misfit(text: str, part: _FixedPart, arn: Arn, words: ArnWords) -> Note:
    """Say that no ARN format for the resource has such a Region or account, or has none."""
    better = None if is_open(arn.text) else _mended(arn, words)
    not_allowed, missing = (
        (ArnRegionNotAllowed, ArnRegionMissing)
        if part.name == "region"
        else (ArnAccountNotAllowed, ArnAccountMissing)
    )
    if value := part.of(arn):
        said = f"{quoted(text)} has the {part.word} {quoted(value)}: as documented, ARNs of such a"
        return not_allowed.note(f"{said} resource have none, or another one.", (), better)
    said = f"{quoted(text)} has no {part.word}: as documented, ARNs of such a resource have one."
    return missing.note(said, (), better)


def _mended(arn: Arn, words: ArnWords) -> str:
    """Return an ARN with the Region and account emptied or opened that do not fit its resource."""
    partition, service, region, account, resource = arn.parts
    wrong = words.misfits(arn)
    if "region" in wrong:
        region = "" if region else ANY
    if "account" in wrong:
        account = "" if account else ANY
    return ":".join(["arn", partition, service, region, account, resource])


def _fits(part: str, form: re.Pattern[str], arn: Arn) -> bool:
    """Return True if a part is empty, has the form, or a wildcard or variable leaves it open.

    Of an incomplete ARN, only that it is incomplete is a finding.
    """
    if not part or arn.incomplete:
        return True
    return any(mark in part for mark in ("*", "?", "${")) or form.fullmatch(part) is not None
