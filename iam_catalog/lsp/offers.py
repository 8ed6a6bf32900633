"""List what can be typed at a place of a policy: elements, actions, resources, keys, values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from iam_catalog.arn.format import placeholders
from iam_catalog.arn.pattern import has_wildcard
from iam_catalog.facts.keys import GLOBAL_KEYS, placeholder, values_of_key
from iam_catalog.facts.samples import services_as_principals
from iam_catalog.facts.searched import in_rank
from iam_catalog.lsp.held import HeldCatalog
from iam_catalog.lsp.policies import PolicyPlace, TreeStatement
from iam_catalog.lsp.scan.tree import Mode
from iam_catalog.policy.facts import PolicyFacts
from iam_catalog.policy.grammar.conditions import (
    FAMILIES,
    IF_EXISTS,
    SET_OPERATORS,
    base_type,
    fits,
    is_multivalued,
    read_operator,
)
from iam_catalog.policy.grammar.principals import TYPES as PRINCIPAL_TYPES
from iam_catalog.policy.grammar.statements import EFFECTS, ELEMENTS, OPPOSITES
from iam_catalog.policy.model import Kind
from iam_catalog.policy.read.kinds import DATA_SOURCE_ELEMENTS, NEWEST, VERSIONS

OfferKind = Literal["action", "pattern", "service", "element", "value", "resource", "key"]

MOST = 100
"""Offers of one answer; where there are more, the editor asks again when more is typed."""
_MOST_ACTIONS = 400
"""Actions of a statement that its resources and keys are looked up for."""
_MOST_PATTERNS = 6
_MOST_TYPES = 4
_EXAMPLE_ACCOUNT = "111122223333"
BOOLEANS = ("true", "false")
_ANY = "*"
_FIRST_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]+|[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing to type."""

    label: str
    kind: OfferKind
    detail: str = ""
    """What it is, in a few words."""
    text: str = ""
    """Paragraphs about it, for people."""
    insert: str = ""
    """What is typed, in the syntax of snippets if `is_snippet`; the label where it is empty."""
    is_snippet: bool = False
    matches: str = ""
    """What typed text is compared with; the label where it is empty."""
    goes_on: bool = False
    """More has to be typed behind it, as behind the prefix of a service."""
    tail: str = ""
    """Of a key: the value to type behind it, as a snippet."""


def fit(text: str, typed: str) -> int | None:
    """Return how well a text fits what was typed, 0 is best; None where letters are missing.

    What is before a colon has to be there as it is: `store:` fits no key of `identitystore`.
    """
    low, wanted = text.lower(), typed.lower()
    if low.startswith(wanted):
        return 0
    before, colon, rest = wanted.rpartition(":")
    start = len(before) + len(colon)
    if not low.startswith(wanted[:start]):
        return None
    found = low.find(rest, start)
    if found >= 0:
        return 1 if text[found].isupper() else 2
    letters = iter(low[start:])
    return 3 if all(letter in letters for letter in rest) else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What offers depend on."""

    held: HeldCatalog
    place: PolicyPlace
    typed: str
    kind: Kind | None
    offset: int

    @property
    def facts(self) -> PolicyFacts:
        return self.held.facts

    @property
    def mode(self) -> Mode:
        return self.place.spot.branch.mode

    @property
    def statement(self) -> TreeStatement:
        assert self.place.statement is not None
        return self.place.statement

    def items(self, *elements: str) -> list[str]:
        """Return the texts of elements of the statement, without the one that is being typed."""
        here = self.place.spot.leaf
        texts = self.statement.texts(*elements)
        if here is None:
            return [leaf.text for leaf in texts]
        return [leaf.text for leaf in texts if leaf.start != here.start]

    def actions(self) -> list[str]:
        """Return the actions that the statement covers, as far as it names them."""
        return self.held.spelled(self.items("Action"), _MOST_ACTIONS)


def offers_for(asked: Asked) -> Iterator[Offer]:
    yield from _BY_ROLE[asked.place.role](asked)


def _policy_elements(asked: Asked) -> Iterator[Offer]:
    policy = asked.place.policy
    written = {member.name for member in policy.node.members}
    if policy.is_block:
        yield _block("statement", asked)
        return
    values = {"Version": f'"{NEWEST}"', "Statement": "[{$0}]", "Id": '"$0"'}
    for name in ("Version", "Statement", "Id"):
        if name not in written:
            yield Offer(name, "element", "of a policy", tail=_tail(asked.mode, values[name]))


def _elements(asked: Asked) -> Iterator[Offer]:
    """Offer the elements that a statement of this kind can have, and does not have yet."""
    here = asked.place.spot.member
    written = {name for name, member in asked.statement.members() if member is not here}
    gone = set(written) - ({"Condition", "Principal"} if asked.statement.is_block else set())
    for first, second in OPPOSITES:
        if written & {first, second}:
            gone |= {first, second} - ({"Principal"} if asked.statement.is_block else set())
    gone |= _ELEMENTS_NOT_IN.get(asked.kind or "resource", frozenset())
    ours = {element: name for name, element in DATA_SOURCE_ELEMENTS.items()}
    for element in ELEMENTS:
        if element in gone:
            continue
        if asked.statement.is_block:
            yield _block(ours[element], asked)
        else:
            yield Offer(
                element, "element", _WHAT[element], tail=_tail(asked.mode, _VALUES[element])
            )


_ELEMENTS_NOT_IN: dict[Kind, frozenset[str]] = {
    "identity": frozenset({"Principal", "NotPrincipal"}),
    "scp": frozenset({"Principal", "NotPrincipal"}),
    "trust": frozenset({"Resource", "NotResource"}),
    "rcp": frozenset({"NotPrincipal", "NotAction"}),
}
"""Elements that policies of a kind do not have, by the rules of `policy.grammar`."""
_WHAT = {
    "Sid": "identifier of the statement",
    "Effect": "Allow or Deny",
    "Principal": "who it is about",
    "NotPrincipal": "everyone but these",
    "Action": "actions that it is about",
    "NotAction": "all actions but these",
    "Resource": "resources that it is about",
    "NotResource": "all resources but these",
    "Condition": "when it applies",
}
_VALUES = {
    **dict.fromkeys(("Sid", "Effect"), '"$0"'),
    **dict.fromkeys(("Action", "NotAction", "Resource", "NotResource"), '["$0"]'),
    **dict.fromkeys(("Principal", "NotPrincipal", "Condition"), "{$0}"),
}


def _tail(mode: Mode, value: str) -> str:
    """Return what goes behind a key: the sign between both and a value to fill in."""
    if mode == "block":
        return f": {value}" if value[:1] == '"' and value != '"$0"' else ": $0"
    return f" = {value}" if mode == "hcl" else f": {value}"


def _block(name: str, asked: Asked) -> Offer:
    """Offer an argument or a block of Terraform's data source."""
    inner = {
        "statement": "\n  $0\n",
        "condition": '\n  test     = "$1"\n  variable = "$2"\n  values   = ["$0"]\n',
        **dict.fromkeys(
            ("principals", "not_principals"), '\n  type        = "$1"\n  identifiers = ["$0"]\n'
        ),
    }
    if name in inner:
        return Offer(name, "element", "block", tail=f" {{{inner[name]}}}")
    value = '"$0"' if name in ("sid", "effect") else '["$0"]'
    return Offer(name, "element", _WHAT[DATA_SOURCE_ELEMENTS[name]], tail=_tail(asked.mode, value))


def _block_arguments(asked: Asked) -> Iterator[Offer]:
    of_condition = asked.place.element == "Condition"
    names = ("test", "variable", "values") if of_condition else ("type", "identifiers")
    written = {each.name for each in asked.place.spot.branch.members}
    for name in names:
        if name not in written:
            value = '["$0"]' if name in ("values", "identifiers") else '"$0"'
            yield Offer(name, "element", "argument", tail=_tail("hcl", value))


def _effects(asked: Asked) -> Iterator[Offer]:
    for effect in ("Deny",) if asked.kind == "rcp" else EFFECTS:
        yield Offer(effect, "value")


def _versions(_: Asked) -> Iterator[Offer]:
    for version in sorted(VERSIONS, reverse=True):
        yield Offer(version, "value", "the current version" if version == NEWEST else "")


# --- actions


def _actions(asked: Asked) -> Iterator[Offer]:
    """Offer services until a colon is typed, and then the actions and patterns of one."""
    written = {each.lower() for each in asked.items("Action", "NotAction")}
    prefix, colon, name = asked.typed.partition(":")
    if not colon:
        yield from _services(asked)
        return
    if has_wildcard(asked.typed):
        yield from _matched(asked)
        return
    summaries = asked.held.summaries(prefix)
    yield from _patterns(asked, prefix, name, written)
    ranked = [
        (rank, action)
        for action in summaries
        if action.lower() not in written and (rank := fit(action, asked.typed)) is not None
    ]
    ranked.sort(key=lambda pair: pair[0])
    for _, action in ranked[: MOST + 1]:
        yield _action(asked, action)


def _services(asked: Asked) -> Iterator[Offer]:
    if _may_be_trust(asked):
        for action in asked.held.summaries("sts"):
            yield _action(asked, action)
    elif not asked.typed:
        yield Offer(_ANY, "pattern", "all actions")
    rows = asked.facts.held
    counts = {row.service_prefix: row for row in rows.values()}
    for prefix in in_rank(asked.held.connection, "service", counts):
        yield Offer(f"{prefix}:", "service", "service", goes_on=True)
    if len(asked.typed) > 2:
        yield from _found_by_words(asked)


def _may_be_trust(asked: Asked) -> bool:
    """Return True for a trust policy, or one with principals that may become one."""
    names = {name for name, _ in asked.statement.members()}
    is_open = names.isdisjoint(("Resource", "NotResource")) and not asked.items("Action")
    return asked.kind == "trust" or (asked.kind == "resource" and is_open)


def _found_by_words(asked: Asked) -> Iterator[Offer]:
    """Offer the actions that a search finds, for a text without the prefix of a service."""
    from iam_catalog.arn.search import search

    for result in search(asked.held.connection, asked.typed, kind="action", limit=20):
        detail = result.access_level or "unknown level"
        yield Offer(result.name, "action", detail, result.description or "", matches=asked.typed)


def _matched(asked: Asked) -> Iterator[Offer]:
    """Offer the pattern that is typed, with what it stands for."""
    names = asked.held.spelled([asked.typed], MOST)
    if names:
        yield _pattern(asked, asked.typed)
    for name in names:
        yield replace(_action(asked, name), matches=asked.typed)


def _patterns(asked: Asked, prefix: str, name: str, written: set[str]) -> Iterator[Offer]:
    """Offer patterns that start as what is typed does: as typed, and with each first word."""
    service = asked.facts.service(prefix)
    if service is None:
        return
    counts: dict[str, int] = {}
    for spelled in service.actions.values():
        bare = spelled.partition(":")[2]
        if bare.lower().startswith(name.lower()):
            first = _FIRST_WORD.match(bare)
            if first is not None and first.end() < len(bare):
                counts[first[0]] = counts.get(first[0], 0) + 1
    verbs = sorted([each for each in counts if counts[each] > 1], key=lambda each: -counts[each])
    starts = dict.fromkeys([name, *[each for each in verbs if len(each) >= len(name)]])
    for start in list(starts)[:_MOST_PATTERNS]:
        pattern = f"{service.prefix}:{start}*"
        if pattern.lower() not in written and service.expand(f"{start}*"):
            yield _pattern(asked, pattern)


def _pattern(asked: Asked, pattern: str) -> Offer:
    number = sum(map(len, asked.facts.matching(pattern).values()))
    noun = "action" if number == 1 else "actions"
    return Offer(pattern, "pattern", f"{number:,} {noun}")


def _action(asked: Asked, action: str) -> Offer:
    """Offer an action, with its level and what it takes."""
    prefix = action.partition(":")[0]
    summary = asked.held.summaries(prefix)[action]
    service = asked.facts.service(prefix)
    assert service is not None
    types = sorted(service.types.get(action.lower(), ()))
    bare = [each.removeprefix(f"{service.prefix}:") for each in types]
    level = summary.access_level or "unknown level"
    detail = f"{level} · {', '.join(_few(bare))}" if bare else level
    return Offer(action, "action", detail, summary.description or "")


def _few(names: list[str]) -> list[str]:
    """Return the first names, and in words how many more there are."""
    more = len(names) - _MOST_TYPES
    return names if more < 2 else [*names[:_MOST_TYPES], f"{more} more"]


# --- resources


def formats_for(held: HeldCatalog, actions: Iterable[str]) -> dict[str, list[str]]:
    """Map the ARN formats that actions take to the types that have each, the commonest first."""
    counts: dict[str, int] = {}
    types: dict[str, dict[str, None]] = {}
    for facts in held.facts.facts_of(actions).values():
        for taken in facts.types or ():
            for arn in taken.arn_formats:
                counts[arn] = counts.get(arn, 0) + 1
                types.setdefault(arn, {})[taken.resource_type] = None
    ordered = sorted(types, key=lambda arn: (-counts[arn], len(arn), arn))
    return {arn: list(types[arn]) for arn in ordered}


def snippet_of(arn: str) -> str:
    """Write an ARN format as a snippet, with a tab stop for each placeholder.

    >>> snippet_of("arn:${Partition}:s3:::${BucketName}")
    'arn:${1:aws}:s3:::${2:BucketName}'
    """
    text, done = "", 0
    for number, (name, start, end) in enumerate(placeholders(arn), 1):
        shown = "aws" if name == "Partition" else name
        text += f"{literal(arn[done:start])}${{{number}:{shown}}}"
        done = end
    return text + literal(arn[done:])


def literal(text: str) -> str:
    """Escape what has a meaning in snippets."""
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")


def _shown(arn: str) -> str:
    """Write an ARN format as it is typed, without the marks of placeholders."""
    for name, start, end in reversed(placeholders(arn)):
        arn = f"{arn[:start]}{'aws' if name == 'Partition' else name}{arn[end:]}"
    return arn


def _resources(asked: Asked) -> Iterator[Offer]:
    yield Offer(_ANY, "value", "all resources")
    for arn, types in formats_for(asked.held, asked.actions()).items():
        yield Offer(
            arn, "resource", ", ".join(types), "", snippet_of(arn), True, matches=_shown(arn)
        )


# --- principals


def _principal_types(asked: Asked) -> Iterator[Offer]:
    written = {each.name for each in asked.place.spot.branch.members}
    for name in PRINCIPAL_TYPES:
        if name not in written or not asked.place.spot.is_key:
            yield Offer(name, "element", "type of principals", tail=_tail(asked.mode, '"$0"'))


def _principals(asked: Asked) -> Iterator[Offer]:
    kind = asked.place.principal_type
    if kind == "Service":
        yield from _service_principals(asked)
    elif kind == "Federated":
        start = f"arn:aws:iam::{_EXAMPLE_ACCOUNT}"
        snippet = f"arn:aws:iam::${{1:{_EXAMPLE_ACCOUNT}}}"
        for name in ("oidc-provider", "saml-provider"):
            text = f"{start}:{name}/name"
            yield _principal(text, f"{snippet}:{name}/${{2:name}}", "an identity provider")
        yield Offer("cognito-identity.amazonaws.com", "value", "Amazon Cognito")
    elif kind == "CanonicalUser":
        return
    else:
        yield Offer(_ANY, "value", "everyone")
        if kind == "AWS":
            yield from _accounts()


def _service_principals(asked: Asked) -> Iterator[Offer]:
    """Offer the names of services that the catalog has seen, and the form of all others."""
    for name in services_as_principals(asked.held.connection):
        yield Offer(name, "value", "service, in a sample policy of AWS")
    yield _principal("service.amazonaws.com", "${1:service}.amazonaws.com", "a service")


def _accounts() -> Iterator[Offer]:
    start, snippet = f"arn:aws:iam::{_EXAMPLE_ACCOUNT}", f"arn:aws:iam::${{1:{_EXAMPLE_ACCOUNT}}}"
    yield _principal(_EXAMPLE_ACCOUNT, f"${{1:{_EXAMPLE_ACCOUNT}}}", "an account")
    yield _principal(f"{start}:root", f"{snippet}:root", "an account")
    for name in ("role", "user"):
        yield _principal(f"{start}:{name}/name", f"{snippet}:{name}/${{2:name}}", f"a {name}")


def _principal(label: str, snippet: str, detail: str) -> Offer:
    return Offer(label, "value", detail, insert=snippet, is_snippet=True)


# --- conditions


def _operators(asked: Asked) -> Iterator[Offer]:
    """Offer operators, and their forms once more than a name is typed."""
    for name in FAMILIES:
        yield _operator(asked, name, FAMILIES[name])
    for name in FAMILIES:
        if name != "Null":
            yield _operator(asked, f"{name}{IF_EXISTS}", f"{FAMILIES[name]}, if the key is there")
    for start in SET_OPERATORS:
        for name in FAMILIES:
            if name != "Null":
                yield _operator(asked, f"{start}:{name}", f"{FAMILIES[name]}, of several values")
                yield _operator(asked, f"{start}:{name}{IF_EXISTS}", "of several values, if any")


def _operator(asked: Asked, name: str, detail: str) -> Offer:
    return Offer(name, "key", detail, tail=_tail(asked.mode, "{$0}"))


def keys_for(held: HeldCatalog, actions: Iterable[str]) -> list[str]:
    """List the condition keys of actions and of the types that they take, the commonest first."""
    counts: dict[str, int] = {}
    for action in actions:
        service = held.facts.service(action.partition(":")[0])
        if service is None:
            continue
        name = action.lower()
        keys = set(service.keys.get(name, ()))
        for resource_type in service.types.get(name, ()):
            keys |= service.type_keys.get(resource_type, frozenset())
        for key in keys:
            counts[key] = counts.get(key, 0) + 1
    spelled = held.facts.keys.by_name
    ordered = sorted(counts, key=lambda key: (key.startswith("aws:"), -counts[key], len(key), key))
    return [spelled[key] for key in ordered if key in spelled]


def _keys(asked: Asked) -> Iterator[Offer]:
    """Offer the keys of the statement's actions, then the global ones; those that fit first."""
    own = keys_for(asked.held, asked.actions())
    if not own and ":" in asked.typed:
        start = asked.typed.partition(":")[0].lower()
        own = [
            key
            for low, key in asked.facts.keys.by_name.items()
            if low.startswith(f"{start}:") and start != "aws"
        ]
    operator = read_operator(asked.place.operator)
    later = []
    for name in dict.fromkeys([*own, *GLOBAL_KEYS]):
        known = asked.facts.keys.named(name)
        types = known.types if known is not None else ()
        if known is not None and known.is_global and name not in own:
            detail = f"{' or '.join(types)} · global"
        else:
            detail = " or ".join(types)
        offer = _key(asked, name, detail)
        if operator is None or not types or any(fits(operator, each, ()) for each in types):
            yield offer
        else:
            later.append(offer)
    yield from later


def _key(asked: Asked, name: str, detail: str) -> Offer:
    tail = _tail(asked.mode, '"$0"')
    parts = placeholder(name)
    if parts is None:
        return Offer(name, "key", detail, tail=tail)
    start, end = parts
    shown = name[len(start) : len(name) - len(end)].strip("${}<>") or "name"
    insert = f"{literal(start)}${{1:{shown}}}{literal(end)}"
    matches = f"{start}{shown}{end}"
    return Offer(name, "key", detail, insert=insert, is_snippet=True, matches=matches, tail=tail)


def _values(asked: Asked) -> Iterator[Offer]:
    """Offer the values that AWS lists for a key, and those that its operator can compare."""
    operator = read_operator(asked.place.operator)
    known = asked.facts.keys.named(asked.place.key) if asked.place.key else None
    types = {base_type(each) for each in known.types} if known is not None else set()
    if "Bool" in types or (operator is not None and operator.family in ("Bool", "Null")):
        for value in BOOLEANS:
            yield Offer(value, "value")
        return
    for value in values_of_key(asked.held.connection, asked.place.key):
        yield Offer(value, "value", "set by an API operation")
    low = asked.place.key.lower()
    if low == "iam:passedtoservice" or low.endswith("servicename"):
        yield from _service_principals(asked)


def types_text(types: Iterable[str]) -> str:
    """Write the types of a key, and whether requests have several values of it."""
    listed = list(types)
    several = any(map(is_multivalued, listed))
    return " or ".join(listed) + (" (several values)" if several else "")


_BY_ROLE: dict[str, Callable[[Asked], Iterator[Offer]]] = {
    "policy-element": _policy_elements,
    "version": _versions,
    "element": _elements,
    "effect": _effects,
    "action": _actions,
    "resource": _resources,
    "principal": _principals,
    "principal-type": _principal_types,
    "operator": _operators,
    "key": _keys,
    "value": _values,
    "block-argument": _block_arguments,
}
