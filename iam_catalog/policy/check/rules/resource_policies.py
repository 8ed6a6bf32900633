"""Find what the policy of a resource cannot have: actions of other services, and resources.

The place of a policy tells which service its resource is of. Without one, the ARNs of the policy
tell, or where it has none, the service of most of its actions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from iam_catalog.arn.parts import Arn, is_settled
from iam_catalog.arn.pattern import ANY, is_open
from iam_catalog.policy.check.action_items import NO_TYPES, HeldAction
from iam_catalog.policy.check.findings import Finding, count, documented, listed, quoted
from iam_catalog.policy.check.reading import PolicyRule, ReadPolicy, ReadStatement
from iam_catalog.policy.check.rule import ANALYZER
from iam_catalog.policy.model import pattern_of

_ECR = "https://docs.aws.amazon.com/AmazonECR/latest/userguide"

_PLACES = {
    "backup": "AWS::Backup::BackupVault aws_backup_vault_policy",
    "codeartifact": (
        "AWS::CodeArtifact::Domain AWS::CodeArtifact::Repository"
        " aws_codeartifact_domain_permissions_policy"
        " aws_codeartifact_repository_permissions_policy"
    ),
    "ecr": (
        "AWS::ECR::Repository AWS::ECR::RegistryPolicy aws_ecr_repository_policy"
        " aws_ecr_registry_policy"
    ),
    "ecr-public": "AWS::ECR::PublicRepository aws_ecrpublic_repository_policy",
    "elasticfilesystem": "AWS::EFS::FileSystem aws_efs_file_system_policy",
    "events": "AWS::Events::EventBusPolicy aws_cloudwatch_event_bus_policy",
    "kms": "AWS::KMS::Key AWS::KMS::ReplicaKey aws_kms_key aws_kms_key_policy",
    "s3": "AWS::S3::BucketPolicy AWS::S3::AccessPoint aws_s3_bucket aws_s3_bucket_policy",
    "secretsmanager": "AWS::SecretsManager::ResourcePolicy aws_secretsmanager_secret_policy",
    "sns": "AWS::SNS::TopicPolicy aws_sns_topic aws_sns_topic_policy",
    "sqs": "AWS::SQS::QueuePolicy aws_sqs_queue aws_sqs_queue_policy",
}
"""For each service, the resources of CloudFormation and Terraform that have a policy about one
thing of it. Endpoints and organizations are not here: their policies name any service."""

_SERVICE_OF_PLACE = {
    place: service for service, places in _PLACES.items() for place in places.split()
}
_WITHOUT_RESOURCE = frozenset({"AWS::ECR::Repository", "aws_ecr_repository_policy"})
"""Places where AWS refuses the element Resource."""


class ActionNotInResourcePolicy(PolicyRule):
    """The policy of a resource names an action that is not about such a resource.

    It is an action of another service, or one that takes no resource type.
    """

    topic = "resources"
    code = "action-not-in-resource-policy"
    severity = "warning"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - Unsupported action "
        "in policy"
    )
    source = f"{ANALYZER}-error-unsupported-action-in-policy"
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        if policy.kind != "resource":
            return
        prefix = _service_of(policy)
        if prefix is None:
            return
        for read in policy.statements:
            if read.arns is None:  # with ARNs, their types tell: `resource_types`
                yield from self._of_statement(read, prefix)

    def _of_statement(self, read: ReadStatement, prefix: str) -> Iterator[Finding]:
        """Yield what a statement names of other services, and what takes no resource type."""
        foreign: list[tuple[int, HeldAction]] = []
        without_type: list[tuple[int, HeldAction]] = []
        for index, item in enumerate(read.actions or ()):
            if isinstance(item, HeldAction):
                if item.service.prefix.lower() != prefix:
                    foreign.append((index, item))
                elif item.types == NO_TYPES:
                    without_type.append((index, item))
        if foreign:
            one = len(foreign) == 1
            said = f"{_named(foreign)} {'is' if one else 'are'} not about what the policy is"
            said += f" attached to, which is of {quoted(prefix)}."
            yield self._at_first(read, foreign, said)
        if without_type:
            evidence = without_type[0][1].source()
            date = documented(evidence[0].date if evidence else None)
            verb = "takes" if len(without_type) == 1 else "take"
            said = f"{_named(without_type)} {verb} no resource type{date}, so the policy of a"
            said += f" resource of {quoted(prefix)} cannot allow or deny"
            said += f" {'it' if len(without_type) == 1 else 'them'}."
            yield self._at_first(read, without_type, said)

    def _at_first(
        self, read: ReadStatement, found: list[tuple[int, HeldAction]], said: str
    ) -> Finding:
        index, item = found[0]
        return self.finding(said, read.statement.item_path("Action", index), item.source())


def _named(found: list[tuple[int, HeldAction]]) -> str:
    """Return the items in words; several with their number."""
    names = [quoted(item.spelled) for _, item in found]
    return names[0] if len(names) == 1 else f"{count(len(names), 'action')} ({listed(names)})"


class ResourceNotInPolicy(PolicyRule):
    """AWS refuses the element Resource in the policy of a repository of Amazon ECR.

    Such a policy is about its own repository: PutRepositoryPolicy answers "Invalid repository
    policy provided".
    """

    topic = "resources"
    code = "resource-not-in-policy"
    severity = "error"
    reference = "Amazon ECR User Guide, Private repository policy examples in Amazon ECR"
    source = f"{_ECR}/repository-policy-examples.html"
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        if policy.document.place not in _WITHOUT_RESOURCE:
            return
        for read in policy.statements:
            for element, named in (
                ("Resource", read.statement.resources),
                ("NotResource", read.statement.not_resources),
            ):
                if named is not None:
                    said = f"The policy of a repository has no {element}: leave it out."
                    yield self.finding(said, (*read.statement.path, element))


def _service_of(policy: ReadPolicy) -> str | None:
    """Return the service whose resource a policy is attached to, in lower case, if it shows."""
    if policy.document.place is not None:
        return _SERVICE_OF_PLACE.get(policy.document.place)
    arns = [
        pattern_of(arn)
        for read in policy.statements
        for arn in read.statement.resources or ()
        if arn != "*"
    ]
    if arns:
        services = {
            Arn(arn).service.lower() if is_settled(arn) or not is_open(arn) else ANY
            for arn in arns
            if Arn(arn).is_arn
        }
        return services.pop() if len(services) == 1 and services <= _PLACES.keys() else None
    if all(_is_for_everybody(read) for read in policy.statements):
        return None  # an endpoint's policy or an RCP may look so
    counted = Counter(
        [
            item.service.prefix.lower()
            for read in policy.statements
            for item in read.actions or ()
            if item.service is not None
        ]
    )
    ((prefix, number),) = counted.most_common(1) or [("", 0)]
    if prefix not in _PLACES or number * 2 <= counted.total():
        return None
    return prefix


def _is_for_everybody(read: ReadStatement) -> bool:
    return any(name == "*" for _, name in read.statement.principals or ())
