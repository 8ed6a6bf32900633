"""Offer what can be typed at a place of a policy, the likeliest first, and say where it goes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from iam_catalog.lsp.documents import OpenDocument
from iam_catalog.lsp.held import HeldCatalog
from iam_catalog.lsp.offers import conditions, elements, grants
from iam_catalog.lsp.offers.offer import MOST, AskedPlace, Offer, fit, literal
from iam_catalog.lsp.places import PolicyPlace, Role, place_at
from iam_catalog.policy.model import Kind
from iam_catalog.policy.read.kinds import VERSIONS

_VARIABLE = re.compile(r"(?P<mark>\$\$|[$&])\{(?P<sub>!?)(?P<name>[^{}$\"'\s]*)\Z")
"""A variable that is begun and not closed, at the end of a text."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """Where an offer goes, and around what."""

    start: int
    end: int
    before: str
    after: str
    typed: str
    """What is there, up to the cursor."""


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be typed at a place, in order."""

    offers: list[Offer]
    edit: Replacement
    is_whole: bool
    """No other offers are there, whatever is typed."""
    place: PolicyPlace


def offers_at(
    held: HeldCatalog, document: OpenDocument, offset: int, kind: Kind | None = None
) -> Offers | None:
    """Return what can be typed at an offset; None outside of policies.

    *kind* is that of policies whose form and place do not say it.
    """
    found = document.spot(offset)
    if found is None:
        return None
    expected = kind or document.policy_kind
    is_expected = document.language == "json" and (expected is not None or document.names_policy)
    place = place_at(*found, is_expected=is_expected)
    leaf = place.spot.leaf if place is not None else None
    if place is None or (leaf is not None and "\n" in document.text[leaf.start : leaf.end]):
        return None  # an edit of completion is of one line
    edit = _edit_at(document.text, place, offset)
    if (variable := _variable_at(document.text, place, offset)) is not None:
        place, edit = replace(place, role="variable"), variable
    typed = edit.typed
    asked = AskedPlace(held, place, typed, place.policy.kind or expected)
    with held.asked():
        every = list(_BY_ROLE[place.role](asked))
    fitting = _fitting(every, typed)
    cut = len(fitting) > MOST or (place.role == "action" and len(every) > 0)
    return Offers(fitting[:MOST], edit, not cut, place)


_BY_ROLE: dict[Role, Callable[[AskedPlace], Iterator[Offer]]] = {
    "policies": lambda asked: elements.policies(asked.kind),
    "policy-element": elements.policy_elements,
    "version": elements.versions,
    "statement": elements.statements,
    "element": elements.elements,
    "effect": elements.effects,
    "action": grants.actions,
    "resource": grants.resources,
    "principal": grants.principals,
    "principal-type": grants.principal_types,
    "operator": conditions.operators,
    "key": conditions.keys,
    "value": conditions.values,
    "variable": conditions.variables,
    "block-argument": elements.block_arguments,
}


def _fitting(offers: list[Offer], typed: str) -> list[Offer]:
    """Return the offers that typed text fits: from its start, then from words, then by letters."""
    if not typed:
        return offers
    ranks = [(fit(each.matches or each.label, typed), each) for each in offers]
    ordered = sorted([pair for pair in ranks if pair[0] is not None], key=lambda pair: pair[0] or 0)
    return [offer for _, offer in ordered]


# --- where offers go


def _edit_at(text: str, place: PolicyPlace, offset: int) -> Replacement:
    """Return where an offer goes: over the text that is there, with the marks that it lacks."""
    spot = place.spot
    mode, leaf = spot.branch.mode, spot.leaf
    lacks_colon = spot.is_key and (spot.member is None or spot.member.colon is None)
    if leaf is not None and leaf.quote:
        if not lacks_colon:
            after = "" if leaf.end > leaf.last else leaf.quote
            return Replacement(leaf.first, leaf.last, "", after, text[leaf.first : offset])
        return Replacement(leaf.first, leaf.end, "", leaf.quote, text[leaf.first : offset])
    start, end = (leaf.start, leaf.end) if leaf is not None else (offset, offset)
    quote = '"' if mode == "json" or (mode == "hcl" and not spot.is_key) else ""
    before = quote
    if leaf is None and mode == "block" and text[offset - 1 : offset] == ":":
        before = f" {quote}"
    return Replacement(start, end, before, quote, text[start:offset])


def _variable_at(text: str, place: PolicyPlace, offset: int) -> Replacement | None:
    """Return where the name of a policy variable goes; None where none is begun.

    Terraform's data source writes them `&{…}`, its texts `$${…}`, and `Fn::Sub` `${!…}`.
    """
    leaf = place.spot.leaf
    if leaf is None or place.role not in ("resource", "value"):
        return None
    begun = _VARIABLE.search(text, leaf.first, offset)
    if begun is None:
        return None
    is_tagged = text[: leaf.start].rstrip().endswith("!Sub")
    wanted = {"&", "$$"} if place.spot.branch.mode == "hcl" else {"$!"} if is_tagged else {"$"}
    if begun["mark"] + begun["sub"] not in wanted:
        return None
    end = offset
    while end < leaf.last and (text[end].isalnum() or text[end] in ":/-_"):
        end += 1
    after = "" if text[end : end + 1] == "}" else "}"
    return Replacement(begun.start("name"), end, "", after, begun["name"])


def inserted(offer: Offer, offers: Offers) -> str:
    """Write what an offer puts in place of what is there; a snippet if the offer is one."""
    place, edit = offers.place, offers.edit
    content = offer.insert or offer.label
    if offer.is_whole:
        return content
    if place.role == "variable":
        return f"{content}{edit.after}"
    mode = place.spot.branch.mode
    before, after = edit.before, edit.after
    leaf = place.spot.leaf
    is_plain = leaf is None or not leaf.quote
    if mode in ("block", "flow") and is_plain:
        quote = '"' if _needs_quotes(offer.matches or content, place.spot.is_key) else ""
        before, after = f"{before}{quote}", quote
    if offer.goes_on:
        after = after if is_plain else ""
    member = place.spot.member
    lacks_colon = place.spot.is_key and (member is None or member.colon is None)
    if not (lacks_colon and offer.tail):
        return f"{before}{content}{after}"
    return f"{before}{content if offer.is_snippet else literal(content)}{after}{offer.tail}"


def is_snippet(offer: Offer, offers: Offers) -> bool:
    """Return True if what an offer puts in place has tab stops."""
    member = offers.place.spot.member
    lacks_colon = offers.place.spot.is_key and (member is None or member.colon is None)
    return offer.is_snippet or (lacks_colon and bool(offer.tail))


def _needs_quotes(content: str, is_key: bool) -> bool:
    """Return True for what plain text of YAML cannot be, or would be something else."""
    if content in (*VERSIONS, *conditions.BOOLEANS) or content.isdecimal():
        return True
    start = content[:1]
    return start in "*&!|>%@`{}[]#,?-" or ": " in content or (not is_key and content[-2:] == " #")
