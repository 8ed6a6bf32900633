"""The grammar of principals: who they can be, and in which kinds of policies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.grammar.codes import finding, quoted, wrong_type
from iam_catalog.policy.read.statements import principals
from iam_catalog.policy.records import Kind, Path, Unresolved

ELEMENTS = ("Principal", "NotPrincipal")
TYPES = ("AWS", "CanonicalUser", "Federated", "Service")
AWS_PRINCIPAL = re.compile(r"\*|[0-9]{12}|arn:.*|A[A-Z0-9]{15,127}", re.DOTALL)
"""Everyone, an account, an ARN, or the unique id that AWS shows for a principal that is gone."""

GROUP = re.compile(r"arn:[^:]*:iam::[^:]*:group/.*", re.DOTALL)
WITH_SAML, WITH_WEB_IDENTITY = "sts:assumerolewithsaml", "sts:assumerolewithwebidentity"
CALLERS = {
    "sts:assumerole": "an account, a user, a role or a service",
    WITH_SAML: "a SAML provider, of the type Federated",
    WITH_WEB_IDENTITY: "an OIDC provider, of the type Federated",
}
"""Who calls the actions that assume a role, these in lower case."""

WILDCARD = re.compile(r"[*?]")
VARIABLE = "${"

Statement = dict[str, object]


def principal_findings(statement: Statement, path: Path, kind: Kind | None) -> Iterator[Finding]:
    """What is wrong with the principals of a statement (IAM User Guide, "AWS JSON policy
    elements: Principal")."""
    held = [element for element in ELEMENTS if element in statement]
    if not held and kind in ("resource", "trust", "rcp"):
        yield finding("missing-principal", "The statement names no Principal.", path)
    for element in held:
        where = (*path, element)
        if kind in ("identity", "scp"):
            name = "An SCP" if kind == "scp" else "An identity policy"
            yield finding("principal-not-allowed", f"{name} has no {element}.", where)
        yield from value_findings(element, statement[element], where)
    if "NotPrincipal" in statement and statement.get("Effect") == "Allow":
        text = "NotPrincipal stands with the effect Allow: expected Deny."
        yield finding("not-principal-with-allow", text, (*path, "NotPrincipal"))


def value_findings(element: str, value: object, path: Path) -> Iterator[Finding]:
    if value == "*" or isinstance(value, Unresolved):
        return
    if isinstance(value, str):
        text = f"The principal {quoted(value)} has no type: expected '*', or an object."
        yield finding("principal-value", text, path, f'{{"AWS": "{value}"}}' if value else None)
    elif not isinstance(value, dict):
        yield wrong_type(element, value, "'*', or an object such as {\"AWS\": …}", path)
    elif not value:
        yield finding("empty-principal", f"{element} names nobody.", path)
    else:
        for kind, names in value.items():
            yield from type_findings(kind, (*path, kind))
            yield from names_findings(kind, names, (*path, kind))


def type_findings(kind: str, path: Path) -> Iterator[Finding]:
    if kind not in TYPES:
        text = f"{quoted(kind)} is no type of principal: expected one of {', '.join(TYPES)}."
        meant = next((each for each in TYPES if each.lower() == kind.lower()), None)
        yield finding("principal-type", text, path, meant)


def names_findings(kind: str, names: object, path: Path) -> Iterator[Finding]:
    if not isinstance(names, list):
        yield from name_findings(kind, names, path)
        return
    if not names:
        yield finding("empty-principal", f"The list of {kind} principals is empty.", path)
    for index, name in enumerate(names):
        yield from name_findings(kind, name, (*path, index))


def name_findings(kind: str, name: object, path: Path) -> Iterator[Finding]:
    """A wildcard can stand for all principals, and not for a part of a name."""
    if isinstance(name, Unresolved):
        return
    if not isinstance(name, str):
        yield wrong_type(f"A principal of type {quoted(kind)}", name, "a text", path)
    elif VARIABLE in name:
        text = f"The principal {quoted(name)} has a policy variable, which stands for itself there."
        yield finding("variable-not-allowed", text, path)
    elif name != "*" and WILDCARD.search(name):
        text = f"The principal {quoted(name)} has a wildcard, which matches no part of a name."
        yield finding("principal-wildcard", text, path)
    elif expected := expectation(kind, name):
        text = f"{quoted(name)} is no principal of type {kind}: expected {expected}."
        yield finding("principal-value", text, path)


def expectation(kind: str, name: str) -> str | None:
    """What was expected instead of *name*; None where it has the form of its type."""
    if kind == "AWS" and not AWS_PRINCIPAL.fullmatch(name):
        return "an account of 12 digits, an ARN, or *"
    if kind == "AWS" and GROUP.fullmatch(name):
        return "a user, a role or an account: groups are no principals"
    if kind == "Service" and "." not in name and name != "*":
        return f"the name of a service, such as {name.lower() or 'ec2'}.amazonaws.com"
    return None


def may_call(principal: object, action: str) -> bool:
    """Whether any principal of a trust policy can be one that calls *action* to assume the role.

    Of everyone, and of names that the document leaves open, nothing is known.
    """
    name = action.lower()
    pairs = principals(principal) or ()
    if name not in CALLERS or not pairs:
        return True
    return any(who == "*" or VARIABLE in who or action_of(kind, who) == name for kind, who in pairs)


def action_of(kind: str, name: str) -> str:
    """The action of STS by which a principal assumes a role, in lower case."""
    if kind != "Federated":
        return "sts:assumerole"
    return WITH_SAML if ":saml-provider/" in name else WITH_WEB_IDENTITY
