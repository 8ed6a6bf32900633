"""Find policies that are larger than AWS lets them be.

The text of a policy does not say what it is attached to, so it is measured against every limit that
may hold for its kind (see `iam_catalog.policy.write.sizes` for AWS's pages, and how AWS counts).
"""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.check.findings import Finding, listed
from iam_catalog.policy.check.reading import PolicyRule, ReadPolicy
from iam_catalog.policy.check.rule import GUIDE, Rule
from iam_catalog.policy.write.sizes import LIMITS, SizeLimit, compact, limits_of, size_of


class SizeOverLimit(PolicyRule):
    """The policy is larger than AWS lets a policy of its kind be."""

    topic = "size"
    code = "size-over-limit"
    severity = "error"
    reference = "IAM User Guide, IAM and AWS STS quotas"
    source = f"{GUIDE}/reference_iam-quotas.html#reference_iam-quotas-entity-length"
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        """Yield a finding for a policy above all limits of its kind, or above some of them."""
        document = policy.document
        limits = _limits(policy)
        if not limits:
            return
        if document.syntax == "json" and 0 < len(document.text) <= _WORTH_LOOKING:
            # The text has as many characters, or more: that spares the counting. A plan of
            # megabytes is not looked through for each of its policies.
            if len(document.text) <= min(map(_least_of, limits)):
                return
            most, without_space = len(document.text), len("".join(document.text.split()))
            if all(
                (most if limit.white_space else without_space) <= _least_of(limit)
                for limit in limits
            ):
                return
        text = compact(document.value)
        sizes = [(limit, size_of(document.value, limit, text=text)) for limit in limits]
        over = [(limit, size) for limit, size in sizes if size > limit.size]
        if len(over) == len(limits):
            limit, size = max(over, key=lambda each: each[0].size)
            said = f"The policy has {size:,} {limit.unit}: {limit.policy} can have"
            yield self.finding(f"{said} {_most_of(limit)}.", ())
        elif over:
            limit, size = over[0]
            names = [f"{each.policy} ({each.size:,})" for each, _ in over]
            said = f"The policy has {size:,} {limit.unit}: too many for"
            yield SizeOverSomeLimits.finding(f"{said} {listed(names, len(names))}.", ())


class SizeOverSomeLimits(Rule):
    """The policy is too large for some of what a policy of its kind can be attached to."""

    topic = "size"
    code = "size-over-some-limits"
    severity = "info"
    reference = "IAM User Guide, IAM and AWS STS quotas"
    source = f"{GUIDE}/reference_iam-quotas.html#reference_iam-quotas-entity-length"
    read_on = "2026-11-29"


_WORTH_LOOKING = 100_000
"""Characters of a text that can say that a policy in it is not too large; several times the largest
limit."""

_LIMITS_OF_PLACES = {
    "managed": "AWS::IAM::ManagedPolicy aws_iam_policy",
    "inline-user": "AWS::IAM::User AWS::IAM::UserPolicy aws_iam_user_policy",
    "inline-group": "AWS::IAM::Group AWS::IAM::GroupPolicy aws_iam_group_policy",
    "inline-role": "AWS::IAM::Role AWS::IAM::RolePolicy aws_iam_role aws_iam_role_policy",
    "s3-bucket": "AWS::S3::BucketPolicy aws_s3_bucket_policy",
    "kms-key": "AWS::KMS::Key aws_kms_key aws_kms_key_policy",
    "sqs-queue": "AWS::SQS::QueuePolicy aws_sqs_queue aws_sqs_queue_policy",
    "vpc-endpoint": "AWS::EC2::VPCEndpoint aws_vpc_endpoint aws_vpc_endpoint_policy",
}
"""For each limit, the resources of CloudFormation and Terraform whose policies have it."""

_OF_PLACE = {place: name for name, places in _LIMITS_OF_PLACES.items() for place in places.split()}


def _limits(policy: ReadPolicy) -> list[SizeLimit]:
    """Return the limits that may hold for a policy: by its place, else by its kind.

    A version of a managed policy that the AWS CLI prints is in AWS already: nothing limits it, and
    those that AWS owns may be larger.
    """
    place = policy.document.place
    if policy.kind is None or place == "PolicyVersion":
        return []
    if place in _OF_PLACE and policy.kind != "trust":
        return [LIMITS[_OF_PLACE[place]]]
    return limits_of(policy.kind)


def _least_of(limit: SizeLimit) -> int:
    """Return a number of characters that is within the limit, whatever they are."""
    return limit.size if limit.unit == "characters" else limit.size // 4


def _most_of(limit: SizeLimit) -> str:
    more = f", or {limit.raised:,} where AWS raised the quota" if limit.raised else ""
    return f"{limit.size:,}{more}"
