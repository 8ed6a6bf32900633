"""The grammar of a statement: its elements, and which of them a kind of policy has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.grammar.codes import finding, quoted, wrong_type
from iam_catalog.policy.grammar.principals import CALLERS, may_call, principal_findings
from iam_catalog.policy.records import Kind, Path, Unresolved

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
EFFECTS = ("Allow", "Deny")
EVERYONE: tuple[object, ...] = ("*", {"AWS": "*"})
SID = re.compile(r"[A-Za-z0-9]*")
ACTION = re.compile(r"\*|(?:[A-Za-z0-9.-]+|\*):[A-Za-z0-9_.*?-]+")
"""The service prefix has letters, digits, `-` and `.`; a wildcard stands for all of it only."""

VARIABLE = "${"

Statement = dict[str, object]


def statement_findings(statement: Statement, path: Path, kind: Kind | None) -> Iterator[Finding]:
    """What is wrong with one statement; its condition is looked at apart."""
    yield from sid_findings(statement, path, kind)
    yield from effect_findings(statement, path)
    for first, second in OPPOSITES:
        if first in statement and second in statement:
            text = f"The statement has both {first} and {second}: expected one of them."
            yield finding("exclusive-elements", text, (*path, second))
    yield from action_findings(statement, path)
    yield from resource_findings(statement, path, kind)
    yield from principal_findings(statement, path, kind)
    if kind == "trust":
        yield from trust_findings(statement, path)
    elif kind == "rcp":
        yield from rcp_findings(statement, path)


def sid_findings(statement: Statement, path: Path, kind: Kind | None) -> Iterator[Finding]:
    """Services with policies of their resources allow other characters, too."""
    sid = statement.get("Sid")
    if "Sid" not in statement or isinstance(sid, Unresolved):
        return
    path = (*path, "Sid")
    if not isinstance(sid, str):
        yield wrong_type("Sid", sid, "a text", path)
    elif not sid:
        yield finding("empty-sid", "The Sid is empty: leave it out, or name the statement.", path)
    elif kind != "resource" and not SID.fullmatch(sid):
        text = f"The Sid {quoted(sid)} has other characters than A-Z, a-z and 0-9."
        yield finding("sid-characters", text, path, re.sub(r"[^A-Za-z0-9]", "", sid) or None)


def effect_findings(statement: Statement, path: Path) -> Iterator[Finding]:
    if "Effect" not in statement:
        text = "The statement has no Effect: expected Allow or Deny."
        yield finding("missing-effect", text, path)
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
    yield finding("effect-value", text, path, meant if meant in EFFECTS else None)


def action_findings(statement: Statement, path: Path) -> Iterator[Finding]:
    if "Action" not in statement and "NotAction" not in statement:
        yield finding("missing-action", "The statement has neither Action nor NotAction.", path)
    for element in ("Action", "NotAction"):
        if element in statement and not are_actions(statement[element]):
            for where, action in texts(statement, element, path):
                if isinstance(action, Finding):
                    yield action
                elif not ACTION.fullmatch(action):
                    yield malformed_action(action, where)


def are_actions(value: object) -> bool:
    """Whether nothing has to be said: most lists are long, and right."""
    items = value if isinstance(value, list) else [value]
    try:
        return bool(items) and all(map(ACTION.fullmatch, items))
    except TypeError:
        return False


def malformed_action(action: str, path: Path) -> Finding:
    if VARIABLE in action:
        text = f"The action {quoted(action)} has a policy variable, which stands for itself there."
        return finding("variable-not-allowed", text, path)
    expected = "expected prefix:Name, such as s3:GetObject, or *"
    return finding("action-syntax", f"{quoted(action)} is not an action: {expected}.", path)


def resource_findings(statement: Statement, path: Path, kind: Kind | None) -> Iterator[Finding]:
    has_one = "Resource" in statement or "NotResource" in statement
    if not has_one and kind in ("identity", "scp"):
        yield finding(
            "missing-resource", "The statement has neither Resource nor NotResource.", path
        )
    for element in ("Resource", "NotResource"):
        if element not in statement:
            continue
        if not isinstance(statement[element], str):
            for _, resource in texts(statement, element, path):
                if isinstance(resource, Finding):
                    yield resource
        if kind == "trust":
            text = f"A trust policy has no {element}: it belongs to its role."
            yield finding("trust-resource", text, (*path, element))


def texts(statement: Statement, element: str, path: Path) -> Iterator[tuple[Path, str | Finding]]:
    """The texts of an element, each with its path, and findings for what is no text."""
    value = statement.get(element)
    path = (*path, element)
    if isinstance(value, list):
        if not value:
            text = f"{element} is an empty list: expected at least one."
            yield path, finding("empty-list", text, path)
        for index, each in enumerate(value):
            yield from text_of(each, f"An item of {element}", (*path, index))
    else:
        yield from text_of(value, element, path, "a text or a list of texts")


def text_of(
    value: object, name: str, path: Path, expected: str = "a text"
) -> Iterator[tuple[Path, str | Finding]]:
    if not isinstance(value, str):
        yield path, wrong_type(name, value, expected, path)
    elif not isinstance(value, Unresolved):
        yield path, value


def trust_findings(statement: Statement, path: Path) -> Iterator[Finding]:
    """IAM refuses a trust policy with other actions ("may only specify STS AssumeRole actions")."""
    actions = texts(statement, "Action", path) if "Action" in statement else ()
    for where, action in actions:
        if isinstance(action, str) and not action.lower().startswith("sts:"):
            text = f"The trust policy has the action {quoted(action)}: expected actions of STS."
            yield finding("trust-action", text, where)
        elif isinstance(action, str) and not may_call(statement.get("Principal"), action):
            expected = CALLERS[action.lower()]
            text = f"No principal of the statement calls {quoted(action)}: expected {expected}."
            yield finding("trust-action-mismatch", text, where)
    if "NotPrincipal" in statement:
        text = "A trust policy has no NotPrincipal: name who may assume the role in Principal."
        yield finding("trust-principal", text, (*path, "NotPrincipal"))
    if statement.get("Principal") == "*":
        text = 'The principal of a trust policy is \'*\': expected an object such as {"AWS": "*"}.'
        yield finding("trust-principal", text, (*path, "Principal"))


def rcp_findings(statement: Statement, path: Path) -> Iterator[Finding]:
    if statement.get("Effect") == "Allow":
        text = "An RCP has the effect Allow: only AWS's own RCPFullAWSAccess has, expected Deny."
        yield finding("rcp-effect", text, (*path, "Effect"))
    if "NotAction" in statement:
        text = "An RCP has NotAction: expected Action."
        yield finding("rcp-not-action", text, (*path, "NotAction"))
    if "NotPrincipal" in statement:
        text = "An RCP has NotPrincipal: expected the Principal '*'."
        yield finding("rcp-principal", text, (*path, "NotPrincipal"))
    principal = statement.get("Principal", "*")
    if principal not in EVERYONE and not isinstance(principal, Unresolved):
        text = "An RCP has another principal than '*', which RCPs do not support."
        yield finding("rcp-principal", text, (*path, "Principal"))
