"""Check what resource control policies (RCPs) have beyond AWS's grammar of policies.

Rules of the AWS Organizations User Guide, "RCP syntax".
"""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.check.findings import Finding, quoted
from iam_catalog.policy.check.rule import ANALYZER, ORGANIZATIONS
from iam_catalog.policy.grammar.values import GrammarRule, is_action
from iam_catalog.policy.model import Path, Unresolved

_EVERYONE: tuple[object, ...] = ("*", {"AWS": "*"}, {"AWS": ["*"]})
_FULL_ACCESS = {
    "Effect": ("Allow",),
    "Principal": _EVERYONE,
    "Action": ("*", ["*"]),
    "Resource": ("*", ["*"]),
}
"""AWS's own RCPFullAWSAccess, the only RCP that allows, or names every action."""

_PREFIXES = """
aoss appconfig appstream autoscaling autoscaling-plans budgets clouddirectory cloudfront cloudsearch
cloudtrail-data codeartifact codebuild codecommit codepipeline cognito-identity cognito-idp
comprehend comprehendmedical compute-optimizer cost-optimization-hub dax dsql dynamodb ecr
ecr-public events firehose fis fms gamelift health inspector-scan kendra kinesisvideo kms logs
memorydb networkmonitor notifications opensearch pca-connector-ad personalize polly pricing
resource-groups rolesanywhere s3 secretsmanager servicediscovery signin sqs sts support swf
textract timestream-influxdb transcribe transfer translate wafv2 workspaces xray
"""
SERVICES = frozenset(_PREFIXES.split())
"""The service prefixes that an RCP can name: AWS Organizations User Guide, "Resource control
policies (RCPs)", section "List of AWS services that support RCPs", read on 2026-11-29."""

_Statement = dict[str, object]


class RcpEffect(GrammarRule):
    """RCPs of customers only deny."""

    code = "rcp-effect"
    severity = "error"
    reference = 'AWS Organizations User Guide, "RCP syntax": Effect element'
    source = f"{ORGANIZATIONS}/orgs_manage_policies_rcps_syntax.html#rcp-syntax-effect"
    read_on = "2026-11-29"


class RcpPrincipal(GrammarRule):
    """The principal of an RCP is "*", and nothing else."""

    code = "rcp-principal"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": RCP syntax error principal'
    )
    source = f"{ANALYZER}-error-rcp-syntax-error-principal"
    read_on = "2026-11-29"


class RcpNotAction(GrammarRule):
    """RCPs have no NotAction."""

    code = "rcp-not-action"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": RCP syntax error NotAction'
    )
    source = f"{ANALYZER}-error-rcp-syntax-error-notaction"
    read_on = "2026-11-29"


class RcpAction(GrammarRule):
    """An RCP names every action, or one of a service that does not support RCPs.

    Only AWS's own RCPFullAWSAccess has the action *.
    """

    code = "rcp-action"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": RCP syntax error action;'
        ' AWS Organizations User Guide, "Resource control policies (RCPs)": List of AWS services'
        " that support RCPs"
    )
    source = f"{ORGANIZATIONS}/orgs_manage_policies_rcps.html#rcp-supported-services"
    read_on = "2026-11-29"


def rcp_findings(statement: _Statement, path: Path) -> Iterator[Finding]:
    """Yield what RCPs do not support in a statement."""
    if _is_full_access(statement):
        return
    if statement.get("Effect") == "Allow":
        text = "An RCP has the effect Allow: only AWS's own RCPFullAWSAccess has, expected Deny."
        yield RcpEffect.finding(text, (*path, "Effect"))
    if "NotAction" in statement:
        text = "An RCP has NotAction: expected Action."
        yield RcpNotAction.finding(text, (*path, "NotAction"))
    yield from _action_findings(statement.get("Action"), (*path, "Action"))
    if "NotPrincipal" in statement:
        text = "An RCP has NotPrincipal: expected the Principal '*'."
        yield RcpPrincipal.finding(text, (*path, "NotPrincipal"))
    principal = statement.get("Principal", "*")
    if principal not in _EVERYONE and not isinstance(principal, Unresolved):
        text = "An RCP has another principal than '*', which RCPs do not support."
        yield RcpPrincipal.finding(text, (*path, "Principal"))


def _is_full_access(statement: _Statement) -> bool:
    needed = all(statement.get(name) in values for name, values in _FULL_ACCESS.items())
    return needed and set(statement) <= {*_FULL_ACCESS, "Sid"}


def _action_findings(value: object, path: Path) -> Iterator[Finding]:
    for number, action in enumerate(value if isinstance(value, list) else [value]):
        if not isinstance(action, str) or not is_action(action):
            continue
        prefix = action.partition(":")[0].lower()
        if "${" in prefix or (isinstance(action, Unresolved) and ":" not in action):
            continue
        if prefix in SERVICES:
            continue
        where = (*path, number) if isinstance(value, list) else path
        if prefix == "*":
            text = f"An RCP has the action {quoted(action)}: expected actions of services, such as"
            yield RcpAction.finding(f"{text} s3:*.", where)
        else:
            text = f"RCPs do not support the service {quoted(prefix)} of {quoted(action)}."
            yield RcpAction.finding(text, where)
