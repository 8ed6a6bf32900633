"""Read the condition keys that policies name, each once for all policies; as variables, too.

A key is known if it is one of AWS's global keys or if any page of the catalog has it; names compare
without case (IAM User Guide, "IAM JSON policy elements: Condition"). It is unknown, with a date, if
its prefix is `aws` or that of a service whose table of keys the catalog holds. Of other keys, and
of those that identity providers fill in, nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from iam_catalog.cache import BoundedCache
from iam_catalog.facts.keys import (
    AS_OF,
    GLOBAL_KEYS,
    is_federation_key,
    is_service_variable,
)
from iam_catalog.policy.check.findings import Evidence
from iam_catalog.policy.check.rule import Note, Rule
from iam_catalog.policy.facts import DocumentedKey, PolicyFacts
from iam_catalog.policy.model import pattern_of


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A condition key as a policy names it, with what is known of it."""

    known: bool | None
    """None where the catalog cannot tell."""
    facts: DocumentedKey | None
    as_of: str = ""
    """How a sentence goes on that says that no such key is known."""
    evidence: tuple[Evidence, ...] = ()
    """Where the table of keys is that does not have it."""
    tag_missing: bool = False
    """It is a key of tags without the key of a tag."""
    unheld: str | None = None
    """Its prefix, where the catalog does not hold the service."""


_UNJUDGED = NamedKey(None, None)


class KeyReader:
    """Read condition keys against one catalog, each text once."""

    def __init__(self, facts: PolicyFacts) -> None:
        self.facts = facts
        self._keys: BoundedCache[NamedKey] = BoundedCache()
        self._nearest: BoundedCache[tuple[str, ...]] = BoundedCache()

    def read(self, name: str) -> NamedKey:
        """Return what is known of a key, in any case."""
        key = self._keys.get(name)
        return self._keys.keep(name, self._read(name)) if key is None else key

    def _read(self, name: str) -> NamedKey:
        if (facts := self.facts.keys.named(name)) is not None:
            return NamedKey(True, facts)
        prefix, colon, _ = name.lower().partition(":")
        if not colon or is_federation_key(name) or is_service_variable(name):
            return _UNJUDGED
        patterns = self.facts.keys.patterns.by_prefix.get(prefix, ())
        tag_missing = any(
            before.removesuffix("/") == name.lower().removesuffix("/") for _, before, _ in patterns
        )
        if prefix == "aws":
            said = f" among AWS's global condition keys as of {AS_OF}"
            return NamedKey(False, None, said, (), tag_missing)
        service = self.facts.service(prefix)
        if service is None:
            return NamedKey(None, None, unheld=name.partition(":")[0])
        if not service.keys_known:
            return _UNJUDGED
        said = f" in the catalog as of {service.date}" if service.date else " in the catalog"
        evidence = service.table("condition_key_definitions", "condition_key")
        return NamedKey(False, None, said, evidence, tag_missing)

    def nearest(self, name: str) -> tuple[str, ...]:
        """Return the keys that an unknown one may be meant as; slow, so not for every one."""
        if name not in self._nearest:
            from iam_catalog.facts.unknown import nearest

            prefix = name.lower().partition(":")[0]
            known = {**self.facts.keys.by_name, **{key.lower(): key for key in GLOBAL_KEYS}}
            own = [key for lower, key in known.items() if lower.startswith(f"{prefix}:")]
            return self._nearest.keep(name, tuple(nearest(name, own)))
        return self._nearest[name]


class VariableRule(Rule):
    """A rule about the policy variables of a text in Resource or in the values of a condition."""

    topic = "variables"

    def notes(self, text: str, keys: KeyReader) -> Iterable[Note]:
        """Yield what is wrong with the variables of a text that has `${`."""
        raise NotImplementedError


class VariableReader:
    """Reads the variables of texts against one catalog."""

    def __init__(self, keys: KeyReader, rules: Sequence[VariableRule]) -> None:
        self.keys = keys
        self.rules = rules

    def notes(self, text: str) -> tuple[Note, ...]:
        """Return what rules find in the variables of a text, beside what a document leaves open."""
        text = pattern_of(text)
        if "${" not in text:
            return ()
        return tuple([note for rule in self.rules for note in rule.notes(text, self.keys)])
