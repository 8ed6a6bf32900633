"""Check a policy by AWS's grammar of policies.

The rules are those of the IAM User Guide ("Grammar of the IAM JSON policy language", and the
errors of the "IAM Access Analyzer policy check reference"); each rule names its section. What a
catalog is needed for (do the actions exist, do keys fit) is not looked at here, nor are ARNs,
operators, names of variables and sizes. `Unresolved` text is never wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from iam_catalog.policy.check.findings import Finding, quoted
from iam_catalog.policy.check.rule import ANALYZER, API, GRAMMAR, GUIDE, ORGANIZATIONS
from iam_catalog.policy.grammar.conditions import condition_findings
from iam_catalog.policy.grammar.statements import ELEMENTS, statement_findings
from iam_catalog.policy.grammar.values import GrammarRule, type_name, wrong_type
from iam_catalog.policy.model import Kind, Path, Policy, PolicyDocument, Unresolved
from iam_catalog.policy.read.json_text import RepeatedNames
from iam_catalog.policy.read.kinds import is_managed, policy_kind
from iam_catalog.policy.read.statements import read_policy, statement_values

_POLICY_ELEMENTS = ("Version", "Id", "Statement")
_NEWEST = "2012-10-17"
_VERSIONS = (_NEWEST, "2008-10-17")
_ORGANIZATION_KINDS = ("scp", "rcp")

MOST = 1_000
"""The findings of one policy: AWS's longest ones have room for a hundred statements."""

_BARE = frozenset({"Effect", "Action", "NotAction"})
"""Elements of a statement that tell one where a policy should be."""

_NOT_LATIN = re.compile(r"[^\t\n\r\x20-\xff]")


class UnresolvedPolicy(GrammarRule):
    """A policy that only a deployment knows, or a fragment of one: it is not checked."""

    code = "unresolved-policy"
    severity = "info"
    reference = "CloudFormation User Guide, intrinsic functions; Terraform, JSON output format"


class TooManyFindings(GrammarRule):
    """The grammar finds so much that the rest of the policy is not looked at."""

    code = "too-many-findings"
    severity = "info"
    reference = "the code itself"


class PolicyType(GrammarRule):
    """A policy is an object."""

    code = "policy-type"
    severity = "error"
    reference = 'IAM User Guide, "Grammar of the IAM JSON policy language": policy'
    source = f"{GRAMMAR}#policies-grammar-bnf"
    read_on = "2026-11-29"


class RepeatedName(GrammarRule):
    """An object names a member twice; only one of them can count."""

    code = "repeated-name"
    severity = "error"
    reference = 'IAM User Guide, "Grammar of the IAM JSON policy language": policy grammar notes'
    source = f"{GRAMMAR}#policies-grammar-notes"
    read_on = "2026-11-29"


class UnknownElement(GrammarRule):
    """A policy or a statement has an element that the grammar does not have; case counts."""

    code = "unknown-element"
    replaces = "name"
    severity = "error"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": invalid policy element'
    )
    source = f"{ANALYZER}-error-invalid-policy-element"
    read_on = "2026-11-29"


class CharacterNotAllowed(GrammarRule):
    r"""IAM takes only characters up to U+00FF, others as \u escapes."""

    code = "character-not-allowed"
    severity = "error"
    reference = "IAM API Reference, CreatePolicy and CreateRole: pattern of the policy document"
    source = f"{API}/API_CreatePolicy.html"
    read_on = "2026-11-29"


class MissingVersion(GrammarRule):
    """Without a version, 2008-10-17 counts, which has no policy variables."""

    code = "missing-version"
    replaces = "value"
    severity = "warning"
    reference = 'IAM User Guide, "IAM JSON policy elements: Version"'
    source = f"{GUIDE}/reference_policies_elements_version.html"
    read_on = "2026-11-29"


class VersionValue(GrammarRule):
    """The version is neither 2012-10-17 nor 2008-10-17."""

    code = "version-value"
    replaces = "value"
    severity = "error"
    reference = 'IAM User Guide, "Grammar of the IAM JSON policy language": version_block'
    source = f"{GRAMMAR}#policies-grammar-bnf"
    read_on = "2026-11-29"


class VersionRequired(GrammarRule):
    """SCPs and RCPs must have the version 2012-10-17."""

    code = "version-required"
    replaces = "value"
    severity = "error"
    reference = (
        'AWS Organizations User Guide, "SCP syntax" and AWS Organizations User Guide, "RCP '
        'syntax": Version element'
    )
    source = f"{ORGANIZATIONS}/orgs_manage_policies_scps_syntax.html#scp-syntax-version"
    read_on = "2026-11-29"


class LeadingBlanks(GrammarRule):
    """The text of the policy does not start with its brace: IAM takes no blanks or lines before it.

    IAM refuses such a text as malformed, and Amazon S3 asks for { as the first byte. It is what an
    indented heredoc or an empty first line leaves.
    """

    code = "leading-blanks"
    severity = "error"
    reference = "IAM API Reference, CreatePolicy and CreateRole: pattern of the policy document"
    source = f"{API}/API_CreatePolicy.html"
    read_on = "2026-11-29"


class ManagedPolicyVersion(GrammarRule):
    """A managed policy must have the version 2012-10-17.

    IAM refuses another one: "Policy document must be version 2012-10-17 or greater". So it does
    where the policy has no version. Inline policies can have the older one.
    """

    code = "managed-policy-version"
    replaces = "value"
    severity = "error"
    reference = 'IAM User Guide, "IAM JSON policy elements: Version"'
    source = f"{GUIDE}/reference_policies_elements_version.html"
    read_on = "2026-11-29"


class VariablesNeedVersion(GrammarRule):
    """Before version 2012-10-17, ${…} is text like any other."""

    code = "variables-need-version"
    severity = "warning"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": variable unsupported in'
        " version"
    )
    source = f"{ANALYZER}-error-variable-unsupported-in-version"
    read_on = "2026-11-29"


class IdNotAllowed(GrammarRule):
    """Identity policies have no Id."""

    code = "id-not-allowed"
    severity = "warning"
    reference = 'IAM User Guide, "Grammar of the IAM JSON policy language": policy grammar notes'
    source = f"{GRAMMAR}#policies-grammar-notes"
    read_on = "2026-11-29"


class MissingStatement(GrammarRule):
    """A policy has at least one statement."""

    code = "missing-statement"
    severity = "error"
    reference = 'IAM User Guide, "IAM Access Analyzer policy check reference": missing statement'
    source = f"{ANALYZER}-error-missing-statement"
    read_on = "2026-11-29"


class RepeatedSid(GrammarRule):
    """Two statements of an IAM policy have the same Sid."""

    code = "repeated-sid"
    severity = "error"
    reference = 'IAM User Guide, "IAM Access Analyzer policy check reference": unique Sids required'
    source = f"{ANALYZER}-error-unique-sids-required"
    read_on = "2026-11-29"


class RepeatedSidOfResourcePolicy(GrammarRule):
    """Two statements have the same Sid, which some services refuse."""

    code = "repeated-sid-of-resource-policy"
    severity = "warning"
    reference = (
        'IAM User Guide, "IAM Access Analyzer policy check reference": unique Sids recommended'
    )
    source = f"{ANALYZER}-general-warning-unique-sids-recommended"
    read_on = "2026-11-29"


class MixedPrincipals(GrammarRule):
    """Some statements name a principal and some do not: no kind of policy has both."""

    code = "mixed-principals"
    severity = "error"
    reference = 'IAM User Guide, "Grammar of the IAM JSON policy language": policy grammar notes'
    source = f"{GRAMMAR}#policies-grammar-notes"
    read_on = "2026-11-29"


def grammar_findings(document: PolicyDocument, policy: Policy | None = None) -> list[Finding]:
    """Return what AWS's grammar refuses in a policy, in its order; paths start at its root.

    *policy* is what `read_policy` gives of it, where the caller has that already.
    """
    value = document.value
    if isinstance(value, Unresolved):
        text = f"Not checked: {value[2:-1]}."
        return [UnresolvedPolicy.finding(text, ())]
    if not isinstance(value, dict):
        text = f"The policy is {type_name(value)}: expected an object with Version and Statement."
        return [PolicyType.finding(text, ())]
    if "Statement" not in value and not _BARE.isdisjoint(value):
        text = "A statement stands without a policy around it: expected Version and Statement."
        return [PolicyType.finding(text, ())]
    policy = policy or read_policy(value)
    kind = document.kind or policy_kind(policy)
    found = list(islice(_all_findings(document, value, policy, kind), MOST + 1))
    if len(found) > MOST:
        text = f"More than {MOST:,} findings: the rest of the policy is not looked at."
        found[MOST:] = [TooManyFindings.finding(text, ())]
    return found


def _all_findings(
    document: PolicyDocument, value: dict[str, object], policy: Policy, kind: Kind | None
) -> Iterator[Finding]:
    yield from _blank_findings(document)
    yield from _repeated_names(value, ())
    yield from _unknown_elements(value, (), _POLICY_ELEMENTS, "a policy")
    yield from _version_findings(value, policy, kind, managed=is_managed(document))
    yield from _id_findings(value, kind)
    yield from _statements_findings(value, kind)
    yield from _sid_repeats(policy, kind)
    yield from _principal_mixture(policy, kind)
    yield from _character_findings(document, kind)


def _blank_findings(document: PolicyDocument) -> Iterator[Finding]:
    if document.leading_blank:
        said = (
            "The policy has a blank or a line before its '{', which IAM takes for malformed JSON."
        )
        yield LeadingBlanks.finding(said, ())


def _repeated_names(value: object, path: Path) -> Iterator[Finding]:
    """Yield the names that an object of the policy has twice."""
    if isinstance(value, RepeatedNames):
        for name in value.repeated:
            text = f"{quoted(name)} stands more than once in one object."
            yield RepeatedName.finding(text, (*path, name))


def _unknown_elements(
    value: dict[str, object], path: Path, known: tuple[str, ...], place: str
) -> Iterator[Finding]:
    """Compare names of elements with case: IAM refuses `statement` as an unknown field."""
    for name in value:
        if name not in known:
            text = f"{quoted(name)} is not an element of {place}: expected {', '.join(known)}."
            yield UnknownElement.finding(text, (*path, name), suggestion=_meant(name, known))


def _meant(name: str, known: tuple[str, ...]) -> str | None:
    """Return the element that a name is probably a misspelling of."""
    same = next((each for each in known if each.lower() == name.strip().lower()), None)
    if same or len(name) > 30:
        return same
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, known, n=1, cutoff=0.75)), None)


def _version_findings(
    value: dict[str, object], policy: Policy, kind: Kind | None, *, managed: bool
) -> Iterator[Finding]:
    version = value.get("Version")
    path: Path = ("Version",) if "Version" in value else ()
    if isinstance(version, Unresolved):
        return
    if version == _NEWEST:
        return
    if "Version" in value and version not in _VERSIONS:
        text = f"The version {quoted(version)} is none of AWS's: expected {' or '.join(_VERSIONS)}."
        yield VersionValue.finding(text, path, suggestion=_NEWEST)
    elif kind in _ORGANIZATION_KINDS:
        text = f"The version of an {kind.upper()} is {_NEWEST}."
        yield VersionRequired.finding(text, path, suggestion=_NEWEST)
    elif managed:
        text = f"The version of a managed policy is {_NEWEST}: IAM refuses another one, or none."
        yield ManagedPolicyVersion.finding(text, path, suggestion=_NEWEST)
    elif "Version" not in value:
        text = f"The policy has no Version: 2008-10-17 counts, expected {_NEWEST}."
        yield MissingVersion.finding(text, path, suggestion=_NEWEST)
    yield from _variable_findings(policy)


def _variable_findings(policy: Policy) -> Iterator[Finding]:
    """Find variables where an older version takes `${aws:username}` for that very text."""
    for statement in policy.statements:
        for element, texts in (
            ("Resource", statement.resources or ()),
            ("NotResource", statement.not_resources or ()),
        ):
            for index, text in enumerate(texts):
                yield from _old_variable(text, statement.item_path(element, index))
        for condition in statement.conditions:
            for text in condition.values:
                yield from _old_variable(text, condition.path)


def _old_variable(text: str, path: Path) -> Iterator[Finding]:
    if "${" in text and not isinstance(text, Unresolved):
        found = f"{quoted(text)} has a policy variable, which only version {_NEWEST} knows."
        yield VariablesNeedVersion.finding(found, path)


def _id_findings(value: dict[str, object], kind: Kind | None) -> Iterator[Finding]:
    held = value.get("Id")
    if "Id" not in value or isinstance(held, Unresolved):
        return
    if not isinstance(held, str):
        yield wrong_type("Id", held, "a text", ("Id",))
    elif kind == "identity":
        yield IdNotAllowed.finding("An identity policy has no Id.", ("Id",))


def _statements_findings(value: dict[str, object], kind: Kind | None) -> Iterator[Finding]:
    if value.get("Statement") in (None, []):
        path: Path = ("Statement",) if "Statement" in value else ()
        yield MissingStatement.finding("The policy has no statement: expected one.", path)
        return
    for path, statement in statement_values(value):
        if isinstance(statement, dict):
            yield from _repeated_names(statement, path)
            yield from _unknown_elements(statement, path, ELEMENTS, "a statement")
            yield from statement_findings(statement, path, kind)
            yield from _inner_findings(statement, path)
        elif not isinstance(statement, Unresolved):
            yield wrong_type("A statement", statement, "an object", path)


def _inner_findings(statement: dict[str, object], path: Path) -> Iterator[Finding]:
    """Check the condition, and for names that an object inside a statement repeats."""
    for element in ("Principal", "NotPrincipal", "Condition"):
        held = statement.get(element)
        yield from _repeated_names(held, (*path, element))
    if "Condition" not in statement:
        return
    condition = statement["Condition"]
    where = (*path, "Condition")
    if isinstance(condition, dict):
        for operator, keys in condition.items():
            yield from _repeated_names(keys, (*where, operator))
    yield from condition_findings(condition, where)


def _sid_repeats(policy: Policy, kind: Kind | None) -> Iterator[Finding]:
    """Find Sids that come twice; only some services refuse them in policies of resources."""
    rule = RepeatedSidOfResourcePolicy if kind in ("resource", None) else RepeatedSid
    seen: set[str] = set()
    for statement in policy.statements:
        sid = statement.sid
        if sid and sid in seen and not isinstance(sid, Unresolved):
            text = f"The Sid {quoted(sid)} stands in more than one statement."
            yield rule.finding(text, (*statement.path, "Sid"))
        seen.add(sid or "")


def _principal_mixture(policy: Policy, kind: Kind | None) -> Iterator[Finding]:
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
        yield MixedPrincipals.finding(text, statement.path)


def _character_findings(document: PolicyDocument, kind: Kind | None) -> Iterator[Finding]:
    """Check a file that is the policy itself: other programs escape what they embed."""
    text = document.text
    if text.isascii() or document.path or document.syntax != "json" or kind == "resource":
        return
    if found := _NOT_LATIN.search(text):
        name = f"U+{ord(found[0]):04X}"
        reason = f"The policy has the character {found[0]!r} ({name}): expected an escape, \\u…"
        yield CharacterNotAllowed.finding(reason, ())
