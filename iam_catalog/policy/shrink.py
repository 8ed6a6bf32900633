"""Shrink many actions to few patterns that match the same actions of this catalog, and no other.

A pattern is the start of a name up to the end of one of its words: `ec2:Describe*`, not `ec2:De*`,
because the shorter a pattern, the more of tomorrow's actions it takes in. It never stands for what
the catalog does not know: the most that comes out is a whole service, `ec2:*`, and only where all
of its actions were asked for; names that the catalog does not hold stay as they are.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Set
from itertools import accumulate

from iam_catalog.arn.pattern import covers, has_wildcard, matcher_of
from iam_catalog.errors import CatalogError
from iam_catalog.names import name_words, split_action_name
from iam_catalog.policy.expand import check_form, spelled_actions
from iam_catalog.policy.facts import PolicyFacts, is_every_action, policy_facts

_AFTER_ALL = "\U0010ffff"
"""No text that a name starts with is behind this one."""


def shrink(
    connection: sqlite3.Connection, actions: Iterable[str], *, shortest: bool = False
) -> list[str]:
    """Find the fewest patterns that match exactly *actions* on this catalog, sorted.

    A pattern is the start of a name up to the end of a word, or with *shortest* up to any letter;
    it never stands for more than a service. Patterns among *actions* stay as they are, unless
    another one covers them, and so do names that the catalog does not hold. Every answer is
    expanded again before it is returned. Raises `MalformedActionName` or `MalformedPattern`.

    >>> shrink(["connect:ListInstances", "connect:*Contact", "connect:StopContact"])
    ['connect:*Contact', 'connect:ListInstances']
    """
    facts = policy_facts(connection)
    asked = _texts_of(actions)
    patterns = _without_covered([text for text in asked if has_wildcard(text)])
    if any(map(is_every_action, patterns)):
        return patterns
    result = list(patterns)
    for prefix, names in _by_service([text for text in asked if not has_wildcard(text)]).items():
        result += _shrink_service(facts, prefix, names, patterns, shortest=shortest)
    return sorted(result, key=str.lower)


def _texts_of(actions: Iterable[str]) -> list[str]:
    """Return the actions as a list; one string alone is a list of itself."""
    asked = [actions] if isinstance(actions, str) else actions
    if isinstance(asked, Iterable):
        found = list(asked)
        if all(isinstance(each, str) for each in found):
            return found
    raise CatalogError(f"{actions!r} is no list of actions, such as ['s3:GetObject', 's3:List*'].")


def _by_service(actions: list[str]) -> dict[str, dict[str, str]]:
    """Group the actions by service, in lower case, with the spelling in which they were asked."""
    found: dict[str, dict[str, str]] = {}
    for action in actions:
        prefix, name = split_action_name(action)
        spelled = f"{prefix}:{name}"
        found.setdefault(prefix.lower(), {}).setdefault(spelled.lower(), spelled)
    return found


def _without_covered(patterns: list[str]) -> list[str]:
    """Leave out repeats, and patterns that another one covers."""
    left: dict[str, str] = {}
    for pattern in sorted(patterns, key=len):
        check_form(pattern)
        if not any(covers(other, pattern.lower()) for other in left):
            left[pattern.lower()] = pattern
    return list(left.values())


def _shrink_service(
    facts: PolicyFacts,
    prefix: str,
    names: dict[str, str],
    patterns: list[str],
    *,
    shortest: bool,
) -> list[str]:
    """Find patterns for the actions *names* of one service, beside *patterns* that stay."""
    held = {action.lower(): action for action in spelled_actions(facts, f"{prefix}:*")}
    tests = [matcher_of(pattern.lower()) for pattern in patterns]
    matched = {name for name in held if any(fits(name) for fits in tests)}
    required = {name: held[name] for name in names if name in held and name not in matched}
    allowed = matched | required.keys()
    found = list(_fewest(held, allowed, required.keys(), shortest=shortest))
    unknown = [spelled for name, spelled in names.items() if name not in held]
    return proven(facts, found, required, allowed) + unknown


def proven(
    facts: PolicyFacts, patterns: list[str], required: dict[str, str], allowed: Set[str]
) -> list[str]:
    """Return the patterns if they expand to all *required* actions, and only *allowed* ones.

    Otherwise return the actions themselves.
    """
    granted = {name.lower() for each in patterns for name in spelled_actions(facts, each)}
    if required.keys() <= granted <= allowed:
        return patterns
    return list(required.values())


def _fewest(
    held: dict[str, str], allowed: Set[str], required: Set[str], *, shortest: bool
) -> Iterator[str]:
    """Yield the fewest starts of names that match all *required* actions, and only *allowed* ones.

    *held* are all actions of the service in lower case, sorted, with AWS's spelling. Names
    that share a start are side by side, so that a start is two places and two counts.
    """
    names = list(held)
    others = [0, *accumulate(name not in allowed for name in names)]
    wanted = [0, *accumulate(name in required for name in names)]
    done = 0
    for place, (name, spelled) in enumerate(held.items()):
        if place < done or name not in required:
            continue
        result, done = spelled, place + 1
        for end in _ends(spelled, shortest=shortest):
            first = bisect_left(names, name[:end])
            last = bisect_left(names, name[:end] + _AFTER_ALL)
            several = wanted[last] - wanted[place] > 1 or (shortest and end + 1 < len(name))
            if several and others[first] == others[last]:
                result, done = f"{spelled[:end]}*", last
                break
        yield result


def _ends(action: str, *, shortest: bool) -> Iterator[int]:
    """Yield where a pattern for an action can end: after its prefix, and each word or letter."""
    start = action.index(":") + 1
    if shortest:
        yield from range(start, len(action) + 1)
        return
    yield start
    small, place = action.lower(), start
    for word in name_words(action[start:]).split():
        place = small.index(word, place) + len(word)
        yield place
