"""Read the items of Resource and NotResource, each once for all policies.

`iam_catalog.arn.parts` knows what an ARN is. Text that starts with a variable is unknown. Of what a
document leaves open in part, rules see what is sure: parts that are written out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from iam_catalog.arn.parts import Arn, is_settled
from iam_catalog.arn.pattern import is_open
from iam_catalog.cache import BoundedCache, keep_text
from iam_catalog.facts.resource_types import written_resources, written_words
from iam_catalog.policy.check.condition_keys import VariableReader
from iam_catalog.policy.check.rule import Note, Rule
from iam_catalog.policy.coverage import RELATIVE, ResourceState, resource_state
from iam_catalog.policy.facts import PolicyFacts
from iam_catalog.policy.grammar.variables import is_to_fill_in, template_texts
from iam_catalog.policy.model import Unresolved, pattern_of

_REGIONS = ("us-east-1", "")
_ACCOUNTS = ("111122223333", "", "aws")
"""A value of each kind that formats have there: no wildcard, which can go on beyond its part."""


@dataclass(frozen=True, slots=True)
class ResourceItem:
    """An item of Resource, with what rules find in its text."""

    text: str
    state: ResourceState
    notes: tuple[Note, ...] = ()
    left: tuple[str, ...] = ()
    """What a template or a person should have filled in."""
    left_before: tuple[str, ...] = ()
    """Those of them that are before the resource of the ARN, and words for its account or Region,
    such as `ACCOUNT_ID`: no variable can be there."""
    refused: bool = False
    """What is found in it says all that there is to say of it."""


class ArnRule(Rule):
    """A rule about the text of an item that is not `*`, wherever it is written.

    Asked once of each text: what it answers is kept with the item.
    """

    topic = "resources"

    def notes(self, text: str, arn: Arn, words: ArnWords) -> Iterable[Note]:
        """Yield what is wrong with the text, read as *arn*, which may not be one.

        *text* is for messages: what a document leaves open is shown there as it is written, and is
        an opening in the *arn*, with the parts around it known.
        """
        raise NotImplementedError


class ArnWords:
    """What ARN formats of the catalog say of the parts before the resource."""

    def __init__(self, facts: PolicyFacts) -> None:
        self._facts = facts
        self._last: tuple[str, frozenset[str]] = ("", frozenset())
        """The ARN that was asked of last, and the answer: several rules ask of one in turn."""
        self._written: dict[str, frozenset[str]] = {}

    def misfits(self, arn: Arn) -> frozenset[str]:
        """Return which of `region` and `account` no format for the resource of an ARN has so.

        None where the ARN is of a type of the catalog, or its resource is of none or is open.
        """
        last = self._last  # another thread may change it meanwhile
        if last[0] != arn.text:
            last = self._last = arn.text, self._read(arn)
        return last[1]

    def _read(self, arn: Arn) -> frozenset[str]:
        region, account = arn.parts[2:4]
        if arn.missing or is_open(arn.parts[4]) or self._can_be(arn, [region], [account]):
            return frozenset()
        wrong = set()
        if not self._can_be(arn, [region], _ACCOUNTS):
            wrong.add("region")
        if not self._can_be(arn, _REGIONS, [account]):
            wrong.add("account")
        if len(wrong) > 1 and not self._can_be(arn, _REGIONS, _ACCOUNTS):
            return frozenset()  # the resource is of no type, whatever is before it
        if not wrong and bool(region) != bool(account):
            wrong.add("account" if region else "region")  # types with both, and types with neither
        return frozenset(wrong)

    def _can_be(self, arn: Arn, regions: Sequence[str], accounts: Sequence[str]) -> bool:
        partition, service, _, _, resource = arn.parts
        return any(
            self._facts.arns.types(f"arn:{partition}:{service}:{region}:{account}:{resource}")
            for region in regions
            for account in accounts
        )

    @cached_property
    def first_words(self) -> Callable[[str], frozenset[str]]:
        """Return what gives the words before the first `/` or `:` of a service's ARN formats.

        None for a service with a format that starts with a placeholder, or that has no such word.
        """
        words: dict[str, set[str]] = {}
        for service, resource in written_resources(self._facts.connection):
            word = re.match(r"([^:/${*]+)[:/]", resource)
            words.setdefault(service, set()).add(word[1] if word else "")
        whole = {name: frozenset(each) for name, each in words.items() if "" not in each}
        return lambda service: whole.get(service, frozenset())

    def written(self, part: str) -> frozenset[str]:
        """Return the values that formats of the catalog have for `region` or `account`."""
        if part not in self._written:
            self._written[part] = written_words(self._facts.connection, part)
        return self._written[part]


class ResourceReader:
    """Reads items of Resource against one catalog, and keeps what it read."""

    def __init__(
        self, facts: PolicyFacts, variables: VariableReader, rules: Sequence[ArnRule]
    ) -> None:
        self.variables = variables
        self.rules = rules
        self.words = ArnWords(facts)
        self.items: BoundedCache[ResourceItem] = BoundedCache()
        self.refused: set[str] = set()
        """The items of which is found all that there is to say."""

    def read(self, text: str) -> ResourceItem:
        """Read an item anew; look in `items` first.

        What a document leaves open is not kept: the same text can be written out in another one.
        """
        item = self._read(text)
        return item if isinstance(text, Unresolved) else self.items.keep(text, item)

    def state_of(self, text: str) -> ResourceState:
        """Answer `coverage.resource_state` from what was read."""
        return (self.items.get(text) or self.read(text)).state

    def _read(self, text: str) -> ResourceItem:
        state = resource_state(text)
        if state == "everything":
            return ResourceItem(text, state)
        pattern = pattern_of(text)
        notes = self.variables.notes(text)
        left = () if isinstance(text, Unresolved) else tuple(template_texts(text))
        if is_open(pattern):
            if state != "refused" and not is_settled(pattern):
                return ResourceItem(text, state, notes)
        elif pattern.startswith(("${", RELATIVE)):
            return ResourceItem(text, state, notes, left)
        arn = Arn(pattern)
        found = [note for rule in self.rules for note in rule.notes(text, arn, self.words)]
        before = () if isinstance(text, Unresolved) else _left_before(arn, left)
        refused = bool(before) or any(note.rule.conclusive for note in found)
        if refused:
            keep_text(self.refused, text)
        state = "refused" if refused else state
        return ResourceItem(text, state, (*notes, *found), left, before, refused)


def _left_before(arn: Arn, left: tuple[str, ...]) -> tuple[str, ...]:
    """List the texts of a template before the resource, and words for what should be there."""
    if arn.head is None:
        return left
    partition, service, *own = arn.parts[:4]
    found = template_texts(partition) + template_texts(service)
    for part in own:
        found += template_texts(part) or ([part] if is_to_fill_in(part) else [])
    return tuple(found)
