"""Find statements that hand on more than the actions that they name.

Each rule is a fact of a statement with the document in which AWS says what follows from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from iam_catalog.arn.parts import Arn, is_settled
from iam_catalog.arn.pattern import ANY, is_open
from iam_catalog.policy.check.action_items import ActionItem
from iam_catalog.policy.check.findings import Finding, listed, quoted
from iam_catalog.policy.check.reading import PolicyRule, ReadPolicy, ReadStatement
from iam_catalog.policy.check.rule import ANALYZER, GUIDE, Rule
from iam_catalog.policy.held_service import CHANGING
from iam_catalog.policy.model import Condition, Path, Statement, pattern_of

_CHECKS = "IAM User Guide, IAM Access Analyzer policy check reference"
_WITHOUT_HOLDER = ("scp", "rcp", "trust", "resource")

_EVERY_ROLE = re.compile(r"\*|role/?\*")
_EVERY_LINKED_ROLE = re.compile(r"\*|role/?\*|role/aws-service-role/?\*")
"""Match the resource of an ARN of IAM."""
_ACCOUNT_ROOT = re.compile(r"\d{12}|arn:[^:]*:iam::(\d{12}|\$\{[^{}]*\}):root")

_GITHUB = "token.actions.githubusercontent.com"

_SOURCE_KEYS = frozenset(
    {
        "aws:sourcearn",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:principalorgid",
        "aws:resourceaccount",
    }
)
"""Keys that limit for whom a service acts; `aws:SourceOwner` is the older one of Amazon SNS."""

_OWN_SOURCE = re.compile(r"kms:(viaservice|calleraccount|encryptioncontext:.*)|[a-z-]+:source.*")
"""Keys of services that limit the same: the context and the caller of AWS KMS, and `…:Source…`."""


class PassRoleOnEveryRole(PolicyRule):
    """The statement allows passing every role to every service.

    Who may start something in a service with any role can use the permissions of any role. The
    condition key iam:PassedToService limits the services, and ARNs limit the roles.
    """

    topic = "grants"
    code = "pass-role-on-every-role"
    severity = "warning"
    reference = f"{_CHECKS}, Security Warning - Pass role with star in resource"
    source = f"{ANALYZER}-security-warning-pass-role-with-star-in-resource"
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        for path, text in _allowed(policy, "iam:passrole", "iam:passedtoservice", _EVERY_ROLE):
            said = f"{quoted(text)} on every role, without a condition on iam:PassedToService:"
            said += " whoever has the policy can give any role to any service."
            yield self.finding(said, path)


class ServiceLinkedRolesOfEveryService(PolicyRule):
    """The statement allows creating the service-linked roles of every service."""

    topic = "grants"
    code = "service-linked-roles-of-every-service"
    severity = "info"
    reference = f"{_CHECKS}, General Warning - Create SLR with star in resource"
    source = f"{ANALYZER}-general-warning-create-slr-with-star-in-resource"
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        action, key = "iam:createservicelinkedrole", "iam:awsservicename"
        for path, text in _allowed(policy, action, key, _EVERY_LINKED_ROLE):
            said = f"{quoted(text)} for every service, without a condition on iam:AWSServiceName:"
            said += " name the services, or their roles' ARNs."
            better = "arn:${Partition}:iam::*:role/aws-service-role/${SERVICE-NAME}/*"
            yield self.finding(said, path, (), better)


def _allowed(
    policy: ReadPolicy, action: str, key: str, every: re.Pattern[str]
) -> Iterator[tuple[Path, str]]:
    """Yield the path and text of items that allow an action on all of its resources.

    Not with a condition on *key*, and not of wildcards that allow management of permissions or
    everything, which have findings of their own.
    """
    for read in policy.statements if policy.kind not in _WITHOUT_HOLDER else ():
        index = _place_of(read, action, key, every)
        if index is not None and read.actions is not None:
            item = read.actions[index]
            if not item.changes or item.changes[0][1] != CHANGING[0]:
                yield read.statement.item_path("Action", index), item.spelled


def _place_of(read: ReadStatement, action: str, key: str, every: re.Pattern[str]) -> int | None:
    """Return the place of the item that allows the action on what *every* matches."""
    statement = read.statement
    if not read.allows:
        return None
    place = next(
        (index for index, item in read.of_iam if not item.is_open and _names(item, action)), None
    )
    if place is None or any(each.key.lower() == key for each in statement.conditions):
        return None
    resources = statement.resources or ()
    named = any(text == "*" or _is_every(text, every) for text in resources)
    return place if named or statement.resources is None else None


def _is_every(text: str, every: re.Pattern[str]) -> bool:
    """Return True if a text is an ARN of IAM with such a resource, in any account."""
    pattern = pattern_of(text)
    arn = Arn(pattern)
    if arn.head is None or arn.missing or (is_open(pattern) and not is_settled(pattern)):
        return False
    return arn.parts[1] in ("iam", ANY) and every.fullmatch(arn.parts[4]) is not None


def _names(item: ActionItem, action: str) -> bool:
    """Return True if an item of IAM is an action, or a pattern that matches it."""
    return item.key == action or (item.service is not None and item.has(action))


class TrustForEverybody(PolicyRule):
    """Everybody can assume the role: the statement has no condition.

    A wildcard as the principal of a trust policy is every principal of every account of AWS.
    """

    topic = "grants"
    code = "trust-for-everybody"
    severity = "warning"
    reference = "IAM User Guide, AWS JSON policy elements: Principal, All principals"
    source = f"{GUIDE}/reference_policies_elements_principal.html#principal-anonymous"
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        """Yield whom trust policies admit without a condition: everybody, or a whole account."""
        if policy.kind != "trust":
            return
        for read in policy.statements:
            statement = read.statement
            if not read.allows or statement.conditions:
                continue
            path = (*statement.path, "Principal")
            # "Principal": "*" itself is refused in a trust policy: the grammar reports it
            names = [name for kind, name in statement.principals or () if kind == "AWS"]
            accounts = [name for name in names if _ACCOUNT_ROOT.fullmatch(name)]
            if "*" in names:
                said = "Everybody in AWS can assume the role: '*' without a condition."
                yield self.finding(said, path)
            elif accounts:
                said = f"Whoever the account lets assume the role can: {listed(accounts)}, without"
                said += " a condition."
                yield TrustForWholeAccount.finding(said, path)


class TrustForEveryRepository(PolicyRule):
    """Every repository of GitHub can assume the role: no condition limits which.

    All of GitHub shares one OIDC provider, and its audience is the same for everybody: only
    token.actions.githubusercontent.com:sub says which repository a token is for.
    """

    topic = "grants"
    code = "trust-for-every-repository"
    severity = "warning"
    reference = (
        "GitHub's documentation, Configuring OpenID Connect in Amazon Web Services, which quotes "
        "what IAM recommends; the section of the IAM User Guide itself was not read"
    )

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        if policy.kind != "trust":
            return
        for read in policy.statements:
            statement = read.statement
            providers = [name for kind, name in statement.principals or () if kind == "Federated"]
            is_of_github = any(name.endswith(f":oidc-provider/{_GITHUB}") for name in providers)
            if read.allows and is_of_github and not any(map(_limits_github, statement.conditions)):
                said = "Every repository of GitHub can assume the role: no condition on"
                said += f" {_GITHUB}:sub says which."
                path = (*statement.path, "Principal")
                yield self.finding(said, path, (), f"{_GITHUB}:sub")


def _limits_github(condition: Condition) -> bool:
    """Return True if a condition says which tokens of GitHub are meant, beside their audience."""
    key = condition.key.lower()
    if not key.startswith(f"{_GITHUB}:") or key == f"{_GITHUB}:aud" or "Not" in condition.operator:
        return False
    is_pattern = "Like" in condition.operator
    return not (is_pattern and any(map(_is_of_any_owner, condition.values)))


def _is_of_any_owner(subject: str) -> bool:
    """Return True for a pattern such as `repo:*/app:*`: anybody can name a repository so."""
    return subject.startswith(("*", "repo:*"))


class TrustForWholeAccount(Rule):
    """A whole account can assume the role: that account decides which of its principals do.

    For accounts of third parties, AWS advises a condition on sts:ExternalId.
    """

    topic = "grants"
    code = "trust-for-whole-account"
    severity = "info"
    reference = "IAM User Guide, AWS JSON policy elements: Principal, AWS account principals"
    source = f"{GUIDE}/reference_policies_elements_principal.html#principal-accounts"
    read_on = "2026-11-29"


class ServicePrincipalWithoutSource(PolicyRule):
    """A service may act on the resource for anyone: the statement does not say for whose sake.

    Another account can have the service act on the resource then ("the confused deputy"). The keys
    aws:SourceArn, aws:SourceAccount, aws:SourceOrgID and aws:SourceOrgPaths limit it.
    """

    topic = "grants"
    code = "service-principal-without-source"
    severity = "info"
    reference = f"{_CHECKS}, Security Warning - Restrict access to service principal"
    source = f"{ANALYZER}-security-warning-restrict-access-to-service-principal"
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterator[Finding]:
        if policy.kind != "resource":
            return
        for read in policy.statements:
            services = [name for kind, name in read.statement.principals or () if kind == "Service"]
            if services and read.allows and not _names_source(read.statement):
                said = f"{listed(services)} can act for anybody in AWS: no condition says for"
                said += " which account, organization or resource."
                path = (*read.statement.path, "Principal")
                yield self.finding(said, path, (), "aws:SourceArn or aws:SourceAccount")


def _names_source(statement: Statement) -> bool:
    """Return True if a condition says for whom a service acts."""
    keys = [each.key.lower() for each in statement.conditions]
    return any(key in _SOURCE_KEYS or _OWN_SOURCE.fullmatch(key) for key in keys)
