"""Every rule of AWS's policy grammar, as findings.

The rules are those of the IAM User Guide ("Grammar of the IAM JSON policy language", and the
errors of the "IAM Access Analyzer policy check reference"); each code's reference names the
section. What a catalog is needed for (do the actions exist, do keys fit) is not looked at here,
nor are ARNs, operators, names of variables and sizes. `Unresolved` text is never wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.grammar.codes import (
    GRAMMAR_CODES,
    finding,
    quoted,
    type_name,
    wrong_type,
)
from iam_catalog.policy.grammar.conditions import condition_findings
from iam_catalog.policy.grammar.statements import ELEMENTS, statement_findings
from iam_catalog.policy.read.json_text import RepeatedNames
from iam_catalog.policy.read.kinds import policy_kind
from iam_catalog.policy.read.statements import read_policy, statement_values
from iam_catalog.policy.records import Kind, Path, Policy, PolicyDocument, Unresolved

__all__ = ["GRAMMAR_CODES", "grammar_findings"]

POLICY_ELEMENTS = ("Version", "Id", "Statement")
NEWEST = "2012-10-17"
VERSIONS = (NEWEST, "2008-10-17")
ORGANIZATION_KINDS = ("scp", "rcp")
MOST = 1_000
"""The findings of one policy: AWS's longest ones have room for a hundred statements."""

BARE = frozenset({"Effect", "Action", "NotAction"})
"""Elements of a statement that tell one where a policy should be."""

NOT_LATIN = re.compile(r"[^\t\n\r\x20-\xff]")


def grammar_findings(document: PolicyDocument, policy: Policy | None = None) -> list[Finding]:
    """What AWS's grammar says against a policy, in its order; paths start at its root.

    *policy* is what `read_policy` gives of it, where the caller has that already.
    """
    value = document.value
    if isinstance(value, Unresolved):
        text = f"Not checked: {value[2:-1]}."
        return [finding("unresolved-policy", text, ())]
    if not isinstance(value, dict):
        text = f"The policy is {type_name(value)}: expected an object with Version and Statement."
        return [finding("policy-type", text, ())]
    if "Statement" not in value and not BARE.isdisjoint(value):
        text = "A statement stands without a policy around it: expected Version and Statement."
        return [finding("policy-type", text, ())]
    policy = policy or read_policy(value)
    kind = document.kind or policy_kind(policy)
    found = list(islice(all_findings(document, value, policy, kind), MOST + 1))
    if len(found) > MOST:
        text = f"More than {MOST:,} findings: the rest of the policy is not looked at."
        found[MOST:] = [finding("too-many-findings", text, ())]
    return found


def all_findings(
    document: PolicyDocument, value: dict[str, object], policy: Policy, kind: Kind | None
) -> Iterator[Finding]:
    yield from repeated_names(value, ())
    yield from unknown_elements(value, (), POLICY_ELEMENTS, "a policy")
    yield from version_findings(value, policy, kind)
    yield from id_findings(value, kind)
    yield from statements_findings(value, kind)
    yield from sid_repeats(policy, kind)
    yield from principal_mixture(policy, kind)
    yield from character_findings(document, kind)


def repeated_names(value: object, path: Path) -> Iterator[Finding]:
    """The names that an object of the policy has twice, at any depth that the grammar has."""
    if isinstance(value, RepeatedNames):
        for name in value.repeated:
            text = f"{quoted(name)} stands more than once in one object."
            yield finding("repeated-name", text, (*path, name))


def unknown_elements(
    value: dict[str, object], path: Path, known: tuple[str, ...], place: str
) -> Iterator[Finding]:
    """Names of elements are compared with case: IAM refuses `statement` as an unknown field."""
    for name in value:
        if name not in known:
            text = f"{quoted(name)} is no element of {place}: expected {', '.join(known)}."
            yield finding("unknown-element", text, (*path, name), meant(name, known))


def meant(name: str, known: tuple[str, ...]) -> str | None:
    """The element that a name is probably a misspelling of."""
    same = next((each for each in known if each.lower() == name.strip().lower()), None)
    if same or len(name) > 30:
        return same
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, known, n=1, cutoff=0.75)), None)


def version_findings(
    value: dict[str, object], policy: Policy, kind: Kind | None
) -> Iterator[Finding]:
    version = value.get("Version")
    path: Path = ("Version",) if "Version" in value else ()
    if isinstance(version, Unresolved):
        return
    if version == NEWEST:
        return
    if "Version" in value and version not in VERSIONS:
        text = f"The version {quoted(version)} is none of AWS's: expected {' or '.join(VERSIONS)}."
        yield finding("version-value", text, path, NEWEST)
    elif kind in ORGANIZATION_KINDS:
        text = f"The version of an {kind.upper()} is {NEWEST}."
        yield finding("version-required", text, path, NEWEST)
    elif "Version" not in value:
        text = f"The policy has no Version: 2008-10-17 counts, expected {NEWEST}."
        yield finding("missing-version", text, path, NEWEST)
    yield from variable_findings(policy)


def variable_findings(policy: Policy) -> Iterator[Finding]:
    """In an older version, `${aws:username}` is that very text."""
    for statement in policy.statements:
        for element, texts in (
            ("Resource", statement.resources or ()),
            ("NotResource", statement.not_resources or ()),
        ):
            for index, text in enumerate(texts):
                yield from old_variable(text, statement.item_path(element, index))
        for condition in statement.conditions:
            for text in condition.values:
                yield from old_variable(text, condition.path)


def old_variable(text: str, path: Path) -> Iterator[Finding]:
    if "${" in text and not isinstance(text, Unresolved):
        found = f"{quoted(text)} has a policy variable, which only version {NEWEST} knows."
        yield finding("variables-need-version", found, path)


def id_findings(value: dict[str, object], kind: Kind | None) -> Iterator[Finding]:
    held = value.get("Id")
    if "Id" not in value or isinstance(held, Unresolved):
        return
    if not isinstance(held, str):
        yield wrong_type("Id", held, "a text", ("Id",))
    elif kind == "identity":
        yield finding("id-not-allowed", "An identity policy has no Id.", ("Id",))


def statements_findings(value: dict[str, object], kind: Kind | None) -> Iterator[Finding]:
    if value.get("Statement") in (None, []):
        path: Path = ("Statement",) if "Statement" in value else ()
        yield finding("missing-statement", "The policy has no statement: expected one.", path)
        return
    for path, statement in statement_values(value):
        if isinstance(statement, dict):
            yield from repeated_names(statement, path)
            yield from unknown_elements(statement, path, ELEMENTS, "a statement")
            yield from statement_findings(statement, path, kind)
            yield from inner_findings(statement, path)
        elif not isinstance(statement, Unresolved):
            yield wrong_type("A statement", statement, "an object", path)


def inner_findings(statement: dict[str, object], path: Path) -> Iterator[Finding]:
    """The condition, and names that are repeated in the objects inside a statement."""
    for element in ("Principal", "NotPrincipal", "Condition"):
        held = statement.get(element)
        yield from repeated_names(held, (*path, element))
    if "Condition" not in statement:
        return
    condition = statement["Condition"]
    where = (*path, "Condition")
    if isinstance(condition, dict):
        for operator, keys in condition.items():
            yield from repeated_names(keys, (*where, operator))
    yield from condition_findings(condition, where)


def sid_repeats(policy: Policy, kind: Kind | None) -> Iterator[Finding]:
    """Of policies of resources, only some services ask that the Sids are unique."""
    code = "repeated-sid-of-resource-policy" if kind in ("resource", None) else "repeated-sid"
    seen: set[str] = set()
    for statement in policy.statements:
        sid = statement.sid
        if sid and sid in seen and not isinstance(sid, Unresolved):
            text = f"The Sid {quoted(sid)} stands in more than one statement."
            yield finding(code, text, (*statement.path, "Sid"))
        seen.add(sid or "")


def principal_mixture(policy: Policy, kind: Kind | None) -> Iterator[Finding]:
    if kind is not None:
        return
    without = [
        statement
        for statement in policy.statements
        if statement.principals is None and statement.not_principals is None
    ]
    for statement in without[:1]:
        text = (
            f"{len(without)} of {len(policy.statements)} statements name no principal, and the "
            "others do: expected all (a resource policy) or none (an identity policy)."
        )
        yield finding("mixed-principals", text, statement.path)


def character_findings(document: PolicyDocument, kind: Kind | None) -> Iterator[Finding]:
    """Only of a file that is the policy itself: other programs escape what they embed."""
    text = document.text
    if text.isascii() or document.path or document.syntax != "json" or kind == "resource":
        return
    if found := NOT_LATIN.search(text):
        name = f"U+{ord(found[0]):04X}"
        reason = f"The policy has the character {found[0]!r} ({name}): expected an escape, \\u…"
        yield finding("character-not-allowed", reason, ())
