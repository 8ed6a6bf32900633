"""Check the grammar of principals: who they can be, and in which kinds of policies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iam_catalog.policy.check.findings import Finding, quoted
from iam_catalog.policy.check.rule import ANALYZER, GUIDE
from iam_catalog.policy.grammar.values import GrammarRule, VariableNotAllowed, wrong_type
from iam_catalog.policy.model import Kind, Path, Unresolved
from iam_catalog.policy.read.statements import principals

_ELEMENTS = ("Principal", "NotPrincipal")
_TYPES = ("AWS", "CanonicalUser", "Federated", "Service")
_AWS_PRINCIPAL = re.compile(r"\*|[0-9]{12}|arn:.*|A[A-Z0-9]{15,127}", re.DOTALL)
"""Everyone, an account, an ARN, or the unique id that AWS shows for a principal that is gone."""

_GROUP = re.compile(r"arn:[^:]*:iam::[^:]*:group/.*", re.DOTALL)
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
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": invalid principal key'
    )
    source = f"{ANALYZER}-error-invalid-principal-key"
    read_on = "2026-11-29"


class PrincipalValue(GrammarRule):
    """A principal is not written as its type is."""

    code = "principal-value"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": invalid principal format'
    )
    source = f"{ANALYZER}-error-invalid-principal-format"
    read_on = "2026-11-29"


class PrincipalWildcard(GrammarRule):
    """A wildcard in a principal can not match a part of a name: * stands alone."""

    code = "principal-wildcard"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": unsupported wildcard in'
        " principal"
    )
    source = f"{ANALYZER}-error-unsupported-wildcard-in-principal"
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
        if kind in ("identity", "scp"):
            name = "An SCP" if kind == "scp" else "An identity policy"
            yield PrincipalNotAllowed.finding(f"{name} has no {element}.", where)
        yield from _value_findings(element, statement[element], where)
    if "NotPrincipal" in statement and statement.get("Effect") == "Allow":
        text = "NotPrincipal stands with the effect Allow: expected Deny."
        yield NotPrincipalWithAllow.finding(text, (*path, "NotPrincipal"))


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
    if kind not in _TYPES:
        text = f"{quoted(kind)} is no type of principal: expected one of {', '.join(_TYPES)}."
        meant = next((each for each in _TYPES if each.lower() == kind.lower()), None)
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
        return
    if not isinstance(name, str):
        yield wrong_type(f"A principal of type {quoted(kind)}", name, "a text", path)
    elif _VARIABLE in name:
        text = f"The principal {quoted(name)} has a policy variable, which stands for itself there."
        yield VariableNotAllowed.finding(text, path)
    elif name != "*" and _WILDCARD.search(name):
        text = f"The principal {quoted(name)} has a wildcard, which matches no part of a name."
        yield PrincipalWildcard.finding(text, path)
    elif expected := _expectation(kind, name):
        text = f"{quoted(name)} is no principal of type {kind}: expected {expected}."
        yield PrincipalValue.finding(text, path)


def _expectation(kind: str, name: str) -> str | None:
    """Return what was expected instead of *name*; None where it has the form of its type."""
    if kind == "AWS" and not _AWS_PRINCIPAL.fullmatch(name):
        return "an account of 12 digits, an ARN, or *"
    if kind == "AWS" and _GROUP.fullmatch(name):
        return "a user, a role or an account: groups are no principals"
    if kind == "Service" and "." not in name and name != "*":
        return f"the name of a service, such as {name.lower() or 'ec2'}.amazonaws.com"
    return None


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
