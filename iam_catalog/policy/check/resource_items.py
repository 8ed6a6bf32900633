"""Read the items of Resource and NotResource, each once for all policies.

`iam_catalog.arn.parts` knows what an ARN is. Text that starts with `${…}` is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from iam_catalog.arn.parts import Arn
from iam_catalog.cache import BoundedCache
from iam_catalog.facts.arn_formats import written_words
from iam_catalog.policy.check.condition_keys import VariableReader
from iam_catalog.policy.check.rule import Note, Rule
from iam_catalog.policy.coverage import RELATIVE, ResourceState, resource_state
from iam_catalog.policy.facts import PolicyFacts


@dataclass(frozen=True, slots=True)
class ResourceItem:
    """An item of Resource, with what rules find in its text."""

    text: str
    state: ResourceState
    notes: tuple[Note, ...] = ()


class ArnRule(Rule):
    """A rule about the text of an item that is not `*`, wherever it is written.

    Asked once of each text: what it answers is kept with the item.
    """

    topic = "resources"

    def notes(self, text: str, arn: Arn, words: ArnWords) -> Iterable[Note]:
        """Yield what is wrong with the text, read as *arn*, which may not be one."""
        raise NotImplementedError


class ArnWords:
    """Regions and accounts that ARN formats of the catalog write out."""

    def __init__(self, facts: PolicyFacts) -> None:
        self._facts = facts

    @cached_property
    def regions(self) -> frozenset[str]:
        return self._column("region")

    @cached_property
    def accounts(self) -> frozenset[str]:
        return self._column("account")

    def _column(self, name: str) -> frozenset[str]:
        return written_words(self._facts.connection, name)


class ResourceReader:
    """Reads items of Resource against one catalog, and keeps what it read."""

    def __init__(
        self, facts: PolicyFacts, variables: VariableReader, rules: Sequence[ArnRule]
    ) -> None:
        self.variables = variables
        self.rules = rules
        self.words = ArnWords(facts)
        self.items: BoundedCache[ResourceItem] = BoundedCache()

    def read(self, text: str) -> ResourceItem:
        """Read an item anew; look in `items` first."""
        return self.items.keep(text, self._read(text))

    def state_of(self, text: str) -> ResourceState:
        """Answer `coverage.resource_state` from what was read."""
        return (self.items.get(text) or self.read(text)).state

    def _read(self, text: str) -> ResourceItem:
        state = resource_state(text)
        if state == "everything":
            return ResourceItem(text, state)
        notes = self.variables.notes(text)
        if text.startswith(("${", RELATIVE)):
            return ResourceItem(text, state, notes)
        arn = Arn(text)
        found = [note for rule in self.rules for note in rule.notes(text, arn, self.words)]
        return ResourceItem(text, state, (*notes, *found))
