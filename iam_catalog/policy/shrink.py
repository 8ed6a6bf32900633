"""Many actions -> few patterns that match the same actions of this catalog, and no other.

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
from iam_catalog.policy.expand import LAST, check_form, is_every_action, matching_actions


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
    asked = texts_of(actions)
    patterns = without_covered([text for text in asked if has_wildcard(text)])
    if any(map(is_every_action, patterns)):
        return patterns
    result = list(patterns)
    for prefix, names in by_service([text for text in asked if not has_wildcard(text)]).items():
        result += shrink_service(connection, prefix, names, patterns, shortest=shortest)
    return sorted(result, key=str.lower)


def texts_of(actions: Iterable[str]) -> list[str]:
    """The actions as a list; a text alone is one of them."""
    asked = [actions] if isinstance(actions, str) else actions
    if isinstance(asked, Iterable):
        found = list(asked)
        if all(isinstance(each, str) for each in found):
            return found
    raise CatalogError(f"{actions!r} is no list of actions, such as ['s3:GetObject', 's3:List*'].")


def by_service(actions: list[str]) -> dict[str, dict[str, str]]:
    """The actions of each service in small letters, with the spelling in which they were asked."""
    found: dict[str, dict[str, str]] = {}
    for action in actions:
        prefix, name = split_action_name(action)
        spelled = f"{prefix}:{name}"
        found.setdefault(prefix.lower(), {}).setdefault(spelled.lower(), spelled)
    return found


def without_covered(patterns: list[str]) -> list[str]:
    """The patterns without repeats and without those that another one covers."""
    kept: dict[str, str] = {}
    for pattern in sorted(patterns, key=len):
        check_form(pattern)
        if not any(covers(other, pattern.lower()) for other in kept):
            kept[pattern.lower()] = pattern
    return list(kept.values())


def shrink_service(
    connection: sqlite3.Connection,
    prefix: str,
    names: dict[str, str],
    patterns: list[str],
    *,
    shortest: bool,
) -> list[str]:
    """What stands for the actions *names* of one service beside *patterns*, which stay."""
    held = {action.lower(): action for action in matching_actions(connection, f"{prefix}:*")}
    tests = [matcher_of(pattern.lower()) for pattern in patterns]
    matched = {name for name in held if any(fits(name) for fits in tests)}
    required = {name: held[name] for name in names if name in held and name not in matched}
    allowed = matched | required.keys()
    found = list(fewest(held, allowed, required.keys(), shortest=shortest))
    unknown = [spelled for name, spelled in names.items() if name not in held]
    return proven(connection, found, required, allowed) + unknown


def proven(
    connection: sqlite3.Connection, patterns: list[str], required: dict[str, str], allowed: Set[str]
) -> list[str]:
    """The patterns if they expand to all *required* actions and to none that is not *allowed*.

    Otherwise the actions themselves.
    """
    granted = {name.lower() for each in patterns for name in matching_actions(connection, each)}
    if required.keys() <= granted <= allowed:
        return patterns
    return list(required.values())


def fewest(
    held: dict[str, str], allowed: Set[str], required: Set[str], *, shortest: bool
) -> Iterator[str]:
    """The fewest starts of names that take in all *required* actions, and no other than *allowed*.

    *held* are all actions of the service in small letters, sorted, with AWS's spelling. The names
    that share a start stand side by side, so each start is two places and two counts.
    """
    names = list(held)
    others = [0, *accumulate(name not in allowed for name in names)]
    wanted = [0, *accumulate(name in required for name in names)]
    done = 0
    for place, (name, spelled) in enumerate(held.items()):
        if place < done or name not in required:
            continue
        result, done = spelled, place + 1
        for end in ends(spelled, shortest=shortest):
            first = bisect_left(names, name[:end])
            last = bisect_left(names, name[:end] + LAST)
            several = wanted[last] - wanted[place] > 1 or (shortest and end + 1 < len(name))
            if several and others[first] == others[last]:
                result, done = f"{spelled[:end]}*", last
                break
        yield result


def ends(action: str, *, shortest: bool) -> Iterator[int]:
    """Where a pattern for an action can end: behind its prefix, and behind each word, or letter."""
    start = action.index(":") + 1
    if shortest:
        yield from range(start, len(action) + 1)
        return
    yield start
    small, place = action.lower(), start
    for word in name_words(action[start:]).split():
        place = small.index(word, place) + len(word)
        yield place
