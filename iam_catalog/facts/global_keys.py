"""Describe AWS's global condition keys, whose types `facts.keys` has.

In words of our own; not compared with AWS's page, "AWS global condition context keys" of the IAM
User Guide, key by key: that page is not among the sources.
"""

from __future__ import annotations

DESCRIPTIONS: dict[str, str] = {
    "aws:PrincipalAccount": "The account that the calling principal belongs to.",
    "aws:PrincipalOrgID": "The organization that the principal's account belongs to.",
    "aws:PrincipalOrgPaths": "The path in the organization to the principal's account.",
    "aws:PrincipalArn": "The ARN of the principal: of a role's session, that of the role.",
    "aws:PrincipalIsAWSService": "Whether a service of AWS calls with its service principal.",
    "aws:PrincipalServiceName": "The service principal that calls.",
    "aws:PrincipalServiceNamesList": "All names of the service principal that calls.",
    "aws:PrincipalTag/${TagKey}": "The value of a tag of the principal.",
    "aws:PrincipalType": "The kind of principal, such as User or AssumedRole.",
    "aws:userid": "The unique identifier of the principal, with a session's name behind it.",
    "aws:username": "The name of the IAM user that calls; sessions of roles have none.",
    "aws:AssumedRoot": "Whether the caller is a session that AssumeRoot gave.",
    "aws:FederatedProvider": "The identity provider that signed in the federated principal.",
    "aws:TokenIssueTime": "When the temporary credentials were issued.",
    "aws:MultiFactorAuthAge": "Seconds since the principal signed in with MFA.",
    "aws:MultiFactorAuthPresent": "Whether MFA was used for the temporary credentials.",
    "aws:SourceIdentity": "The source identity that was set when a role was assumed.",
    "aws:SignInSessionArn": "The ARN of the sign-in session that the credentials are from.",
    "aws:ChatbotSourceArn": "The ARN of the chat configuration that the request came from.",
    "aws:Ec2InstanceSourceVpc": "The VPC of the EC2 instance that the credentials were issued to.",
    "aws:Ec2InstanceSourcePrivateIPv4": "The private IPv4 address of the EC2 instance that the"
    " credentials were issued to.",
    "ec2:RoleDelivery": "The version of the instance metadata service that the credentials are"
    " from.",
    "ec2:SourceInstanceArn": "The ARN of the EC2 instance whose role calls.",
    "glue:RoleAssumedBy": "The service that assumed the role for an AWS Glue job.",
    "glue:CredentialIssuingService": "The service that issued the credentials of a Glue job.",
    "codebuild:BuildArn": "The ARN of the CodeBuild build whose role calls.",
    "codebuild:ProjectArn": "The ARN of the CodeBuild project whose role calls.",
    "lambda:SourceFunctionArn": "The ARN of the Lambda function whose role calls.",
    "ssm:SourceInstanceArn": "The ARN of the managed node whose role calls.",
    "identitystore:UserId": "The IAM Identity Center user that the session is of.",
    "aws:SourceIp": "The address that the request comes from, unless it comes through a VPC"
    " endpoint.",
    "aws:SourceVpc": "The VPC that the request comes through, where it uses a VPC endpoint.",
    "aws:SourceVpcArn": "The ARN of the VPC that the request comes through.",
    "aws:SourceVpce": "The VPC endpoint that the request comes through.",
    "aws:VpceAccount": "The account that owns the VPC endpoint of the request.",
    "aws:VpceOrgID": "The organization of the account that owns the VPC endpoint.",
    "aws:VpceOrgPaths": "The path in the organization to the account of the VPC endpoint.",
    "aws:VpcSourceIp": "The address that a request through a VPC endpoint comes from.",
    "aws:ResourceAccount": "The account that owns the resource.",
    "aws:ResourceOrgID": "The organization of the account that owns the resource.",
    "aws:ResourceOrgPaths": "The path in the organization to the account of the resource.",
    "aws:ResourceTag/${TagKey}": "The value of a tag of the resource.",
    "aws:RequestTag/${TagKey}": "The value of a tag that the request passes.",
    "aws:TagKeys": "The keys of the tags that the request passes.",
    "aws:RequestedRegion": "The Region that the request was sent to.",
    "aws:SecureTransport": "Whether the request was sent with TLS.",
    "aws:CurrentTime": "The date and time of the request.",
    "aws:EpochTime": "The date and time of the request, also as seconds since 1970.",
    "aws:referer": "The page that the browser says it came from; a caller can write anything.",
    "aws:UserAgent": "The program that the caller says it is; a caller can write anything.",
    "aws:ViaAWSService": "Whether a service calls on behalf of the principal.",
    "aws:CalledVia": "The services that called each other on behalf of the principal, in order.",
    "aws:CalledViaFirst": "The first of the services that called each other.",
    "aws:CalledViaLast": "The last of the services that called each other.",
    "aws:ViaAWSMCPService": "Whether an MCP service of AWS calls on behalf of the principal.",
    "aws:CalledViaAWSMCP": "The MCP service of AWS that calls on behalf of the principal.",
    "aws:IsMcpServiceAction": "Whether the request is for an action of an MCP service.",
    "aws:SourceAccount": "The account of the resource for which a service principal calls.",
    "aws:SourceArn": "The ARN of the resource for which a service principal calls.",
    "aws:SourceOrgID": "The organization of the resource for which a service principal calls.",
    "aws:SourceOrgPaths": "The path in the organization to the account of the resource for which a"
    " service principal calls.",
    "aws:SourceOwner": "The account of the resource for which a service calls; older than"
    " aws:SourceAccount.",
}
"""What each key compares, by its name in AWS's spelling."""
