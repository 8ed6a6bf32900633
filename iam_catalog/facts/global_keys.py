"""List AWS's global condition keys, with their types.

Facts of the IAM User Guide, "AWS global condition context keys": the data type and the value type
of each key, as read in copies of August and September 2026. They hold for every service; among
them are cross-service keys such as `lambda:SourceFunctionArn`, which bear the prefix of a service.
The pages of the services do not list these keys, except the tag keys of `LISTED_BY_SERVICES`.
"""

from __future__ import annotations

AS_OF = "2026-09"
"""Year and month of the newest copy that was read."""

PAGE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"

STRINGS = """
aws:PrincipalAccount aws:PrincipalOrgID aws:PrincipalServiceName aws:PrincipalType aws:userid
aws:username aws:Ec2InstanceSourceVpc aws:SourceIdentity glue:RoleAssumedBy
glue:CredentialIssuingService identitystore:UserId aws:SourceVpc aws:SourceVpce aws:VpceAccount
aws:VpceOrgID aws:ResourceAccount aws:ResourceOrgID aws:CalledViaFirst aws:CalledViaLast
aws:CalledViaAWSMCP aws:referer aws:RequestedRegion aws:SourceAccount aws:SourceOrgID aws:UserAgent
aws:PrincipalTag/${TagKey} aws:ResourceTag/${TagKey} aws:RequestTag/${TagKey}
"""
LISTS = """
aws:PrincipalOrgPaths aws:PrincipalServiceNamesList aws:VpceOrgPaths aws:ResourceOrgPaths
aws:CalledVia aws:TagKeys aws:SourceOrgPaths
"""
BOOLEANS = """
aws:PrincipalIsAWSService aws:AssumedRoot aws:MultiFactorAuthPresent aws:ViaAWSService
aws:ViaAWSMCPService aws:SecureTransport aws:IsMcpServiceAction
"""
ARNS = """
aws:PrincipalArn aws:SignInSessionArn aws:ChatbotSourceArn ec2:SourceInstanceArn codebuild:BuildArn
codebuild:ProjectArn lambda:SourceFunctionArn ssm:SourceInstanceArn aws:SourceVpcArn aws:SourceArn
"""

GLOBAL_KEYS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(STRINGS.split(), ("String",)),
    **dict.fromkeys(LISTS.split(), ("ArrayOfString",)),
    **dict.fromkeys(BOOLEANS.split(), ("Bool",)),
    **dict.fromkeys(ARNS.split(), ("ARN",)),
    "aws:Ec2InstanceSourcePrivateIPv4": ("IPAddress",),
    "aws:SourceIp": ("IPAddress",),
    "aws:VpcSourceIp": ("IPAddress",),
    "aws:MultiFactorAuthAge": ("Numeric",),
    "ec2:RoleDelivery": ("Numeric",),
    "aws:TokenIssueTime": ("Date",),
    "aws:CurrentTime": ("Date",),
    "aws:EpochTime": ("Date", "Numeric"),
    "aws:FederatedProvider": ("String", "ARN"),
    "aws:SourceOwner": ("String",),
}
"""Each key in AWS's spelling, with its types in the words of the services' pages: `ArrayOf…` where
the page says "Multivalued". Where there are two, the value can be of either. `aws:SourceOwner` is
not on the page any more, but in the policy that Amazon SNS gives a new topic."""

LISTED_BY_SERVICES = frozenset({"aws:requesttag", "aws:resourcetag", "aws:tagkeys"})
"""Global keys that only some actions have: the pages of the services list them. In lower case, and
without the key of a tag."""

MULTIVALUED = frozenset({"cognito-identity.amazonaws.com:amr"})
"""Keys of a service of which AWS's guide says that they have several values, and the service's page
that they are a `String` ("IAM and AWS STS condition context keys", section "Available keys for AWS
OIDC federation")."""

SERVICE_VARIABLES = (
    # AWS Transfer Family User Guide, "Creating a session policy for an Amazon S3 bucket"
    "transfer:homebucket",
    "transfer:homedirectory",
    "transfer:homefolder",
    "transfer:username",
    # AWS IoT Core Developer Guide, "Basic AWS IoT Core policy variables", "Thing policy variables"
    # and "X.509 Certificate AWS IoT Core policy variables"
    "iot:clientid",
    "iot:domainname",
    "iot:connection.thing.",
    "iot:certificateid",
    "iot:certificate.",
    # AWS IoT Core Developer Guide, "Authorizing direct calls to AWS services using AWS IoT Core
    # credential provider"
    "credentials-iot:thingname",
    "credentials-iot:thingtypename",
    "credentials-iot:awscertificateid",
)
"""Policy variables and keys that guides of services document, and their pages of condition keys do
not, in lower case, those that end with a dot as starts; all read on 2026-11-29."""


def is_service_variable(key: str) -> bool:
    """Return True for a policy variable of `SERVICE_VARIABLES`, in any case."""
    name = key.lower()
    return name in SERVICE_VARIABLES or name.startswith(_VARIABLE_STARTS)


_VARIABLE_STARTS = tuple(each for each in SERVICE_VARIABLES if each.endswith("."))

FEDERATION = frozenset({"saml"})
"""Prefixes of keys that an identity provider fills in, beside the names of hosts that OIDC
providers have ("IAM and AWS STS condition context keys", sections "Available keys for AWS OIDC
federation" and "Available keys for SAML-based AWS STS federation")."""


def is_federation_key(key: str) -> bool:
    """Return True for a key of an identity provider: `saml:aud`, `accounts.google.com:sub`.

    An OIDC provider's prefix is its address, so it has a dot or a slash.
    """
    prefix = key.partition(":")[0].lower()
    return prefix in FEDERATION or "." in prefix or "/" in prefix
