"""Look up condition keys as policies name them: those of a catalog, and AWS's global ones."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from iam_catalog.facts.global_keys import GLOBAL_KEYS, LISTED_BY_SERVICES, MULTIVALUED
from iam_catalog.facts.keys import KeyPatterns
from iam_catalog.facts.services_held import definitions_of_key, documented_keys
from iam_catalog.policy.check.findings import Evidence

_GLOBAL = {key.lower(): key for key in GLOBAL_KEYS}


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """A key that a policy names."""

    name: str
    """As AWS writes it: with the placeholder of a tag's key."""
    types: tuple[str, ...]
    """AWS's words; more than one where definitions differ; none where no source has one."""
    is_global: bool
    """Every action has it, or none lists it."""
    documented: frozenset[str]
    """The keys of the catalog that it is, or is a case of, in lower case."""
    evidence: tuple[Evidence, ...]


class DocumentedKeys:
    """The keys of one catalog; compared in lower case."""

    def __init__(self, connection: Callable[[], sqlite3.Connection]) -> None:
        """Take what returns the connection."""
        self._connection = connection
        self._defined: dict[str, tuple[dict[str, None], tuple[Evidence, ...]]] = {}

    @cached_property
    def by_name(self) -> dict[str, str]:
        """Every condition key of the catalog, by its name in lower case."""
        return {key.lower(): key for key in documented_keys(self._connection())}

    @cached_property
    def patterns(self) -> KeyPatterns:
        """Those with a placeholder, in lower case, and AWS's global ones."""
        return KeyPatterns({**self.by_name, **{name.lower(): name for name in GLOBAL_KEYS}})

    def named(self, name: str) -> ConditionKey | None:
        """Look up a condition key in any case; None for an unknown one."""
        name = name.lower()
        possible = {name, *self.patterns.matching(name)}
        of_everyone = next((key for lower, key in _GLOBAL.items() if lower in possible), None)
        documented = frozenset(possible & self.by_name.keys())
        if of_everyone is None and not documented:
            return None
        spelled = (
            of_everyone
            or self.by_name[
                name if name in documented else min(documented, key=lambda key: -len(key))
            ]
        )
        types, evidence = self._definitions(documented)
        types = tuple(dict.fromkeys((*GLOBAL_KEYS.get(spelled, ()), *types)))
        if spelled in MULTIVALUED:
            types = tuple(f"ArrayOf{each}" for each in types)
        listed = spelled.lower().partition("/")[0] in LISTED_BY_SERVICES
        return ConditionKey(
            spelled, types, of_everyone is not None and not listed, documented, evidence
        )

    def _definitions(self, keys: frozenset[str]) -> tuple[tuple[str, ...], tuple[Evidence, ...]]:
        """Return the types that sources give the keys, and where each definition is stated."""
        types: dict[str, None] = {}
        evidence: tuple[Evidence, ...] = ()
        for key in sorted(keys):
            of_key, stated = self._definitions_of(key)
            types |= of_key
            evidence += stated
        return tuple(types), evidence

    def _definitions_of(self, key: str) -> tuple[dict[str, None], tuple[Evidence, ...]]:
        """Return the same of one key, which is read once: policies name it with many tags."""
        if key not in self._defined:
            rows = definitions_of_key(self._connection(), key)
            types = dict.fromkeys([row[0] for row in rows if row[0]])
            self._defined[key] = types, tuple([Evidence(*row[1:]) for row in rows])
        return self._defined[key]
