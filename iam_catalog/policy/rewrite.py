"""Rewrite names, patterns and whole policies: expanded, shrunk or inverted.

A rewritten statement covers the same actions of this catalog as before; what AWS adds later is
another matter, which is why people expand `*` or write `NotAction` at all. Items that name no
action of the catalog stay as they are.

Many actions shrink to few patterns that match the same actions of this catalog, and no other. A
pattern has whole words of a name at its start, at its end or in its middle, or at two of these
places: `ec2:Describe*`, `s3:*Tagging`, `ec2:*Vpc*`, `ec2:Create*Vpc*`, but not `ec2:De*`, because
the shorter a pattern, the more of tomorrow's actions it takes in. It never covers what the catalog
does not know: the most that comes out is a whole service, `ec2:*`, and only where all of its
actions were asked for.

Which patterns cover the actions is a set cover, for which no fast exact way is known: the pattern
that covers the most is taken first, and patterns that the others make superfluous are left out.
That takes steps in proportion to the number of actions, times at most a few hundred patterns each.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from copy import deepcopy
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import accumulate, islice
from operator import or_
from typing import Any

from iam_catalog.arn.pattern import covers, has_wildcard, matcher_of
from iam_catalog.errors import CatalogError
from iam_catalog.facts.names import known_service
from iam_catalog.names import name_words, split_action_name
from iam_catalog.policy.expand import check_form, expand, spelled_actions
from iam_catalog.policy.facts import PolicyFacts, is_every_action, policy_facts
from iam_catalog.policy.grammar.values import is_action
from iam_catalog.policy.model import Unresolved
from iam_catalog.policy.read.statements import as_document, statement_values

_OPPOSITE = {"Action": "NotAction", "NotAction": "Action"}


def invert(
    connection: sqlite3.Connection, *patterns: str, service_prefix: str | None = None
) -> list[str]:
    """List the current actions that none of *patterns* matches, in AWS's spelling, sorted.

    These are actions of the whole catalog, as with `NotAction`, or of one service alone. Raises
    `UnknownServicePrefix` and `MalformedPattern`, as `expand` does.

    >>> invert("connect:*", service_prefix="connect")
    []
    """
    excepted = set(expand(connection, *patterns)) if patterns else set()
    every = "*"
    if service_prefix is not None:
        every = f"{known_service(connection, service_prefix)}:*"
    return [name for name in expand(connection, every) if name not in excepted]


def expand_policy(connection: sqlite3.Connection, policy: object) -> dict[str, Any]:
    """Write every action of a policy by its name, in `Action` and in `NotAction`.

    *policy* is the value of a policy, such as a dict, or its JSON text; it is not changed. Items
    that match no action of the catalog stay as they are, also those of services that it does not
    hold. Raises `CatalogError` for what is not a whole policy.

    >>> statement = {"Effect": "Deny", "NotAction": "connect:List*ances", "Resource": "*"}
    >>> expand_policy({"Statement": statement})["Statement"]["NotAction"]
    ['connect:ListInstances']
    """
    facts = policy_facts(connection)

    def expanded(items: Sequence[str]) -> list[str]:
        return sorted(_named(facts, items), key=str.lower)

    return _rewritten(policy, expanded)


def shrink_policy(
    connection: sqlite3.Connection, policy: object, *, shortest: bool = False
) -> dict[str, Any]:
    """Write the actions of each statement as few patterns, as `shrink` does.

    *policy* and the errors are as in `expand_policy`. Patterns of the policy are taken apart
    first, so that others can take their place, unless these would be more.

    >>> statement = {"Effect": "Allow", "Action": ["connect:*Contact", "connect:StopContact"]}
    >>> shrink_policy({"Statement": statement})["Statement"]["Action"]
    ['connect:*Contact']
    """
    facts = policy_facts(connection)
    return _rewritten(policy, lambda items: _shrunk(facts, items, shortest=shortest))


def invert_policy(connection: sqlite3.Connection, policy: object) -> dict[str, Any]:
    """Turn `Action` into `NotAction` and the reverse, so that statements cover the same actions.

    The actions are written as few patterns, because all others of AWS are many. The same means the
    actions of this catalog: the new `NotAction` covers those that AWS adds later, and the new
    `Action` does not. *policy* and the errors are as in `expand_policy`. A statement stays as it
    is where the document leaves an item open, IAM refuses one, or nothing or all would be left.

    >>> inverted = invert_policy({"Statement": {"Effect": "Deny", "NotAction": "connect:*"}})
    >>> "connect:*" in inverted["Statement"].get("Action", ())
    False
    """
    facts = policy_facts(connection)

    def others(items: Sequence[str]) -> list[str]:
        excepted = set(_named(facts, items))
        left = [name for name in spelled_actions(facts, "*") if name not in excepted]
        return _shrunk(facts, left)

    return _rewritten(policy, others, inverts=True)


def _rewritten(
    policy: object, rewrite: Callable[[Sequence[str]], list[str]], *, inverts: bool = False
) -> dict[str, Any]:
    """Copy a policy with the items of each statement rewritten; opposite elements if it inverts.

    A statement with both elements, or with items that are not text, stays as it is.
    """
    document = as_document(policy)
    value = document.value
    if not isinstance(value, dict) or "Statement" not in value:
        found = f": {value[2:-1]}" if isinstance(value, Unresolved) else ""
        raise CatalogError(f"Expected a policy with statements, and found no whole policy{found}.")
    copy: dict[str, Any] = deepcopy(value)
    for _, statement in statement_values(copy):
        if isinstance(statement, dict):
            _rewrite_statement(statement, rewrite, inverts=inverts)
    return copy


def _rewrite_statement(
    statement: dict[str, Any], rewrite: Callable[[Sequence[str]], list[str]], *, inverts: bool
) -> None:
    elements = [name for name in _OPPOSITE if name in statement]
    items = _items(statement[elements[0]]) if len(elements) == 1 else None
    if not items or (inverts and not all(map(_can_be_inverted, items))):
        return
    rewritten = rewrite(items)
    if not rewritten:
        return  # IAM refuses an empty list
    name = elements[0]
    new = {_OPPOSITE[name] if inverts else name: rewritten}
    members = list(statement.items())
    statement.clear()
    for key, member in members:  # in the order of before
        statement.update(new if key == name else {key: member})


def _items(value: object) -> list[str] | None:
    """Return the items of an element; None where it has others than texts."""
    items: list[Any] = value if isinstance(value, list) else [value]
    return items if all(isinstance(each, str) for each in items) else None


def _can_be_inverted(item: str) -> bool:
    return not isinstance(item, Unresolved) and is_action(item)


def _named(facts: PolicyFacts, items: Sequence[str]) -> list[str]:
    """Return the actions of items without repeats, and as they are the items that name none."""
    found: dict[str, None] = {}
    for item in items:
        refused = isinstance(item, Unresolved) or not is_action(item)
        names = [] if refused else spelled_actions(facts, item)
        found |= dict.fromkeys(names or [item])
    return list(found)


def _shrunk(facts: PolicyFacts, items: Sequence[str], *, shortest: bool = False) -> list[str]:
    """Shrink items of a policy; `*` stays, and so does what names no action."""
    if any(map(is_every_action, items)):
        return ["*"]
    names = _named(facts, items)
    known = [name for name in names if _is_name(name)]
    others = [name for name in names if not _is_name(name)]
    patterns = shrink(facts.connection, known, shortest=shortest)
    found = sorted({*patterns, *others}, key=str.lower)
    return found if len(found) <= len(items) else list(items)


def _is_name(item: str) -> bool:
    """Return True for the name of an action, in the catalog or not."""
    try:
        split_action_name(item)
    except CatalogError:
        return False
    return not isinstance(item, Unresolved) and "*" not in item and "?" not in item


def shrink(
    connection: sqlite3.Connection, actions: Iterable[str], *, shortest: bool = False
) -> list[str]:
    """Find few patterns that match exactly *actions* on this catalog, sorted.

    A pattern has whole words at its start, its end or in its middle, or at two of these places;
    with *shortest* a start can end within a word. It never stands for more than a service. The
    patterns are the fewest that can be found by taking the one first that covers the most: one
    where one such pattern is enough, and never more than starts of names alone would be, but a
    cover of several may not be the least of all. Patterns among *actions* stay as they are, unless
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
    raise CatalogError(
        f"{actions!r} is not a list of actions, such as ['s3:GetObject', 's3:List*']."
    )


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
    unknown = [spelled for name, spelled in names.items() if name not in held]
    if not required:
        return unknown
    allowed = matched | required.keys()
    cover = _Cover(list(held.values()), allowed, required.keys(), shortest=shortest)
    found = cover.fewest()
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


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A pattern that matches allowed actions alone."""

    text: str
    """As a policy has it."""
    mask: int
    """The required actions that it matches, as bits."""
    is_start: bool
    """It is the start of names."""

    def order(self, done: int) -> tuple[int, int, int, str]:
        """Return what to sort by: the more new actions, the fewer and the later wildcards first."""
        stars = self.text.count("*")
        gain = (self.mask & ~done).bit_count()
        return -gain, 2 * stars - self.is_start, len(self.text), self.text


class _Cover:
    """The patterns that match allowed actions of one service, to cover the required ones by.

    Sets of actions are integers with a bit for each: there are many sets, and each is compared with
    the actions that a pattern must not match.
    """

    def __init__(
        self, actions: list[str], allowed: Set[str], required: Set[str], *, shortest: bool
    ) -> None:
        """Take all *actions* of the service in AWS's spelling; the sets are in lower case."""
        self._actions = actions
        self._prefix = actions[0].partition(":")[0]
        self._names = [action.lower().partition(":")[2] for action in actions]
        self._text = "\n".join(("", *self._names, ""))
        """Every name between line breaks, so that one search finds starts, ends and middles."""
        self._places = list(accumulate((len(name) + 1 for name in self._names), initial=0))
        self._masks: dict[str, int] = {}
        self._shortest = shortest
        self._required = self._mask_of(required)
        self._others = ~self._mask_of(allowed)
        if not self._others & ((1 << len(actions)) - 1):
            self._candidates = [_Pattern(f"{self._prefix}:*", self._required, is_start=True)]
        else:
            self._candidates = list(self._all_candidates().values())

    def _mask_of(self, names: Set[str]) -> int:
        bits = ["1" if action.lower() in names else "0" for action in reversed(self._actions)]
        return int("".join(bits), 2)

    def fewest(self) -> list[str]:
        """Return patterns, and names of actions that no pattern covers together with another."""
        starts = [each for each in self._candidates if each.is_start]
        return min(self._greedy(self._candidates), self._greedy(starts), key=len)

    def _greedy(self, candidates: list[_Pattern]) -> list[str]:
        """Cover the required actions, the pattern first that covers the most."""
        least = 1 if self._shortest else 2
        waiting = [(each.order(0), each) for each in candidates]
        waiting.sort(key=lambda pair: pair[0])
        chosen: list[_Pattern] = []
        done = 0
        heap = [(order, place) for place, (order, _) in enumerate(waiting)]  # sorted is a heap
        while heap:
            order, place = heappop(heap)
            candidate = waiting[place][1]
            now = candidate.order(done)
            if -now[0] < least:
                continue
            if now > order:  # others have covered some of its actions since
                heappush(heap, (now, place))
                continue
            chosen.append(candidate)
            done |= candidate.mask
        names = [self._actions[place] for place in _bits(self._required & ~done)]
        return [each.text for each in _without_superfluous(chosen)] + names

    def _all_candidates(self) -> dict[str, _Pattern]:
        """Find the patterns with words of required actions; of one name, the most general ones."""
        found: dict[str, _Pattern] = {}
        for place in _bits(self._required):
            action = self._actions[place]
            name = action[len(self._prefix) + 1 :]
            for pieces in self._pieces(name):
                text = f"{self._prefix}:{'*'.join(pieces)}"
                if text.lower() in found:
                    continue
                mask = self._exact(pieces)
                is_start = pieces[-1] == "" and len(pieces) == 2
                is_shorter = self._shortest and is_start and len(text) < len(action)
                if mask.bit_count() > 1 or is_shorter:
                    found[text.lower()] = _Pattern(text, mask, is_start)
        return found

    def _pieces(self, name: str) -> Iterator[tuple[str, ...]]:
        """Yield the parts between the wildcards of each pattern that matches allowed actions alone.

        A part that matches no other action alone comes with no second one: that gains nothing.
        """
        words = _word_places(name)
        ends = range(1, len(name) + 1) if self._shortest else [end for _, end in words]
        starts = [name[:end] for end in ends]
        yield from self._first_allowed([(text, "") for text in starts])
        tails = [name[start:] for start, _ in reversed(words)]
        yield from self._first_allowed([("", text) for text in tails])
        middles = [
            (first, name[start:end])
            for first, (start, _) in enumerate(words)
            for _, end in words[first:]
        ]
        yield from [("", text, "") for _, text in middles if self._is_allowed(("", text, ""))]
        starts = [name[:end] for _, end in words if not self._is_allowed((name[:end], ""))]
        tails = [text for text in tails if not self._is_allowed(("", text))]
        middles = [each for each in middles if not self._is_allowed(("", each[1], ""))]
        pairs = [
            *[(start, tail) for start in starts for tail in tails],
            *[(start, text, "") for start in starts for _, text in middles],
            *[("", text, tail) for _, text in middles for tail in tails],
            *[
                ("", text, other, "")
                for first, text in middles
                for later, other in middles
                if later > first
            ],
        ]
        for pieces in pairs:
            if sum(map(len, pieces)) < len(name) and self._is_allowed(pieces):
                yield pieces

    def _first_allowed(self, patterns: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """Yield the first that matches allowed actions alone; they are the more general first."""
        yield from islice(filter(self._is_allowed, patterns), 1)

    def _is_allowed(self, pieces: tuple[str, ...]) -> bool:
        return not self._around(pieces) & self._others

    def _around(self, pieces: tuple[str, ...]) -> int:
        """Return the actions that have all the parts, in any order: at least those that match."""
        mask = -1
        for number, piece in enumerate(pieces):
            if piece:
                text = piece.lower()
                if number == 0:
                    text = f"\n{text}"
                elif number == len(pieces) - 1:
                    text = f"{text}\n"
                mask &= self._having(text)
        return mask

    def _having(self, text: str) -> int:
        """Return the actions whose names have a text."""
        mask = self._masks.get(text)
        if mask is None:
            mask, found = 0, self._text.find(text)
            while found >= 0:
                number = bisect_right(self._places, found) - 1
                mask |= 1 << number
                found = self._text.find(text, self._places[number + 1])
            self._masks[text] = mask
        return mask

    def _exact(self, pieces: tuple[str, ...]) -> int:
        """Return the required actions that match."""
        mask = self._around(pieces) & self._required
        if mask.bit_count() < 2 or sum(map(bool, pieces)) < 2:
            return mask
        fits = matcher_of("*".join(pieces).lower())
        return sum([1 << place for place in _bits(mask) if fits(self._names[place])])


def _without_superfluous(chosen: list[_Pattern]) -> list[_Pattern]:
    """Leave out what all others cover together, the last of *chosen* first."""
    before = list(accumulate((each.mask for each in chosen), or_, initial=0))
    kept: list[_Pattern] = []
    behind = 0
    for number in range(len(chosen) - 1, -1, -1):
        if chosen[number].mask & ~(before[number] | behind):
            kept.append(chosen[number])
            behind |= chosen[number].mask
    return kept[::-1]


def _bits(mask: int) -> Iterator[int]:
    """Yield the places of the bits that are set, the lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _word_places(name: str) -> list[tuple[int, int]]:
    """Return where each word of a name starts and ends."""
    found, small, end = [], name.lower(), 0
    for word in name_words(name).split():
        start = small.index(word, end)
        end = start + len(word)
        found.append((start, end))
    return found
