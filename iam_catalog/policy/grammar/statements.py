"""Check the grammar of a statement: its elements, and which of them a kind of policy has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iam_catalog.policy.check.findings import Finding, quoted
from iam_catalog.policy.check.rule import ANALYZER, API, GRAMMAR, GUIDE
from iam_catalog.policy.grammar.principals import CALLERS, may_call, principal_findings
from iam_catalog.policy.grammar.rcps import rcp_findings
from iam_catalog.policy.grammar.values import (
    GrammarRule,
    are_actions,
    is_action,
    malformed_action,
    wrong_type,
)
from iam_catalog.policy.model import Kind, Path, Unresolved
from iam_catalog.policy.read.statements import principals

ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
OPPOSITES = (
    ("Principal", "NotPrincipal"),
    ("Action", "NotAction"),
    ("Resource", "NotResource"),
)
_ROLES_ANYWHERE = ("Service", "rolesanywhere.amazonaws.com")
_ROLES_ANYWHERE_ACTIONS = ("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession")
EFFECTS = ("Allow", "Deny")
_SID = re.compile(r"[A-Za-z0-9]*")
_Statement = dict[str, object]


class SidCharacters(GrammarRule):
    """The Sid of an IAM policy has letters A-Z, a-z and digits only."""

    code = "sid-characters"
    replaces = "value"
    severity = "error"
    reference = 'IAM User Guide, "IAM Access Analyzer policy check reference": unsupported Sid'
    source = f"{ANALYZER}-error-unsupported-sid"
    read_on = "2026-11-29"


class EmptySid(GrammarRule):
    """The Sid is empty."""

    code = "empty-sid"
    severity = "info"
    reference = 'IAM User Guide, "IAM Access Analyzer policy check reference": empty Sid value'
    source = f"{ANALYZER}-suggestion-empty-sid-value"
    read_on = "2026-11-29"


class MissingEffect(GrammarRule):
    """A statement has an Effect."""

    code = "missing-effect"
    severity = "error"
    reference = 'IAM User Guide, "IAM Access Analyzer policy check reference": missing effect'
    source = f"{ANALYZER}-error-missing-effect"
    read_on = "2026-11-29"


class EffectValue(GrammarRule):
    """The effect is neither Allow nor Deny; case counts."""

    code = "effect-value"
    replaces = "value"
    severity = "error"
    reference = 'IAM User Guide, "IAM JSON policy elements: Effect"'
    source = f"{GUIDE}/reference_policies_elements_effect.html"
    read_on = "2026-11-29"


class ExclusiveElements(GrammarRule):
    """A statement has an element and its opposite, such as Action and NotAction."""

    code = "exclusive-elements"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": unsupported element '
        "combination"
    )
    source = f"{ANALYZER}-error-unsupported-element-combination"
    read_on = "2026-11-29"


class MissingActionElement(GrammarRule):
    """A statement has Action or NotAction."""

    code = "missing-action"
    severity = "error"
    reference = 'IAM User Guide, "IAM Access Analyzer policy check reference": missing action'
    source = f"{ANALYZER}-error-missing-action"
    read_on = "2026-11-29"


class RolesAnywhereActions(GrammarRule):
    """IAM Roles Anywhere needs three actions of a trust policy to assume the role."""

    code = "roles-anywhere-actions"
    severity = "warning"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": missing action for roles'
        " anywhere trust policy"
    )
    source = f"{ANALYZER}-error-missing-action-for-roles-anywhere-trust-policy"
    read_on = "2026-11-29"


class MissingResource(GrammarRule):
    """A statement of an identity policy, an SCP or an RCP has Resource or NotResource."""

    code = "missing-resource"
    severity = "error"
    reference = 'IAM User Guide, "IAM Access Analyzer policy check reference": missing resource'
    source = f"{ANALYZER}-error-missing-resource"
    read_on = "2026-11-29"


class EmptyList(GrammarRule):
    """A list of actions or resources has at least one."""

    code = "empty-list"
    severity = "error"
    reference = (
        'IAM User Guide, "Grammar of the IAM JSON policy language": the policy language and JSON'
    )
    source = f"{GRAMMAR}#policies-grammar-json"
    read_on = "2026-11-29"


class TrustResource(GrammarRule):
    """A trust policy belongs to its role and names no resource."""

    code = "trust-resource"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": role trust policy '
        "syntax error resource"
    )
    source = f"{ANALYZER}-error-role-trust-policy-syntax-error-resource"
    read_on = "2026-11-29"


class TrustPrincipal(GrammarRule):
    """A trust policy names its principals: neither NotPrincipal nor a bare *."""

    code = "trust-principal"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": role trust policy '
        "syntax error notprincipal, unsupported wildcard in principal"
    )
    source = f"{ANALYZER}-error-role-trust-policy-syntax-error-notprincipal"
    read_on = "2026-11-29"


class TrustAction(GrammarRule):
    """A trust policy has actions of STS only."""

    code = "trust-action"
    severity = "error"
    reference = "IAM API Reference, CreateRole and UpdateAssumeRolePolicy: trust policies"
    source = f"{API}/API_UpdateAssumeRolePolicy.html"
    read_on = "2026-11-29"


class TrustActionMismatch(GrammarRule):
    """An action of a trust policy is not the one that its principals call."""

    code = "trust-action-mismatch"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": mismatched action for '
        "principal"
    )
    source = f"{ANALYZER}-error-mismatched-action-for-principal"
    read_on = "2026-11-29"


def statement_findings(statement: _Statement, path: Path, kind: Kind | None) -> Iterator[Finding]:
    """Yield what is wrong with one statement, but for its condition."""
    yield from _sid_findings(statement, path, kind)
    yield from _effect_findings(statement, path)
    for first, second in OPPOSITES:
        if first in statement and second in statement:
            text = f"The statement has both {first} and {second}: expected one of them."
            yield ExclusiveElements.finding(text, (*path, second))
    yield from _action_findings(statement, path)
    yield from _resource_findings(statement, path, kind)
    yield from principal_findings(statement, path, kind)
    if kind == "trust":
        yield from _trust_findings(statement, path)
    elif kind == "rcp":
        yield from rcp_findings(statement, path)


_OPEN = Unresolved("${value}")
_OPEN_ELEMENTS: _Statement = {
    **dict.fromkeys(ELEMENTS, _OPEN),
    "Effect": EFFECTS[1],
    **{name: {"AWS": "*"} for name in OPPOSITES[0]},
}


def can_have(
    kind: Kind | None, element: str, value: object = None, effect: object = EFFECTS[1]
) -> bool:
    """Return True if a statement of a kind of policy can have an element, or a value of it.

    Asks the rules of `statement_findings`: an error that they state at the element is a no. None
    leaves the value open.
    """
    held = _OPEN_ELEMENTS[element] if value is None else value
    statement = {"Effect": effect, element: held}
    return not any(
        each.severity == "error" and each.path[:1] == (element,)
        for each in statement_findings(statement, (), kind)
    )


def _sid_findings(statement: _Statement, path: Path, kind: Kind | None) -> Iterator[Finding]:
    """Check the Sid; services with policies of their resources allow other characters, too."""
    sid = statement.get("Sid")
    if "Sid" not in statement or isinstance(sid, Unresolved):
        return
    path = (*path, "Sid")
    if not isinstance(sid, str):
        yield wrong_type("Sid", sid, "a text", path)
    elif not sid:
        yield EmptySid.finding("The Sid is empty: leave it out, or name the statement.", path)
    elif kind != "resource" and not _SID.fullmatch(sid):
        text = f"The Sid {quoted(sid)} has other characters than A-Z, a-z and 0-9."
        yield SidCharacters.finding(text, path, suggestion=re.sub(r"[^A-Za-z0-9]", "", sid) or None)


def _effect_findings(statement: _Statement, path: Path) -> Iterator[Finding]:
    if "Effect" not in statement:
        text = "The statement has no Effect: expected Allow or Deny."
        yield MissingEffect.finding(text, path)
        return
    effect = statement["Effect"]
    path = (*path, "Effect")
    if isinstance(effect, Unresolved) or effect in EFFECTS:
        return
    if not isinstance(effect, str):
        yield wrong_type("Effect", effect, "Allow or Deny", path)
        return
    text = f"The effect {quoted(effect)} is neither Allow nor Deny."
    meant = effect.strip().capitalize()
    yield EffectValue.finding(text, path, suggestion=meant if meant in EFFECTS else None)


def _action_findings(statement: _Statement, path: Path) -> Iterator[Finding]:
    if "Action" not in statement and "NotAction" not in statement:
        yield MissingActionElement.finding("The statement has neither Action nor NotAction.", path)
    for element in ("Action", "NotAction"):
        if element in statement and not are_actions(statement[element]):
            for where, action in _texts(statement, element, path):
                if isinstance(action, Finding):
                    yield action
                elif not is_action(action):
                    yield malformed_action(action, where)


def _resource_findings(statement: _Statement, path: Path, kind: Kind | None) -> Iterator[Finding]:
    has_one = "Resource" in statement or "NotResource" in statement
    if not has_one and kind in ("identity", "scp", "rcp"):
        yield MissingResource.finding("The statement has neither Resource nor NotResource.", path)
    for element in ("Resource", "NotResource"):
        if element not in statement:
            continue
        if not isinstance(statement[element], str):
            for _, resource in _texts(statement, element, path):
                if isinstance(resource, Finding):
                    yield resource
        if kind == "trust":
            text = f"A trust policy has no {element}: it belongs to its role."
            yield TrustResource.finding(text, (*path, element))


def _texts(statement: _Statement, element: str, path: Path) -> Iterator[tuple[Path, str | Finding]]:
    """Yield the texts of an element, each with its path, and findings for what is not text."""
    value = statement.get(element)
    path = (*path, element)
    if isinstance(value, list):
        if not value:
            text = f"{element} is an empty list: expected at least one."
            yield path, EmptyList.finding(text, path)
        for index, each in enumerate(value):
            yield from _text_of(each, f"An item of {element}", (*path, index))
    else:
        yield from _text_of(value, element, path, "a text or a list of texts")


def _text_of(
    value: object, name: str, path: Path, expected: str = "a text"
) -> Iterator[tuple[Path, str | Finding]]:
    if not isinstance(value, str):
        yield path, wrong_type(name, value, expected, path)
    else:
        yield path, value


def _trust_findings(statement: _Statement, path: Path) -> Iterator[Finding]:
    """Check a trust policy: IAM refuses actions of other services ("may only specify STS AssumeRole
    actions")."""
    actions = _texts(statement, "Action", path) if "Action" in statement else ()
    for where, action in actions:
        if isinstance(action, Unresolved):
            continue
        if isinstance(action, str) and not action.lower().startswith("sts:"):
            text = f"The trust policy has the action {quoted(action)}: expected actions of STS."
            yield TrustAction.finding(text, where)
        elif isinstance(action, str) and not may_call(statement.get("Principal"), action):
            expected = CALLERS[action.lower()]
            text = f"No principal of the statement calls {quoted(action)}: expected {expected}."
            yield TrustActionMismatch.finding(text, where)
    yield from _roles_anywhere_findings(statement, path)
    if "NotPrincipal" in statement:
        text = "A trust policy has no NotPrincipal: name who may assume the role in Principal."
        yield TrustPrincipal.finding(text, (*path, "NotPrincipal"))
    if statement.get("Principal") == "*":
        text = 'The principal of a trust policy is \'*\': expected an object such as {"AWS": "*"}.'
        yield TrustPrincipal.finding(text, (*path, "Principal"))


def _roles_anywhere_findings(statement: _Statement, path: Path) -> Iterator[Finding]:
    who = principals(statement.get("Principal")) or ()
    if _ROLES_ANYWHERE not in who or statement.get("Effect") != "Allow":
        return
    written = statement.get("Action")
    held = written if isinstance(written, list) else [written]
    names = {each.lower() for each in held if isinstance(each, str)}
    if not names or any("*" in each or "${" in each for each in names):
        return
    if missing := [each for each in _ROLES_ANYWHERE_ACTIONS if each.lower() not in names]:
        text = f"IAM Roles Anywhere cannot assume the role without {' and '.join(missing)}."
        yield RolesAnywhereActions.finding(text, (*path, "Action"), suggestion=", ".join(missing))
