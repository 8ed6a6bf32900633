"""Look for values that no page of AWS has ever had: entities, foreign hosts, ARNs that are none.

This needs no older page: a page that is the first of its service may be broken as well. What the
page before it had already is not reported again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from scraper.guards.base import Comparison, Guard, Trip, Watch
from scraper.guards.memory import Held, Pages, generations, groups, is_held, watched
from scraper.guards.standing import PAGES, read_held
from scraper.guards.value_columns import host_of, hosts_of
from scraper.merge.timeline import Timeline
from scraper.page.model import ServicePage

ODD = Guard(
    "odd-values",
    "A page has values such as AWS never published: a link to a foreign host, an entity, an ARN"
    " format without its parts.",
    by_name=True,
    is_loss=False,
    is_change=True,
    in_history=True,
)
SEEN = (
    "on 2,600 pages of 2017 to 2026 one ARN format of 7,500, no link of 50,000, and 3 names of"
    " condition keys, all of them before 2021"
)

HOSTS = ("amazon.com", "amazonaws.com", "amazonaws.cn", "amazonaws.eu", "aws.com", "aws.dev", "aws")
"""Hosts that AWS's pages may link to, with all below them."""
ARN = re.compile(r"arn:(?:\$\{Partition\}|aws[a-z-]*|\*):[^:\s]+:[^:]*:[^:]*:.+", re.DOTALL)
PLACEHOLDER = re.compile(r"\$\{\w[^${}]*\}")
ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]+);", re.IGNORECASE)
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]"
    "|^[=+@-]"
)
"""Control characters, those without width, those that turn the direction of text, and what stands
for broken bytes; and how a formula begins that a spreadsheet computes."""
MARKUP = re.compile(
    r"</?(?:a|b|body|br|div|em|h\d|html|i|iframe|img|li|ol|object|p|script|span|strong|style|svg|table"
    r"|td|th|tr|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
"""Texts of AWS have names in angle brackets, and `<code>` was left in one of 2020."""
MISREAD = re.compile("[\u00c2\u00c3][\u0080-\u00bf]|\u00e2(?:\u20ac|\u0080)")
"""UTF-8 that was read as another encoding."""
LONGEST, LONGEST_NAME = 2_000, 128
"""Characters of a description and of a name; of 110,000 of AWS the longest have 518 and 63."""
LETTERS = 20
"""A text with as many letters is not written in capitals alone."""
FEWEST_ALIKE, ALIKE = 5, 0.5
"""Actions of a page with one description, and their share, from which on it is a filler."""
ACTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
KEY = re.compile(r"[A-Za-z0-9./${}_-]+:\S.*")
"""AWS has such as `agent.${Domain}.buildkite.dev:build_branch` for identity providers."""
MOST = 200


def odd_values(page: ServicePage) -> dict[str, str]:
    """Return the values of a page that are none, each with what it belongs to."""
    return {value: f"{subject}: {value[:MOST]!r}" for subject, value in _odd(page)}


def foreign_links(page: ServicePage, known: Collection[str]) -> dict[str, str]:
    """Return the links of a page to hosts that are neither AWS's nor *known*, and those that no
    browser should follow, as `odd_values`.
    """
    urls = [(f"action {each.name}", each.url) for each in page.actions]
    urls += [(f"resource type {each.name}", each.url) for each in page.resource_types]
    urls += [(f"condition key {each.key}", each.url) for each in page.condition_keys]
    return {
        url: f"link of {subject}: {url[:MOST]!r}"
        for subject, url in urls
        if url and (_is_broken(url) or (not _is_known(url) and host_of(url) not in known))
    }


def _is_broken(url: str) -> bool:
    """Return True for a link without encryption, to a port that is none, or to a host that is
    spelled with foreign letters.
    """
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" or not parts.netloc.isascii() or parts.port == 0
    except ValueError:
        return True


def _odd(page: ServicePage) -> Iterator[tuple[str, str]]:
    yield from _odd_names(page)
    for each in page.resource_types:
        formats = [arn for arn in each.arn_formats if _is_odd_arn(arn)]
        yield from ((f"ARN format of {each.name}", arn) for arn in formats)
    described = [(f"action {each.name}", each.description) for each in page.actions]
    described += [(f"condition key {each.key}", each.description) for each in page.condition_keys]
    for subject, text in described:
        if text and _is_odd_text(text):
            yield f"description of {subject}", text


def fillers(page: ServicePage) -> dict[str, str]:
    """Return the text that most actions of a page share, as `odd_values`."""
    alike = Counter(each.description for each in page.actions if each.description)
    return {
        text: f"description of {count:,} of {len(page.actions):,} actions: {text[:MOST]!r}"
        for text, count in alike.items()
        if count >= FEWEST_ALIKE and count > ALIKE * len(page.actions)
    }


def _is_odd_text(text: str) -> bool:
    """Return True for a text with marks of a format, of a wrong encoding, or of another length."""
    letters = "".join(filter(str.isalpha, text))
    shouted = len(letters) >= LETTERS and letters.isupper()
    found = (each.search(text) for each in (HIDDEN, MARKUP, ENTITY, MISREAD))
    return shouted or len(text) > LONGEST or any(found)


def _odd_names(page: ServicePage) -> Iterator[tuple[str, str]]:
    names = [each.name for each in page.actions if each.name]
    yield from (("action", name) for name in names if not ACTION.fullmatch(name))
    keys = [each.key for each in page.condition_keys if each.key]
    yield from (("condition key", key) for key in keys if not KEY.fullmatch(key))
    listed = [("condition key", key) for key in keys]
    listed += [("resource type", each.name) for each in page.resource_types if each.name]
    for action in page.actions:
        for row in action.rows:
            named = (*row.condition_keys, *row.dependent_actions, row.resource_type or "")
            listed += [(f"row of {action.name}", name) for name in named]
    listed += [("action", name) for name in names]
    yield from (each for each in listed if _is_odd_name(each[1]))


def _is_odd_name(name: str) -> bool:
    """Return True for a name with a letter that only looks like one of AWS's, or with an entity."""
    return (
        not name.isascii()
        or len(name) > LONGEST_NAME
        or bool(ENTITY.search(name) or HIDDEN.search(name))
    )


def _is_odd_arn(arn: str) -> bool:
    """Return True for what is not an ARN, and for a placeholder that is open or escaped."""
    whole = arn.count("${") == len(PLACEHOLDER.findall(arn))
    return not ARN.fullmatch(arn) or not whole or bool(ENTITY.search(arn) or HIDDEN.search(arn))


def _is_known(url: str) -> bool:
    """Return True for an address of AWS, and for one inside the guide."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if not parts.scheme and not parts.netloc:
        return True
    named = (host or "").rstrip(".")
    return parts.scheme in ("http", "https") and any(
        named == each or named.endswith(f".{each}") for each in HOSTS
    )


def shape_trips(timeline: Timeline, held: Held = ()) -> Iterator[Trip]:
    """Yield a trip for each new page with odd values that the pages before it did not have."""
    for prefix in sorted(timeline.slots):
        pages = watched(prefix, timeline, grown=True)
        for group in groups(pages, timeline):
            if is_held(group, timeline, held):
                continue
            older = [each.page for line in _last(group, timeline, held) for each in line]
            known = {value for page in older for value in odd_values(page)}
            known |= {
                value for page in older for value in (foreign_links(page, ()) | fillers(page))
            }
            hosts = {host for page in older for each in hosts_of(page).values() for host in each}
            for version in group:
                found = odd_values(version.page)
                if older:
                    # The first page of a service may link wherever it does.
                    found |= foreign_links(version.page, hosts) | fillers(version.page)
                names = tuple(sorted(found[value] for value in found.keys() - known))
                if names:
                    text = f"{version.prefix}: {len(names):,} odd values on {version.key}"
                    key = version.key.partition("@")[0]
                    yield Trip(ODD.name, text, version.prefix, key, names=names, seen=SEEN)


def _last(group: Pages, timeline: Timeline, held: Held) -> list[Pages]:
    """Return the pages that were published before a group; none where it is the first."""
    return list(generations(group, timeline, held))[-1:]


def _look(comparison: Comparison) -> Iterator[Trip]:
    held = read_held(comparison.old) if comparison.old else ()
    return shape_trips(comparison.timeline, held)


WATCH = Watch(_look, (ODD,), PAGES)
