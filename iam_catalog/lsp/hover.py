"""Say what is written at a place: an action, a pattern, an ARN, a condition key, an operator."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator

from iam_catalog.arn.match import match_arn
from iam_catalog.arn.parts import Arn
from iam_catalog.arn.pattern import has_wildcard
from iam_catalog.errors import CatalogError
from iam_catalog.facts.actions import action as action_record
from iam_catalog.facts.keys import PAGE as GLOBAL_KEYS_PAGE
from iam_catalog.facts.keys import condition_key
from iam_catalog.lsp.documents import OpenDocument
from iam_catalog.lsp.held import HeldCatalog
from iam_catalog.lsp.offers.conditions import types_text
from iam_catalog.lsp.places import PolicyPlace, place_at
from iam_catalog.lsp.scan.tree import Leaf
from iam_catalog.policy.grammar.conditions import EXPECTED, read_operator
from iam_catalog.policy.grammar.variables import is_key_name, variables
from iam_catalog.records import Action, Source

_MOST_NAMES = 12
_MOST_TYPES = 5
_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])[0-9]{12}(?![0-9A-Za-z])")
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~])")


def hover_at(held: HeldCatalog, document: OpenDocument, offset: int) -> tuple[str, int, int] | None:
    """Return Markdown about what is at an offset, and the offsets of that; None for nothing."""
    found = document.spot(offset)
    place = place_at(*found) if found is not None else None
    leaf = place.spot.leaf if place is not None else None
    if place is None or leaf is None or not leaf.text:
        return None
    with held.asked():
        text = (
            _variable(held, leaf, offset)
            or _account(place, leaf, offset)
            or _about(held, place, leaf)
        )
    return (text, leaf.first, leaf.last) if text else None


def _about(held: HeldCatalog, place: PolicyPlace, leaf: Leaf) -> str | None:
    if place.role == "action":
        return about_action(held, leaf.text)
    if place.role == "resource" or leaf.text.startswith("arn:"):
        return _resource(held, leaf.text)
    if place.role == "key":
        return _key(held.connection, held, leaf.text)
    if place.role == "operator":
        return _operator(leaf.text)
    return None


# --- actions


def about_action(held: HeldCatalog, text: str) -> str | None:
    """Return Markdown about a name or pattern of actions; None for a text that is neither."""
    if has_wildcard(text):
        return _pattern(held, text)
    if ":" not in text:
        return None
    try:
        found = action_record(held.connection, text)
    except CatalogError as error:
        return _plain(str(error))
    return "\n\n".join(_paragraphs(found))


def _paragraphs(found: Action) -> Iterator[str]:
    levels = ", ".join(found.access_levels) or "access level unknown"
    only = ", permission only" if found.permission_only else ""
    yield f"**{found.action}** — {levels}{only}"
    if found.removed:
        yield f"Removed: no source states it since {found.removed}."
    if found.description:
        yield _plain(found.description)
    facts = [
        _listed("Resource types", found.resource_types, "only `*`"),
        _listed("Condition keys", found.condition_keys, "none of its own"),
        _dependents(found),
    ]
    yield "\n".join(f"- {fact}" for fact in facts)
    yield source_line(found.source, found.url)


def _listed(label: str, names: tuple[str, ...] | None, none: str) -> str:
    if names is None:
        return f"{label}: not known"
    return f"{label}: {_codes(names) or none}"


def _codes(names: Iterable[str], most: int = _MOST_NAMES) -> str:
    listed = list(names)
    more = f" and {len(listed) - most:,} more" if len(listed) > most else ""
    return ", ".join(f"`{name}`" for name in listed[:most]) + more


def _dependents(found: Action) -> str:
    date = found.dependents_documented_on
    dated = f" (documented on {date})" if date else ""
    if found.dependents_state == "not in source":
        return "Dependent actions: not known"
    return f"Dependent actions: {_codes(found.dependent_actions) or 'none'}{dated}"


def source_line(source: Source, url: str | None = None) -> str:
    """Write where a fact is stated, with a link where it can be opened."""
    title = source.dataset or source.title or source.page
    address = url or source.url
    link = f"[{_plain(title)}]({address})" if address else _plain(title)
    return f"Source: {link}{f', {source.date}' if source.date else ''}"


def _pattern(held: HeldCatalog, text: str) -> str:
    """Return how many actions a pattern stands for, by level, and the first of them."""
    matched = held.facts.matching(text)
    names = [service.actions[name] for service, found in matched.items() for name in found]
    date = held.facts.date
    dated = f" as of {date}" if date else ""
    if not names:
        return f"`{text}`: {_plain(held.facts.why_unknown(text))}"
    levels: Counter[str] = Counter()
    for service, found in matched.items():
        for name in found:
            levels[service.rows[name].access_level or "unknown level"] += 1
    noun = "action" if len(names) == 1 else "actions"
    lines = [f"- {level}: {number:,}" for level, number in levels.most_common()]
    listed = _codes(names)
    return f"**`{text}`** — {len(names):,} {noun}{dated}\n\n" + "\n".join(lines) + f"\n\n{listed}"


# --- resources and keys


def _resource(held: HeldCatalog, text: str) -> str | None:
    if text.strip("*") == "":
        return "`*` — every resource"
    try:
        matches = match_arn(held.connection, text)
    except CatalogError as error:
        return _plain(str(error))
    lines = [f"- `{each.resource_type}` by `{each.arn_format}`" for each in matches[:_MOST_TYPES]]
    if len(matches) > _MOST_TYPES:
        lines.append(f"- and {len(matches) - _MOST_TYPES:,} more")
    parts = text.split(":", 5)
    account = parts[4] if Arn(text).is_arn and len(parts) > 5 else ""
    beside = f"\n\nAccount: `{account}`" if account else ""
    if not lines:
        return f"No resource type of the catalog has such an ARN.{beside}"
    return "ARN of\n\n" + "\n".join(lines) + beside


def _key(connection: sqlite3.Connection, held: HeldCatalog, text: str) -> str | None:
    known = held.facts.keys.named(text)
    if known is None:
        return f"`{text}`: no condition key of the catalog."
    types = types_text(known.types) or "type unknown"
    parts = [f"**{known.name}** — {types}{', global' if known.is_global else ''}"]
    definitions = []
    if known.documented:
        try:
            definitions = list(condition_key(connection, known.name).definitions)
        except CatalogError:  # a global key that no page defines
            definitions = []
    texts = dict.fromkeys(each.description for each in definitions if each.description)
    parts += [_plain(each) for each in list(texts)[:2]]
    if definitions:
        parts.append(source_line(definitions[0].source, definitions[0].url))
    elif known.is_global:
        parts.append(f"Source: [AWS global condition context keys]({GLOBAL_KEYS_PAGE})")
    return "\n\n".join(parts)


def _operator(text: str) -> str | None:
    operator = read_operator(text)
    if operator is None:
        return f"`{text}`: no condition operator of AWS."
    what = EXPECTED.get(operator.family, "a string")
    parts = [f"**{text}** — compares with {what}"]
    if operator.set_operator == "ForAllValues":
        parts.append("All values of the request must match; it matches without any value, too.")
    if operator.set_operator == "ForAnyValue":
        parts.append("At least one value of the request must match.")
    if operator.if_exists:
        parts.append("It matches where the request does not have the key.")
    return "\n\n".join(parts)


# --- variables and accounts


def _variable(held: HeldCatalog, leaf: Leaf, offset: int) -> str | None:
    """Return what the variable at an offset is; None where there is none."""
    is_hcl = leaf.parent is not None and leaf.parent.mode == "hcl"
    text = leaf.text.replace("&{", "${") if is_hcl else leaf.text  # as its data source writes them
    for each in variables(text):
        if not leaf.first + each.start <= offset <= leaf.first + each.end:
            continue
        if is_key_name(each.name):
            about = _key(held.connection, held, each.name)
            return f"Policy variable, filled in from the request\n\n{about}"
        return f"`{leaf.text[each.start : each.end]}` — filled in before AWS gets the policy"
    return None


def _account(place: PolicyPlace, leaf: Leaf, offset: int) -> str | None:
    for found in _ACCOUNT.finditer(leaf.text):
        if leaf.first + found.start() <= offset <= leaf.first + found.end():
            if leaf.text.startswith("arn:"):
                return None  # the ARN says more
            is_sure = place.role == "principal" or "account" in place.key.lower()
            return f"`{found[0]}` — {'an AWS account' if is_sure else 'perhaps an AWS account'}"
    return None


def _plain(text: str) -> str:
    """Write a text so that Markdown shows it as it is."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
