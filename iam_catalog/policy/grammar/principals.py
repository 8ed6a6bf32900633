"""Check the grammar of principals: who they can be, and in which kinds of policies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iam_catalog.arn.parts import PARTITIONS, is_settled, without_variables
from iam_catalog.arn.pattern import has_wildcard, matches
from iam_catalog.policy.check.findings import Finding, quoted
from iam_catalog.policy.check.rule import ANALYZER, GUIDE
from iam_catalog.policy.grammar.values import GrammarRule, VariableNotAllowed, wrong_type
from iam_catalog.policy.model import Kind, Path, Unresolved
from iam_catalog.policy.read.statements import principals

_ELEMENTS = ("Principal", "NotPrincipal")
TYPES = ("AWS", "CanonicalUser", "Federated", "Service")
_AWS_PRINCIPAL = re.compile(r"\*|[0-9]{12}|A[A-Z0-9]{15,127}")
"""Everyone, an account, or the unique id that AWS shows for a principal that is gone."""

_PATHS = {
    "iam": re.compile(r"root|(user|role)/[^\s].*", re.DOTALL),
    "sts": re.compile(r"assumed-role/[^/]+/[^/]+|federated-user/[^/]+"),
}
"""How the ARNs of principals go on behind the account (IAM User Guide, "AWS JSON policy elements:
Principal": account, role, role session, user and federated user session principals)."""

_IDS = ("AIDA", "AROA")
"""How unique IDs of users and roles start (IAM User Guide, "IAM identifiers", "Unique
identifiers")."""

_PROVIDER = re.compile(r"(saml|oidc)-provider/.+", re.DOTALL)
_ACCOUNT = re.compile(r"[0-9]{12}")
_CLOUDFRONT = "cloudfront"
"""The account of the origin access identities in Amazon CloudFront Developer Guide, "Restricting
access to an Amazon S3 origin"."""

_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]+)?(/.*)?")
_CANONICAL_USER = re.compile(r"[0-9a-fA-F]{64,}")
"""Amazon S3 User Guide: 64 digits for an account; those of CloudFront's identities are longer."""

_SERVICE_SUFFIXES = (
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".amazon.com",
    ".aws.internal",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
)
"""What names of services end with: the domains of the partitions in `partitions.json` of AWS's
SDKs; `amazon.com` for Alexa (AWS Lambda Developer Guide, "Using AWS Lambda with Alexa"), and
`aws.internal` for services that AWS keeps to itself."""

_WITH_SAML, _WITH_WEB_IDENTITY = "sts:assumerolewithsaml", "sts:assumerolewithwebidentity"
CALLERS = {
    "sts:assumerole": "an account, a user, a role or a service",
    _WITH_SAML: "a SAML provider, of the type Federated",
    _WITH_WEB_IDENTITY: "an OIDC provider, of the type Federated",
}
"""Who calls each action that assumes a role, by its name in lower case."""

_WILDCARD = re.compile(r"[*?]")
_VARIABLE = "${"

_Statement = dict[str, object]


class MissingPrincipal(GrammarRule):
    """A statement of a resource policy has Principal or NotPrincipal."""

    code = "missing-principal"
    severity = "error"
    reference = 'IAM User Guide, "IAM Access Analyzer policy check reference": missing principal'
    source = f"{ANALYZER}-error-missing-principal"
    read_on = "2026-11-29"


class PrincipalNotAllowed(GrammarRule):
    """Identity policies and SCPs name no principal."""

    code = "principal-not-allowed"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": unsupported principal'
    )
    source = f"{ANALYZER}-error-unsupported-principal"
    read_on = "2026-11-29"


class PrincipalType(GrammarRule):
    """A principal is of the type AWS, Federated, Service or CanonicalUser; case counts."""

    code = "principal-type"
    replaces = "name"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": invalid principal key'
    )
    source = f"{ANALYZER}-error-invalid-principal-key"
    read_on = "2026-11-29"


class PrincipalValue(GrammarRule):
    """A principal is not written as its type is."""

    code = "principal-value"
    replaces = "value"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": invalid principal format'
    )
    source = f"{ANALYZER}-error-invalid-principal-format"
    read_on = "2026-11-29"


class PrincipalWildcard(GrammarRule):
    """A wildcard in a principal cannot match a part of a name: * stands alone."""

    code = "principal-wildcard"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": unsupported wildcard in'
        " principal"
    )
    source = f"{ANALYZER}-error-unsupported-wildcard-in-principal"
    read_on = "2026-11-29"


class FederatedPrincipal(GrammarRule):
    """Only trust policies of roles have principals of the type Federated."""

    code = "federated-principal"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": federated principal not'
        " supported"
    )
    source = f"{ANALYZER}-error-federated-principal-not-supported"
    read_on = "2026-11-29"


class PrincipalById(GrammarRule):
    """A principal is the unique ID of a user or role, which a new one of that name does not have.

    AWS shows the ID in place of the ARN where the user or role is gone.
    """

    code = "principal-by-id"
    severity = "info"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": invalid role reference,'
        " invalid user reference"
    )
    source = f"{ANALYZER}-general-warning-invalid-role-reference"
    read_on = "2026-11-29"


class EmptyPrincipal(GrammarRule):
    """The principal names nobody, so that the statement has no effect."""

    code = "empty-principal"
    severity = "warning"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": empty object principal,'
        " empty array principal"
    )
    source = f"{ANALYZER}-suggestion-empty-object-principal"
    read_on = "2026-11-29"


class NotPrincipalWithAllow(GrammarRule):
    """NotPrincipal can only be used with the effect Deny."""

    code = "not-principal-with-allow"
    severity = "error"
    reference = 'IAM User Guide, "AWS JSON policy elements: NotPrincipal"'
    source = f"{GUIDE}/reference_policies_elements_notprincipal.html"
    read_on = "2026-11-29"


def principal_findings(statement: _Statement, path: Path, kind: Kind | None) -> Iterator[Finding]:
    """Yield what is wrong with the principals of a statement (IAM User Guide, "AWS JSON policy
    elements: Principal")."""
    held = [element for element in _ELEMENTS if element in statement]
    if not held and kind in ("resource", "trust", "rcp"):
        yield MissingPrincipal.finding("The statement names no Principal.", path)
    for element in held:
        where = (*path, element)
        typed = isinstance(statement[element], (str, dict))
        if kind in ("identity", "scp") and typed:  # another value does not tell the kind
            name = "An SCP" if kind == "scp" else "An identity policy"
            yield PrincipalNotAllowed.finding(f"{name} has no {element}.", where)
        yield from _value_findings(element, statement[element], where)
        yield from _federated_findings(statement[element], where, kind)
    if "NotPrincipal" in statement and statement.get("Effect") == "Allow":
        text = "NotPrincipal stands with the effect Allow: expected Deny."
        yield NotPrincipalWithAllow.finding(text, (*path, "NotPrincipal"))


def _federated_findings(value: object, path: Path, kind: Kind | None) -> Iterator[Finding]:
    if kind == "resource" and isinstance(value, dict) and value.get("Federated"):
        text = "The principal is of the type Federated, which only trust policies of roles have."
        yield FederatedPrincipal.finding(text, (*path, "Federated"))


def _value_findings(element: str, value: object, path: Path) -> Iterator[Finding]:
    if value == "*" or isinstance(value, Unresolved):
        return
    if isinstance(value, str):
        text = f"The principal {quoted(value)} has no type: expected '*', or an object."
        yield PrincipalValue.finding(
            text, path, suggestion=f'{{"AWS": "{value}"}}' if value else None
        )
    elif not isinstance(value, dict):
        yield wrong_type(element, value, "'*', or an object such as {\"AWS\": …}", path)
    elif not value:
        yield EmptyPrincipal.finding(f"{element} names nobody.", path)
    else:
        for kind, names in value.items():
            yield from _type_findings(kind, (*path, kind))
            yield from _names_findings(kind, names, (*path, kind))


def _type_findings(kind: str, path: Path) -> Iterator[Finding]:
    if kind not in TYPES:
        text = f"{quoted(kind)} is not a type of principal: expected one of {', '.join(TYPES)}."
        meant = next((each for each in TYPES if each.lower() == kind.lower()), None)
        yield PrincipalType.finding(text, path, suggestion=meant)


def _names_findings(kind: str, names: object, path: Path) -> Iterator[Finding]:
    if not isinstance(names, list):
        yield from _name_findings(kind, names, path)
        return
    if not names:
        yield EmptyPrincipal.finding(f"The list of {kind} principals is empty.", path)
    for index, name in enumerate(names):
        yield from _name_findings(kind, name, (*path, index))


def _name_findings(kind: str, name: object, path: Path) -> Iterator[Finding]:
    """Check one principal: a wildcard can be all principals, and not a part of a name."""
    if isinstance(name, Unresolved):
        yield from _open_name_findings(kind, name, path)
    elif not isinstance(name, str):
        yield wrong_type(f"A principal of type {quoted(kind)}", name, "a text", path)
    elif _VARIABLE in name:
        text = f"The principal {quoted(name)} has a policy variable, which stands for itself there."
        yield VariableNotAllowed.finding(text, path)
    elif name != "*" and _WILDCARD.search(name):
        text = f"The principal {quoted(name)} has a wildcard, which matches no part of a name."
        yield PrincipalWildcard.finding(text, path)
    elif expected := _expectation(kind, name):
        text = f"{quoted(name)} is not a principal of type {kind}: expected {expected}."
        yield PrincipalValue.finding(text, path)
    elif kind == "AWS" and name.startswith(_IDS):
        text = f"{quoted(name)} is the ID of a user or role: one of the same name has another ID."
        yield PrincipalById.finding(text, path)


def _open_name_findings(kind: str, name: Unresolved, path: Path) -> Iterator[Finding]:
    """Check what is sure of a principal that the document leaves open in part."""
    if kind == "AWS" and is_settled(name.pattern):
        expected = principal_arn_expectation(name.pattern)
        if expected is not None:
            text = f"{quoted(name)} is not a principal of type {kind}: expected {expected}."
            yield PrincipalValue.finding(text, path)


def _expectation(kind: str, name: str) -> str | None:
    """Return what was expected instead of *name*; None where it has the form of its type."""
    if name == "*":
        return None
    if kind == "AWS":
        return _aws_expectation(name)
    if kind == "Federated":
        return _federated_expectation(name)
    if kind == "CanonicalUser" and not _CANONICAL_USER.fullmatch(name):
        return "a canonical user ID of 64 hexadecimal digits"
    if kind == "Service" and not is_service_name(name):
        first = name.partition(".")[0].strip().lower()
        return f"the name of a service, such as {first or 'ec2'}.amazonaws.com"
    return None


def is_service_name(name: str) -> bool:
    """Return True for a name that ends like those of AWS's services: `ec2.amazonaws.com`."""
    return _DOMAIN.fullmatch(name) is not None and name.endswith(_SERVICE_SUFFIXES)


def _aws_expectation(name: str) -> str | None:
    if not name.startswith("arn:"):
        return None if _AWS_PRINCIPAL.fullmatch(name) else "an account of 12 digits, an ARN, or *"
    return principal_arn_expectation(name)


def principal_arn_expectation(arn: str) -> str | None:
    """Return what was expected instead of the ARN of a principal; None where it can be one.

    Its wildcards and variables, which values of conditions can have, leave their part open.
    """
    parts = without_variables(arn).split(":", 5)
    if len(parts) < 6:
        return None if has_wildcard(arn) or _VARIABLE in arn else f"an ARN such as {_EXAMPLE}"
    _, partition, service, region, account, resource = parts
    services = [each for each in _PATHS if _can_be(service, each)]
    faults = (
        (
            any(_can_be(partition, each) for each in PARTITIONS),
            f"a partition of AWS, such as {PARTITIONS[0]}",
        ),
        (services, f"a principal of IAM or STS, such as {_EXAMPLE}"),
        (_can_be(region, ""), f"no Region, as in {_EXAMPLE}"),
        (
            _is_open(account) or _ACCOUNT.fullmatch(account) or account == _CLOUDFRONT,
            "an account of 12 digits",
        ),
    )
    wrong = next((expected for fits, expected in faults if not fits), None)
    return wrong or _path_expectation(resource, services)


def _path_expectation(resource: str, services: list[str]) -> str | None:
    """Return what was expected behind the account instead of *resource*."""
    if _is_open(resource):
        start = re.split(r"[*?\0]", resource, maxsplit=1)[0]
        likely = any(start.startswith(each) or each.startswith(start) for each in _STARTS)
    else:
        likely = any(_PATHS[each].fullmatch(resource) for each in services)
    if likely:
        return None
    if resource.startswith("group/"):
        return "a user, a role or an account: groups are not principals"
    return "root, user/… or role/… of IAM, or assumed-role/…/… or federated-user/… of STS"


_EXAMPLE = "arn:aws:iam::111122223333:role/name"
_STARTS = ("root", "user/", "role/", "assumed-role/", "federated-user/")


def _is_open(part: str) -> bool:
    return any(mark in part for mark in ("*", "?", "\0"))


def _can_be(part: str, text: str) -> bool:
    """Return True if a part, which may have wildcards and hidden variables, can be a text."""
    return part == text or (_is_open(part) and matches(part.replace("\0", "*"), text))


def _federated_expectation(name: str) -> str | None:
    """Return what was expected; IAM takes names of domains, or ARNs of providers."""
    expected = "the ARN of a SAML or OIDC provider of IAM, or the domain of a provider"
    if not name.startswith("arn:"):
        return None if _DOMAIN.fullmatch(name) else expected
    parts = name.split(":", 5)
    if len(parts) < 6 or parts[1] not in PARTITIONS or parts[2:4] != ["iam", ""]:
        return expected
    if not _ACCOUNT.fullmatch(parts[4]):
        return "an account of 12 digits"
    return None if _PROVIDER.fullmatch(parts[5]) else expected


def may_call(principal: object, action: str) -> bool:
    """Return True if any principal of a trust policy can be one that calls *action*.

    Of everyone, and of names that the document leaves open, nothing is known.
    """
    name = action.lower()
    pairs = principals(principal) or ()
    if name not in CALLERS or not pairs:
        return True
    return any(
        who == "*" or _VARIABLE in who or _action_of(kind, who) == name for kind, who in pairs
    )


def _action_of(kind: str, name: str) -> str:
    """Return the action of STS by which a principal assumes a role, in lower case."""
    if kind != "Federated":
        return "sts:assumerole"
    return _WITH_SAML if ":saml-provider/" in name else _WITH_WEB_IDENTITY
