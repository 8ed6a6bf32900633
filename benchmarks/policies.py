"""Policies like AWS's managed ones, made from a catalog: the same catalog makes the same policies.

Sizes are spread like those of AWS's managed policies: a median of 1.0 kB, and one in a hundred of
some 20 kB. Larger policies have more statements and, above all, longer lists of actions and of
patterns such as `ec2:Describe*`, of one service or of several. Most statements are about `*`, the
others about up to four ARNs of types that their actions take.
"""

from __future__ import annotations

import json
import random
import re
import sqlite3
from collections import defaultdict

MEDIAN = 1250
"""Aimed at; what comes out is a little less, because lists end with the service's actions."""
SPREAD = 1.35
"""Of the logarithm of the sizes."""

ON_EVERYTHING = 0.65
OF_ONE_SERVICE = 0.6
WITH_CONDITION = 0.12
DENYING = 0.02
WHOLE_SERVICE = 0.05
PATTERN = 0.2
"""How often: of statements, or of the items of a list."""

CONDITIONS: tuple[dict[str, dict[str, str | list[str]]], ...] = (
    {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
    {"StringEquals": {"aws:ResourceTag/team": ["blue", "green"]}},
    {"Bool": {"aws:ViaAWSService": "true"}},
    {"ForAnyValue:StringEquals": {"aws:CalledVia": ["cloudformation.amazonaws.com"]}},
)
PLACES = {"Partition": "aws", "Region": "*", "Account": "*"}

Verb = tuple[str, list[str]]
"""A pattern such as `ec2:Describe*`, with the actions that it matches."""


class Maker:
    """Makes policies of the actions and ARN formats of a catalog."""

    def __init__(
        self, connection: sqlite3.Connection, *, seed: int = 1, median: float = MEDIAN
    ) -> None:
        self.random = random.Random(seed)
        self.median = median
        names: dict[str, list[str]] = defaultdict(list)
        for prefix, action in connection.execute(
            "select service_prefix, action from actions order by action"
        ):
            names[prefix].append(action)
        self.verbs = {prefix: by_verb(actions) for prefix, actions in names.items()}
        self.takers: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for prefix, form, action in connection.execute(
            "select distinct t.service_prefix, format, action from action_rows as r"
            " join resource_types as t on t.resource_type = r.resource_type"
            " join arn_formats on arn_formats.resource_type = r.resource_type order by 1, 2, 3"
        ):
            self.takers[prefix][form].append(action)
        self.prefixes = sorted(names)

    def policy(self) -> dict[str, object]:
        size = self.median * self.random.lognormvariate(0, SPREAD)
        count = max(1, round((size / 500) ** 0.5))
        statements = [self.statement(number, size / count) for number in range(count)]
        return {"Version": "2012-10-17", "Statement": statements}

    def statement(self, number: int, size: float) -> dict[str, object]:
        prefix = self.random.choice(self.prefixes)
        if self.random.random() < ON_EVERYTHING or prefix not in self.takers:
            resources: str | list[str] = "*"
            actions = self.actions(prefix, size - 120)
        else:
            actions, resources = self.limited(prefix, size - 120)
        denies = self.random.random() < DENYING
        statement: dict[str, object] = {
            "Sid": f"Statement{number}",
            "Effect": "Deny" if denies else "Allow",
            "Action": actions,
            "Resource": resources,
        }
        if self.random.random() < WITH_CONDITION:
            statement["Condition"] = self.random.choice(CONDITIONS)
        return statement

    def actions(self, prefix: str, size: float) -> list[str]:
        """A list of actions and patterns of about so many characters, verb by verb."""
        prefixes = [prefix]
        if self.random.random() > OF_ONE_SERVICE or size > 3000:
            others = self.random.randint(1, 2 + int(size / 500))
            prefixes += self.random.sample(self.prefixes, min(others, len(self.prefixes)))
        if self.random.random() < WHOLE_SERVICE:
            return sorted({f"{each}:*" for each in prefixes})
        verbs = [verb for each in dict.fromkeys(prefixes) for verb in self.verbs[each]]
        return self.picked(self.random.sample(verbs, len(verbs)), size)

    def limited(self, prefix: str, size: float) -> tuple[list[str], list[str]]:
        """Actions, and ARNs of types that they take."""
        takers = self.takers[prefix]
        forms = self.random.sample(sorted(takers), min(len(takers), self.random.randint(1, 4)))
        actions = dict.fromkeys(action for form in forms for action in takers[form])
        verbs = by_verb(list(actions))
        return self.picked(verbs, size - 90 * len(forms)), [self.arn(form) for form in forms]

    def picked(self, verbs: list[Verb], size: float) -> list[str]:
        items: list[str] = []
        for pattern, names in verbs:
            as_pattern = len(names) > 1 and self.random.random() < PATTERN
            items += [pattern] if as_pattern else names[: self.random.randint(1, 8)]
            if sum(map(len, items)) + 4 * len(items) > size:
                break
        return items

    def arn(self, form: str) -> str:
        def value(found: re.Match[str]) -> str:
            name = found[1]
            return PLACES.get(name) or self.random.choice(("*", "*", f"{name.lower()}-*", "main"))

        return re.sub(r"\$\{([^}]*)\}", value, form)


def by_verb(actions: list[str]) -> list[Verb]:
    """The actions that start with the same verb, each time with their pattern."""
    found: dict[str, list[str]] = defaultdict(list)
    for action in actions:
        prefix, _, name = action.partition(":")
        verb = re.match(r"[A-Z]?[a-z]+", name)
        found[f"{prefix}:{verb[0] if verb else name}*"].append(action)
    return list(found.items())


def policy_texts(connection: sqlite3.Connection, count: int) -> list[str]:
    """So many policies as JSON texts, each on a line of its own."""
    maker = Maker(connection)
    return [json.dumps(maker.policy()) for _ in range(count)]
