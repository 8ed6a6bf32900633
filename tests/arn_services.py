"""Services whose ARN formats are easily taken for one another, as small pages of our own."""

from __future__ import annotations

from pathlib import Path

from dated_pages import complete, store
from page_texts import Row as PageRow
from page_texts import Service, Type, act, as_json

REGIONAL = "arn:${Partition}:{service}:${Region}:${Account}:"
GATEWAY = "arn:${Partition}:apigateway:${Region}::"
ROLE = "arn:${Partition}:iam::${Account}:role/"

FORMATS: dict[str, dict[str, tuple[str, ...]]] = {
    "apigateway": {
        "Api": (GATEWAY + "/apis/${ApiId}",),
        "RestApi": (GATEWAY + "/restapis/${RestApiId}",),
        "RestApis": (GATEWAY + "/restapis",),
        "Stage": (
            GATEWAY + "/apis/${ApiId}/stages/${StageName}",
            GATEWAY + "/restapis/${RestApiId}/stages/${StageName}",
        ),
    },
    "artifact": {"report-package": ("arn:${Partition}:artifact:::report-package/*",)},
    "backup": {
        "backupVault": (REGIONAL + "backup-vault:${BackupVaultName}",),
        "recoveryPoint": (
            "arn:${Partition}:${Vendor}:${Region}:*:${ResourceType}:${RecoveryPointId}",
        ),
    },
    "codeartifact": {
        "package": (REGIONAL + "package/${Domain}/${PackageNamespace}/${PackageName}",),
    },
    "codepipeline": {
        "action": (REGIONAL + "${PipelineName}/${StageName}/${ActionName}",),
        "pipeline": (REGIONAL + "${PipelineName}",),
        "stage": (REGIONAL + "${PipelineName}/${StageName}",),
        "webhook": (REGIONAL + "webhook:${WebhookName}",),
    },
    "dynamodb": {
        "backup": (REGIONAL + "table/${TableName}/backup/${BackupName}",),
        "index": (REGIONAL + "table/${TableName}/index/${IndexName}",),
        "table": (REGIONAL + "table/${TableName}",),
    },
    "ec2": {
        "instance": (REGIONAL + "instance/${InstanceId}",),
        "role": (ROLE + "${RoleNameWithPath}",),
    },
    "ecs": {"task": (REGIONAL + "task/${ClusterName}/${TaskId}",)},
    "elasticloadbalancing": {
        "loadbalancer": (REGIONAL + "loadbalancer/${LoadBalancerName}",),
        "loadbalancer/app/": (REGIONAL + "loadbalancer/app/${LoadBalancerName}/${Id}",),
    },
    "es": {"es_role": (ROLE + "aws-service-role/es.amazonaws.com/AWSServiceRole",)},
    "iam": {
        "policy": ("arn:${Partition}:iam::${Account}:policy/${PolicyNameWithPath}",),
        "role": (ROLE + "${RoleNameWithPath}",),
    },
    "lambda": {
        "function": (REGIONAL + "function:${FunctionName}",),
        "function alias": (REGIONAL + "function:${FunctionName}:${Alias}",),
        "function version": (REGIONAL + "function:${FunctionName}:${Version}",),
    },
    "logs": {
        "log-group": (REGIONAL + "log-group:${LogGroupName}",),
        "log-stream": (REGIONAL + "log-group:${LogGroupName}:log-stream:${LogStreamName}",),
    },
    "s3": {
        "accesspoint": (REGIONAL + "accesspoint/${AccessPointName}",),
        "bucket": ("arn:${Partition}:s3:::${BucketName}",),
        "object": ("arn:${Partition}:s3:::${BucketName}/${ObjectName}",),
    },
    "secretsmanager": {"Secret": (REGIONAL + "secret:${SecretId}",)},
    "securityhub": {
        "hub": (REGIONAL + "hub/default",),
        "product": (REGIONAL + "product/${Company}/${ProductId}",),
    },
    "sqs": {"queue": (REGIONAL + "${QueueName}",)},
    "ssm": {
        "bucket": ("arn:${Partition}:s3:::${BucketName}",),
        "document": (REGIONAL + "document/${DocumentName}",),
        "parameter": (REGIONAL + "parameter/${ParameterNameWithoutLeadingSlash}",),
        "task": (REGIONAL.replace("{service}", "ecs") + "task/${TaskId}",),
    },
}
"""The ARN formats of each resource type of each service."""


def page(prefix: str) -> str:
    """A page on which each resource type has an action of its own, `Use` and the type's name."""
    types = [
        Type(name, " ".join(formats).replace("{service}", prefix))
        for name, formats in FORMATS[prefix].items()
    ]
    actions = [
        act("Use" + "".join(filter(str.isalnum, each.name)), "Read", PageRow(types=each.name))
        for each in types
        if " " not in each.name
    ]
    return as_json(Service([*actions, act("List")], types, prefix=prefix))


def build_arn_catalog(folder: Path) -> str:
    """The path of a catalog of all the services."""
    return store(folder, complete("2020-03-04", *map(page, FORMATS)))
