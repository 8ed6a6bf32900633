"""How large AWS lets a policy be, by what it is attached to, and how AWS counts.

Facts of AWS's quota pages, each with the page and how old its text is. White space:

- IAM does not count it ("IAM and AWS STS quotas", section "IAM and STS character limits"). The
  page makes no exception for white space inside quotation marks, so none is counted here.
- Organizations saves a policy as the CLI or an SDK sends it, white space included; its console
  first takes out what stands outside of quotation marks ("Quotas and service limits for AWS
  Organizations", section "Maximum and minimum values").
- VPC endpoint policies count it ("AWS PrivateLink quotas"). Other services do not say: there it
  is counted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from iam_catalog.policy.model import Kind


@dataclass(frozen=True, slots=True)
class SizeLimit:
    """How large a policy may be that is attached to one kind of thing."""

    name: str
    """Key in `LIMITS`, and the word for it on the command line."""
    policy: str
    """As written in a sentence, such as `a managed policy`."""
    size: int
    """In *unit*; what every account has."""
    raised: int | None
    """What AWS raises it to on request; None where it does not."""
    unit: str
    """`characters` or `bytes`."""
    white_space: bool
    """White space counts, or AWS does not say that it does not."""
    in_all: bool
    """The limit is for the sum of all such policies of one holder, so that a second one gains
    nothing."""
    page: str
    """AWS's page and section."""
    url: str
    date: str
    """How old the text of the page is that was read: a year, or a year and month."""


_CHARACTERS = (
    "IAM and AWS STS quotas, section IAM and STS character limits",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
    "2025",
)
SQS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide"
ORGANIZATIONS = (
    "Quotas and service limits for AWS Organizations, section Maximum and minimum values",
    "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html",
    "2026-05",
)


def _by_characters(name: str, policy: str, size: int, *, in_all: bool = False) -> SizeLimit:
    """Make a limit of IAM's own."""
    return SizeLimit(name, policy, size, None, "characters", False, in_all, *_CHARACTERS)


def _by_text(
    name: str, policy: str, size: int, unit: str, source: tuple[str, str, str], several: bool
) -> SizeLimit:
    """Make a limit for the text as it is saved."""
    return SizeLimit(name, policy, size, None, unit, True, not several, *source)


def _of_service(
    name: str, policy: str, size: int, unit: str, source: tuple[str, str, str]
) -> SizeLimit:
    """Make a limit for the only policy of a resource."""
    return _by_text(name, policy, size, unit, source, several=False)


LIMITS = {
    limit.name: limit
    for limit in (
        _by_characters("managed", "a managed policy", 6144),
        _by_characters("inline-user", "the inline policies of a user", 2048, in_all=True),
        _by_characters("inline-group", "the inline policies of a group", 5120, in_all=True),
        _by_characters("inline-role", "the inline policies of a role", 10240, in_all=True),
        # What the page says of white space stands at inline and managed policies only.
        _by_text("session", "a session policy", 2048, "characters", _CHARACTERS, several=False),
        SizeLimit(
            "trust",
            "a trust policy",
            2048,
            8192,  # 4,096 until 2025
            "characters",
            False,
            True,
            "IAM and AWS STS quotas, section IAM object quotas, Role trust policy length",
            _CHARACTERS[1],
            "2026",
        ),
        # 5,120 until 2026-05-15
        _by_text("scp", "a service control policy", 10240, "characters", ORGANIZATIONS, True),
        _by_text("rcp", "a resource control policy", 5120, "characters", ORGANIZATIONS, True),
        _of_service(
            "s3-bucket",
            "a bucket policy",
            20 * 1024,
            "bytes",
            (
                "Amazon S3 User Guide, Adding a bucket policy by using the Amazon S3 console",
                "https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html",
                "2025",
            ),
        ),
        _of_service(
            "kms-key",
            "a key policy",
            32 * 1024,
            "bytes",
            (
                "AWS KMS Developer Guide, Resource quotas, Key policy document size",
                "https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html",
                "2023",
            ),
        ),
        _of_service(
            "sqs-queue",
            "a queue policy",
            8192,
            "bytes",
            (
                "Amazon SQS Developer Guide, Amazon SQS policy quotas",
                f"{SQS}/quotas-policies.html",
                "2025",
            ),
        ),
        _of_service(
            "lambda-function",
            "the resource-based policy of a function",
            20 * 1024,
            "bytes",
            (
                "AWS Lambda Developer Guide, Lambda quotas, Function resource-based policy",
                "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
                "2023",
            ),
        ),
        _of_service(
            "vpc-endpoint",
            "an endpoint policy",
            20480,
            "characters",
            (
                "AWS PrivateLink quotas, Characters per VPC endpoint policy",
                "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html",
                "2025",
            ),
        ),
    )
}
"""Every limit, by name."""

OF_KIND: dict[Kind, tuple[str, ...]] = {
    "identity": ("inline-user", "inline-group", "managed", "inline-role"),
    "trust": ("trust",),
    "scp": ("scp",),
    "rcp": ("rcp",),
    "resource": (),
}


def limits_of(kind: Kind) -> list[SizeLimit]:
    """List the limits that may hold for a policy of which only the kind is known, the least first.

    None for resource policies, which do not say what service they are of.
    """
    return [LIMITS[name] for name in OF_KIND[kind]]


def compact(policy: object) -> str:
    """Write a policy as JSON without white space outside of quotation marks."""
    return json.dumps(policy, ensure_ascii=False, separators=(",", ":"))


def size_of(policy: object, limit: SizeLimit, *, text: str | None = None) -> int:
    """Measure a policy as AWS counts for *limit*, in its unit.

    *text* is the policy as it will be sent: where white space counts, that of the text does.
    Without it, the smallest text that says the same is counted.
    """
    counted = compact(policy) if text is None else text
    if not limit.white_space:
        counted = "".join(counted.split())
    return len(counted.encode("utf-8", "surrogatepass")) if limit.unit == "bytes" else len(counted)
