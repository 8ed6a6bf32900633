"""Offer actions and patterns of them, resources, and principals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from iam_catalog.arn.format import placeholders
from iam_catalog.arn.pattern import has_wildcard
from iam_catalog.facts.samples import services_as_principals
from iam_catalog.facts.searched import in_rank
from iam_catalog.lsp.held import HeldCatalog
from iam_catalog.lsp.offers.offer import (
    ANY,
    MOST,
    AskedPlace,
    Offer,
    fit,
    literal,
    shown,
    snippet_of,
    tail,
)
from iam_catalog.lsp.scan.tree import Branch, texts_in
from iam_catalog.policy.grammar.principals import CALLERS, TYPES, may_call
from iam_catalog.policy.grammar.statements import can_have

_MOST_PATTERNS = 6
_MOST_TYPES = 4
_EXAMPLE_ACCOUNT = "111122223333"
_FIRST_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]+|[a-z0-9]+")
_ROLE = "sts:role"
"""The type of resources that trust policies belong to."""


def actions(asked: AskedPlace) -> Iterator[Offer]:
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


def _services(asked: AskedPlace) -> Iterator[Offer]:
    if _may_be_trust(asked):
        yield from _assuming(asked)
    elif not asked.typed and asked.can_have("Action", ANY):
        yield Offer(ANY, "pattern", "all actions")
    rows = asked.facts.held
    counts = {row.service_prefix: row for row in rows.values()}
    for prefix in in_rank(asked.held.connection, "service", counts):
        if asked.kind not in ("trust", "rcp") or asked.can_have("Action", f"{prefix}:{ANY}"):
            yield Offer(f"{prefix}:", "service", "service", goes_on=True)
    if len(asked.typed) > 2:
        yield from _found_by_words(asked)


def _assuming(asked: AskedPlace) -> Iterator[Offer]:
    """Offer the actions on a role of a trust policy: first those by which its principals get it."""
    service = asked.facts.service("sts")
    taken = service.types if service is not None else {}
    who: dict[str, object] = {}
    for name, member in asked.statement.members():
        if name == "Principal":
            who = _written_principals(member.value)
    named = [
        each for each in asked.held.summaries("sts") if _ROLE in (taken.get(each.lower()) or ())
    ]
    calls = [each for each in named if each.lower() in CALLERS and may_call(who, each)]
    rest = [each for each in named if each.lower() not in CALLERS]
    for action in [*sorted(calls, key=len), *rest]:
        yield _action(asked, action)


def _written_principals(value: object) -> dict[str, object]:
    """Return the principals of a statement in a tree as JSON has them."""
    if not isinstance(value, Branch):
        return {}
    if value.get("identifiers") is not None or value.get("type") is not None:
        kinds, names = (
            [leaf.text for leaf in texts_in(member.value)] if (member := value.get(name)) else []
            for name in ("type", "identifiers")
        )
        return {kinds[0]: names} if kinds else {}
    return {each.name: [leaf.text for leaf in texts_in(each.value)] for each in value.members}


def _may_be_trust(asked: AskedPlace) -> bool:
    """Return True for a trust policy, or one with principals that may become one."""
    names = {name for name, _ in asked.statement.members()}
    is_open = names.isdisjoint(("Resource", "NotResource")) and not asked.items("Action")
    may_be = asked.place.policy.may_be_trust
    return asked.kind == "trust" or (may_be and asked.kind == "resource" and is_open)


def _found_by_words(asked: AskedPlace) -> Iterator[Offer]:
    """Offer the actions that a search finds, for a text without the prefix of a service."""
    from iam_catalog.arn.search import search

    for result in search(asked.held.connection, asked.typed, kind="action", limit=20):
        if not asked.can_have("Action", result.name):
            continue
        detail = result.access_level or "unknown level"
        yield Offer(result.name, "action", detail, result.description or "", matches=asked.typed)


def _matched(asked: AskedPlace) -> Iterator[Offer]:
    """Offer the pattern that is typed, with what it stands for."""
    names = asked.held.spelled([asked.typed], MOST)
    if names:
        yield _pattern(asked, asked.typed)
    for name in names:
        yield replace(_action(asked, name), matches=asked.typed)


def _patterns(asked: AskedPlace, prefix: str, name: str, written: set[str]) -> Iterator[Offer]:
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


def _pattern(asked: AskedPlace, pattern: str) -> Offer:
    number = sum(map(len, asked.facts.matching(pattern).values()))
    noun = "action" if number == 1 else "actions"
    return Offer(pattern, "pattern", f"{number:,} {noun}")


def _action(asked: AskedPlace, action: str) -> Offer:
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


def resources(asked: AskedPlace) -> Iterator[Offer]:
    """Offer everything, and the ARN formats of the actions: what they lack behind a typed start."""
    yield Offer(ANY, "value", "all resources")
    for arn, types in formats_for(asked.held, asked.actions()).items():
        detail = ", ".join(types)
        rest = _rest_of(arn, asked.typed) if asked.typed.startswith("arn:") else arn
        if rest:
            start = asked.typed if rest is not arn else ""
            label = f"{start}{shown(rest)}" if start else arn
            insert = f"{literal(start)}{snippet_of(rest)}"
            yield Offer(label, "resource", detail, "", insert, True, matches=start + shown(rest))


def _rest_of(arn: str, typed: str) -> str | None:
    """Return what of an ARN format follows on typed text; None if it does not begin so.

    >>> _rest_of("arn:${Partition}:s3:::${BucketName}/${ObjectName}", "arn:aws:s3:::mine")
    '/${ObjectName}'
    """
    done = at = 0
    for _, start, end in [*placeholders(arn), ("", len(arn), len(arn))]:
        fixed, left = arn[done:start], typed[at:]
        if not left.startswith(fixed):
            return arn[done + len(left) :] if fixed.startswith(left) else None
        at += len(fixed)
        left = typed[at:]
        if not left:
            return arn[start:]
        stop = left.find(arn[end]) if end < len(arn) else -1
        if stop < 0:
            return arn[end:] if ":" not in left else None
        at, done = at + stop, end
    return None


# --- principals


def principal_types(asked: AskedPlace) -> Iterator[Offer]:
    written = {each.name for each in asked.place.spot.branch.members}
    for name in _types_of(asked):
        if name not in written or not asked.place.spot.is_key:
            yield Offer(name, "element", "type of principals", tail=tail(asked.mode, '"$0"'))


def _types_of(asked: AskedPlace) -> list[str]:
    """List the types of principals that the kind of policy has."""
    kind = None if _may_be_trust(asked) and asked.kind == "resource" else asked.kind
    return [each for each in TYPES if can_have(kind, "Principal", {each: ANY})]


def principals(asked: AskedPlace) -> Iterator[Offer]:
    kind = asked.place.principal_type
    if not kind:
        yield from _all_principals(asked)
    elif kind == "Service":
        yield from service_principals(asked)
    elif kind == "Federated":
        start = f"arn:aws:iam::{_EXAMPLE_ACCOUNT}"
        snippet = f"arn:aws:iam::${{1:{_EXAMPLE_ACCOUNT}}}"
        for name in ("oidc-provider", "saml-provider"):
            text = f"{start}:{name}/name"
            yield _principal(text, f"{snippet}:{name}/${{2:name}}", "an identity provider")
        yield Offer("cognito-identity.amazonaws.com", "value", "Amazon Cognito")
    elif kind == "AWS":
        yield Offer(ANY, "value", "everyone")
        if asked.kind != "rcp":
            yield from _accounts()


def _all_principals(asked: AskedPlace) -> Iterator[Offer]:
    """Offer everyone, and objects with the types, where neither is typed yet."""
    if asked.can_have("Principal", ANY):
        yield Offer(ANY, "value", "everyone")
    leaf = asked.place.spot.leaf
    if asked.mode in ("block", "flow") or (leaf is not None and leaf.quote):
        return
    for name in _types_of(asked):
        key = f"{name} =" if asked.mode == "hcl" else f'"{name}":'
        insert = f'{{ {key} "$0" }}'
        yield Offer(f"{{ {name} }}", "value", "by type", "", insert, True, is_whole=True)


def service_principals(asked: AskedPlace) -> Iterator[Offer]:
    """Offer the names of services that sample policies have, then names in the form of most.

    AWS has no list of them: most are the prefix of the service with `.amazonaws.com` behind it.
    """
    known = services_as_principals(asked.held.connection)
    for name in known:
        yield Offer(name, "value", "service, in a sample policy of AWS")
    yield _principal("service.amazonaws.com", "${1:service}.amazonaws.com", "a service")
    prefixes = {row.service_prefix: row for row in asked.facts.held.values()}
    for prefix in in_rank(asked.held.connection, "service", prefixes):
        if (name := f"{prefix}.amazonaws.com") not in known:
            yield Offer(name, "value", "in the form of most services, not known to be one")


def _accounts() -> Iterator[Offer]:
    start, snippet = f"arn:aws:iam::{_EXAMPLE_ACCOUNT}", f"arn:aws:iam::${{1:{_EXAMPLE_ACCOUNT}}}"
    yield _principal(_EXAMPLE_ACCOUNT, f"${{1:{_EXAMPLE_ACCOUNT}}}", "an account")
    yield _principal(f"{start}:root", f"{snippet}:root", "an account")
    for name in ("role", "user"):
        yield _principal(f"{start}:{name}/name", f"{snippet}:{name}/${{2:name}}", f"a {name}")


def _principal(label: str, snippet: str, detail: str) -> Offer:
    return Offer(label, "value", detail, insert=snippet, is_snippet=True)
