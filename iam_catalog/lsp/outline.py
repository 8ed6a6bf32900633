"""List the policies and statements of a document, counts beside patterns, and pages of actions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from iam_catalog.arn.pattern import has_wildcard
from iam_catalog.errors import CatalogError
from iam_catalog.facts.actions import action as action_record
from iam_catalog.lsp.documents import OpenDocument
from iam_catalog.lsp.held import HeldCatalog
from iam_catalog.lsp.places import place_at
from iam_catalog.lsp.policies import TreePolicy, TreeStatement

_MOST_HINTS = 500


@dataclass(frozen=True, slots=True)
class Symbol:
    """A policy or a statement, with offsets of all of it and of its name."""

    name: str
    detail: str
    start: int
    end: int
    first: int
    last: int
    children: list[Symbol] = field(default_factory=list)


def symbols_of(document: OpenDocument) -> list[Symbol]:
    """Return the policies of a document with their statements."""
    return [_policy(policy) for policy in document.policies]


def _policy(policy: TreePolicy) -> Symbol:
    node, member = policy.node, policy.node.member
    key = member.key if member is not None else None
    name = "Policy"
    if member is not None:
        name = ".".join(member.labels[1:] or (member.name,)) or name
    number = len(policy.statements)
    kind = f"{policy.kind}, " if policy.kind else ""
    start = key.start if key is not None else node.start
    last = key.end if key is not None and key.end > start else start + 1
    detail = f"{kind}{number} statement{'' if number == 1 else 's'}"
    children = [_statement(each) for each in policy.statements]
    end = max(node.end, last)
    return Symbol(name, detail, start, end, start, last, children)


def _statement(statement: TreeStatement) -> Symbol:
    node = statement.node
    actions = [leaf.text for leaf in statement.texts("Action")]
    others = [leaf.text for leaf in statement.texts("NotAction")]
    effect = statement.text("Effect") or ("Allow" if statement.is_block else "")
    shown = ", ".join((actions or others)[:3]) + (" …" if len(actions or others) > 3 else "")
    what = f"{effect} {'all but ' if others and not actions else ''}{shown}".strip()
    name = statement.text("Sid") or f"Statement {statement.number + 1}"
    end = max(node.end, node.start + 1)
    return Symbol(name, what, node.start, end, node.start, node.start + 1)


def hints_of(
    held: HeldCatalog, document: OpenDocument, start: int, end: int
) -> Iterator[tuple[int, str]]:
    """Yield the offset behind each pattern of actions in a range, and what it stands for."""
    number = 0
    for policy in document.policies:
        for statement in policy.statements:
            for leaf in statement.texts("Action", "NotAction"):
                if not (start <= leaf.end <= end and has_wildcard(leaf.text)):
                    continue
                number += 1
                if number > _MOST_HINTS:
                    return
                with held.asked():
                    matched = held.facts.matching(leaf.text)
                    count = sum(map(len, matched.values()))
                yield leaf.end, f"{count:,} action{'' if count == 1 else 's'}"


def page_of(held: HeldCatalog, document: OpenDocument, offset: int) -> str | None:
    """Return the address of the page that documents the action at an offset; None without one."""
    found = document.spot(offset)
    place = place_at(*found) if found is not None else None
    if place is None or place.role != "action" or place.spot.leaf is None:
        return None
    with held.asked():
        try:
            action = action_record(held.connection, place.spot.leaf.text)
        except CatalogError:
            return None
    return action.source.url or action.url
