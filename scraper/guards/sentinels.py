"""Look for facts that no catalog should lose: `sentinels.json` has some of each kind."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from scraper.guards.base import Comparison, Guard, Trip, Watch

GONE = Guard(
    "sentinel-gone",
    "A fact that no catalog should lose is not in the new one.",
    by_name=True,
    seen="never: all of these facts are in each of 27 months of a public dataset, those about"
    " dependent actions until AWS dropped them",
)
FILE = Path(__file__).parent / "sentinels.json"

TYPES_OF_ACTION = """select 1 where :at_least <= (
    select count(distinct resource_type_name) from action_rows where action = :name
)"""
ACTIONS_OF_OPERATION = """select 1 from operations join operation_actions using (operation)
where service_prefix || ':' || operations.name = :name and action = :value"""
FACTS = {
    "action": ("select 1 from actions where action = :name", "{name} is an action"),
    "action of a level": (
        "select 1 from action_access_levels where action = :name and access_level = :value",
        "{name} has the level {value}",
    ),
    "resource types of an action": (
        TYPES_OF_ACTION,
        "{name} takes {at_least} resource types or more",
    ),
    "ARN format": (
        "select 1 from arn_formats where resource_type = :name and format = :value",
        "{name} has the ARN format {value}",
    ),
    "condition key": (
        "select 1 from condition_key_definitions where condition_key = :name",
        "{name} is a condition key",
    ),
    "dependent action": (
        "select 1 from dependent_actions where action = :name and dependent_action = :value",
        "{name} needs {value}",
    ),
    "operation": (ACTIONS_OF_OPERATION, "the operation {name} needs {value}"),
}
"""Each kind of fact: the question whether a catalog has it, and its wording."""


@dataclass(frozen=True, slots=True)
class Sentinel:
    """A fact in words, with the reason why it was chosen."""

    fact: str
    name: str
    """Of an action, a resource type, a condition key or an operation."""
    reason: str
    value: str | None = None
    at_least: int | None = None

    @property
    def service(self) -> str:
        return self.name.partition(":")[0]

    @property
    def text(self) -> str:
        return FACTS[self.fact][1].format(**self.values())

    def values(self) -> dict[str, str | int | None]:
        return {"name": self.name, "value": self.value, "at_least": self.at_least}

    def holds(self, connection: sqlite3.Connection) -> bool:
        """Return True if the catalog states it."""
        return connection.execute(FACTS[self.fact][0], self.values()).fetchone() is not None

    def held(self, connection: sqlite3.Connection) -> bool:
        """Return True if a catalog states it that may be of an older schema, without the table."""
        try:
            return self.holds(connection)
        except sqlite3.Error:
            return False


def read_sentinels() -> list[Sentinel]:
    listed = json.loads(FILE.read_text(encoding="utf-8"))["sentinels"]
    return [Sentinel(**each) for each in listed]


def _gone_sentinels(old: sqlite3.Connection, new: sqlite3.Connection) -> list[Sentinel]:
    """Return the sentinels that the old catalog has and the new one lacks."""
    return [each for each in read_sentinels() if each.held(old) and not each.holds(new)]


def sentinel_trips(old: sqlite3.Connection, new: sqlite3.Connection) -> list[Trip]:
    """Return a trip for each sentinel that a new catalog lost."""
    return [
        Trip(
            GONE.name,
            f"{each.service}: it no longer says that {each.text}. {each.reason}",
            each.service,
            names=(each.text,),
        )
        for each in _gone_sentinels(old, new)
    ]


def _look(comparison: Comparison) -> list[Trip]:
    return sentinel_trips(comparison.old, comparison.new) if comparison.old else []


WATCH = Watch(_look, (GONE,), {f"sentinels ({fact})": sql for fact, (sql, _) in FACTS.items()})
