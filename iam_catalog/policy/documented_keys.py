"""The condition keys that a catalog documents, and AWS's global ones, as policies may name them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from functools import cached_property

from iam_catalog.policy.check.findings import Evidence
from iam_catalog.policy.grammar.global_keys import GLOBAL_KEYS, LISTED_BY_SERVICES, MULTIVALUED


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """What is known of a key that a policy names."""

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

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    @cached_property
    def by_name(self) -> dict[str, str]:
        """Every condition key of the catalog, by its name in lower case."""
        rows = self.connection.execute("select condition_key from condition_keys")
        return {key.lower(): key for (key,) in rows}

    @cached_property
    def patterns(self) -> dict[str, list[tuple[str, str, str]]]:
        """By prefix: the keys with a placeholder, with what stands before and after it."""
        found: dict[str, list[tuple[str, str, str]]] = {}
        for key in {**self.by_name, **{name.lower(): name for name in GLOBAL_KEYS}}:
            around = placeholder(key)
            if around is not None:
                found.setdefault(key.partition(":")[0], []).append((key, *around))
        return found

    def named(self, name: str) -> ConditionKey | None:
        """What is known of a condition key in any case; None where nothing is."""
        name = name.lower()
        fitting = [
            key
            for key, before, after in self.patterns.get(name.partition(":")[0], ())
            if name.startswith(before)
            and name.endswith(after)
            and len(name) > len(before) + len(after)
        ]
        possible = {name, *fitting}
        of_everyone = next((key for key in GLOBAL_KEYS if key.lower() in possible), None)
        documented = frozenset(possible & self.by_name.keys())
        if of_everyone is None and not documented:
            return None
        spelled = (
            of_everyone
            or self.by_name[
                name if name in documented else min(documented, key=lambda key: -len(key))
            ]
        )
        types, evidence = self.definitions(documented)
        types = tuple(dict.fromkeys((*GLOBAL_KEYS.get(spelled, ()), *types)))
        if spelled in MULTIVALUED:
            types = tuple(f"ArrayOf{each}" for each in types)
        listed = spelled.lower().partition("/")[0] in LISTED_BY_SERVICES
        return ConditionKey(
            spelled, types, of_everyone is not None and not listed, documented, evidence
        )

    def definitions(self, keys: frozenset[str]) -> tuple[tuple[str, ...], tuple[Evidence, ...]]:
        """The types that sources give the keys, and where each definition is stated."""
        rows = [
            row
            for key in sorted(keys)
            for row in self.connection.execute(
                "select type, page, line, last_seen, place from condition_key_definitions"
                " where condition_key = ? order by page, line",
                (key,),
            )
        ]
        types = dict.fromkeys(row[0] for row in rows if row[0])
        return tuple(types), tuple(Evidence(*row[1:]) for row in rows)


def placeholder(key: str) -> tuple[str, str] | None:
    """What stands before and after the placeholder of a documented key; None without one.

    Pages write it `${TagKey}`, `<key>` or `tag-key`, or leave it out after the slash.

    >>> placeholder("s3:ExistingObjectTag/<key>")
    ('s3:ExistingObjectTag/', '')
    """
    for start, end in (("${", "}"), ("<", ">")):
        before, found, rest = key.partition(start)
        if found and end in rest:
            return before, rest.partition(end)[2]
    if key.endswith("/tag-key"):
        return key.removesuffix("tag-key"), ""
    return (key, "") if key.endswith("/") else None
