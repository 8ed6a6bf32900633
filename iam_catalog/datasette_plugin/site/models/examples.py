"""What the site proposes to ask: questions that the catalog at hand has an answer to.

A catalog of few services does not hold the services that everybody knows.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from typing import NamedTuple

FIRST_WORD = re.compile(r"[A-Z][a-z]+")
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
KNOWN_ARNS = {
    "s3:object": "arn:aws:s3:::logs/2026/*",
    "ec2:instance": "arn:aws:ec2:*:111122223333:instance/*",
    "iam:role": "arn:aws:iam::111122223333:role/${aws:PrincipalTag/team}",
}
KNOWN_ACTIONS = ("ec2:RunInstances", "connect:CreateInstance")
FILLED = {"Partition": "aws", "Region": "eu-west-1", "Account": "111122223333"}


class Examples(NamedTuple):
    """Each empty where the catalog has nothing of the kind."""

    action: str | None
    """One that needs other actions, where any does."""
    pattern: str | None
    """What most actions of its service start with: `ec2:Describe*`."""
    arns: dict[str, str]
    """Each with its resource type."""

    @property
    def words(self) -> str | None:
        """The words in the name of the action: `run instances`."""
        name = self.action.partition(":")[2] if self.action else ""
        return " ".join(WORD.findall(name)).lower() or None


def examples(connection: sqlite3.Connection) -> Examples:
    action = example_action(connection)
    pattern = example_pattern(connection, action.partition(":")[0]) if action else None
    return Examples(action, pattern, example_arns(connection))


def example_action(connection: sqlite3.Connection) -> str | None:
    """A known one, else the one with the most dependent actions."""
    marks = ", ".join("?" * len(KNOWN_ACTIONS))
    row = connection.execute(
        "select actions.action from actions left join dependent_actions using (action)"
        f" group by 1 order by actions.action not in ({marks}), count(*) desc, 1 limit 1",
        KNOWN_ACTIONS,
    ).fetchone()
    return row[0] if row else None


def example_pattern(connection: sqlite3.Connection, prefix: str) -> str:
    rows = connection.execute("select name from actions where service_prefix = ?", (prefix,))
    words = Counter(found[0] for (name,) in rows if (found := FIRST_WORD.match(name)))
    return f"{prefix}:{words.most_common(1)[0][0] if words else ''}*"


def example_arns(connection: sqlite3.Connection) -> dict[str, str]:
    """Known ones, else some of the formats with all that varies filled in."""
    marks = ", ".join("?" * len(KNOWN_ARNS))
    known = connection.execute(
        f"select resource_type from resource_types where resource_type in ({marks})",
        tuple(KNOWN_ARNS),
    )
    held = {name for (name,) in known}
    if held:
        return {arn: name for name, arn in KNOWN_ARNS.items() if name in held}
    rows = connection.execute(
        "select format, resource_type from arn_formats order by length(format) limit 2"
    )
    return {filled(text): name for text, name in rows}


def level_on(connection: sqlite3.Connection, resource_type: str) -> str | None:
    """The access level that most actions on a resource type have."""
    row = connection.execute(
        "select access_level from action_rows join actions using (action)"
        " where resource_type = ? and access_level is not null"
        " group by 1 order by count(distinct action) desc limit 1",
        (resource_type,),
    ).fetchone()
    return row[0] if row else None


def filled(arn_format: str) -> str:
    """An ARN of that format.

    >>> filled("arn:${Partition}:connect:${Region}:${Account}:instance/${InstanceId}")
    'arn:aws:connect:eu-west-1:111122223333:instance/*'
    """
    return re.sub(r"\$\{([^{}]*)\}", lambda found: FILLED.get(found[1], "*"), arn_format)
