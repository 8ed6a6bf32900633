"""Find resources that are not written like an ARN, part by part."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iam_catalog.arn.parts import PARTS, Arn
from iam_catalog.policy.check.findings import quoted
from iam_catalog.policy.check.resource_items import ArnRule, ArnWords
from iam_catalog.policy.check.rule import ANALYZER, GUIDE, Note
from iam_catalog.policy.grammar.values import VariableNotAllowed
from iam_catalog.policy.grammar.variables import has_key

_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+|[a-z-]*global")
_ACCOUNT = re.compile(r"\d{12}|aws")


class MalformedResource(ArnRule):
    """The resource is neither * nor written like an ARN."""

    code = "malformed-arn"
    severity = "error"
    reference = "IAM User Guide, IAM identifiers, IAM ARNs"
    source = f"{GUIDE}/reference_identifiers.html#identifiers-arns"
    read_on = "2026-11-29"

    def notes(self, text: str, arn: Arn, words: ArnWords) -> Iterator[Note]:  # noqa: ARG002
        if not arn.is_arn:
            if arn.head is None:
                expected = "expected '*' or arn:partition:service:region:account:…"
                yield self.note(f"{quoted(text)} is no ARN: {expected}")
            else:
                partition = f"{quoted(arn.parts[0])} is no partition such as 'aws'"
                yield self.note(f"{quoted(text)} is no ARN: {partition}.")
        elif has_key(text.removesuffix(arn.parts[-1])):
            # IAM User Guide, "IAM policy elements: Variables and tags", section "Where you can use
            # policy variables"
            said = f"{quoted(text)} has a policy variable before the fifth colon, where none works."
            yield VariableNotAllowed.note(said)


class IncompleteArn(ArnRule):
    """Parts of the ARN are missing: AWS adds * for each of them, which can be any."""

    code = "incomplete-arn"
    severity = "warning"
    reference = "IAM User Guide, Identify AWS resources with Amazon Resource Names (ARNs)"
    source = f"{GUIDE}/reference-arns.html"
    read_on = "2026-11-29"

    def notes(self, text: str, arn: Arn, words: ArnWords) -> Iterator[Note]:  # noqa: ARG002
        if arn.is_arn and arn.incomplete:
            said = (
                f"{quoted(text)} has {PARTS - arn.missing} of the {PARTS} parts of an ARN: AWS adds"
                f" '*' for the others, so that it is {quoted(arn.completed)}."
            )
            yield self.note(said, suggestion=arn.completed)


class MalformedRegion(ArnRule):
    """The Region of an ARN is not written like one."""

    code = "malformed-region"
    severity = "warning"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - Invalid ARN Region"
    )
    source = f"{ANALYZER}-error-invalid-arn-region"
    read_on = "2026-11-29"

    def notes(self, text: str, arn: Arn, words: ArnWords) -> Iterator[Note]:
        region = arn.parts[2] if arn.is_arn else ""
        if not _fits(region, _REGION, arn) and region not in words.regions:
            said = f"{quoted(region)} in {quoted(text)} is no Region's name, such as 'us-east-2'."
            yield self.note(said)


class MalformedAccountId(ArnRule):
    """The account of an ARN is no account ID of 12 digits."""

    code = "malformed-account-id"
    severity = "warning"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - Invalid ARN account"
    )
    source = f"{ANALYZER}-error-invalid-arn-account"
    read_on = "2026-11-29"

    def notes(self, text: str, arn: Arn, words: ArnWords) -> Iterator[Note]:
        account = arn.parts[3] if arn.is_arn else ""
        if not _fits(account, _ACCOUNT, arn) and account not in words.accounts:
            said = f"{quoted(account)} in {quoted(text)} is no account ID, which has 12 digits."
            yield self.note(said)


def _fits(part: str, form: re.Pattern[str], arn: Arn) -> bool:
    """Return True if a part is empty, has the form, or a wildcard or variable leaves it open.

    Of an incomplete ARN, only that it is incomplete is a finding.
    """
    if not part or arn.incomplete:
        return True
    return any(mark in part for mark in ("*", "?", "${")) or form.fullmatch(part) is not None
