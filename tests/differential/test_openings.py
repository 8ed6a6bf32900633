"""What a document leaves open gives no finding that depends on what is put there.

Random policies are made from the ARN formats and actions of the catalog, and some stretches of
their resources and actions are left open. Whatever `check` finds then, it must find where these
stretches are filled in: as they were before, or with something else.
"""

from __future__ import annotations

import random
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple

import pytest

from iam_catalog import Catalog, Finding
from iam_catalog.arn.match import ArnTypes, arn_types
from iam_catalog.arn.pattern import opening
from iam_catalog.database import open_database
from iam_catalog.policy.check.registry import RULES
from iam_catalog.policy.model import Unresolved

POLICIES = 60
MAY = ("wildcard-grants-permissions-management", "wildcard-grants-write")
"""Say themselves that the statement may allow something: not compared."""

NAMES = {"unknown-action", "pattern-matches-nothing", "removed-action", "operation-as-action"}
UNFIT = {
    "action-without-resource",
    "action-needs-star",
    "action-on-every-arn",
    "action-allowed-elsewhere",
}
INSTEAD: dict[str, set[str]] = {
    **dict.fromkeys(NAMES, NAMES),
    **dict.fromkeys(UNFIT, UNFIT | NAMES),
    "resource-without-action": UNFIT | NAMES,
    "resource-used-elsewhere": UNFIT | NAMES,
    "pattern-beyond-resources": UNFIT,
    "required-type-missing": UNFIT,
    "some-required-types-missing": {*UNFIT, "required-type-missing"},
}
"""What is found in place of a finding where more is known: no less grave, about the same statement.
An action that the catalog does not have takes nothing that could be compared."""

OF_POLICIES = ("missing-dependent-actions", "dependent-actions-not-known")
"""Found once in a policy, wherever the first action is of which it is said."""

CONCLUSIVE = {rule.code for rule in RULES if getattr(rule, "conclusive", False)}
FILLINGS = ["", "*", "a", "box", "a/b", "a:b", "aws", "s3", "us-east-1", "111122223333", "x/*", ":"]


ANY, PART, WORD = opening("x"), opening("x", "part"), opening("x", "word")


class Facts(NamedTuple):
    """Names of the catalog to make policies of."""

    actions: dict[str, list[str]]
    formats: dict[str, list[str]]


@pytest.fixture(scope="module")
def catalog(real_catalog: str) -> Iterator[Catalog]:
    with Catalog(real_catalog) as opened:
        yield opened


@pytest.fixture(scope="module")
def types(real_catalog: str) -> Iterator[ArnTypes]:
    with closing(open_database(real_catalog)) as connection:
        yield arn_types(connection)


@pytest.fixture(scope="module")
def facts(real_catalog: str) -> Facts:
    actions, formats = defaultdict(list), defaultdict(list)
    with closing(sqlite3.connect(real_catalog)) as connection:
        for (name,) in connection.execute("SELECT action FROM actions ORDER BY action"):
            actions[name.partition(":")[0]].append(name)
        for name, text in connection.execute(
            "SELECT resource_type, format FROM arn_formats ORDER BY 1, 2"
        ):
            formats[name.partition(":")[0]].append(text)
    return Facts(actions, formats)


def an_arn(random: random.Random, text: str) -> str:
    """Fill in an ARN format, with wildcards now and then."""
    values = {"Partition": "aws", "Region": "eu-west-1", "Account": "111122223333"}
    while "${" in text:
        before, _, rest = text.partition("${")
        name, _, after = rest.partition("}")
        text = before + values.get(name, random.choice(["box", "a-1", "*", "b*"])) + after
    return text


def an_action(random: random.Random, names: list[str]) -> str:
    name = random.choice(names)
    prefix, _, rest = name.partition(":")
    return random.choice([name, name, name, f"{prefix}:{rest[:4]}*", f"{name}s"])


def a_statement(random: random.Random, facts: Facts, services: list[str]) -> dict[str, Any]:
    service = random.choice(services)
    resources = [
        an_arn(random, random.choice(facts.formats[random.choice([service, service, *services])]))
        for _ in range(random.choice([1, 1, 2, 3]))
    ]
    actions = [an_action(random, facts.actions[service]) for _ in range(random.choice([1, 2, 4]))]
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def opened(random: random.Random, text: str, values: dict[str, str]) -> str:
    """Leave one or two stretches of a text open."""
    parts = [text]
    for _ in range(random.choice([0, 1, 1, 2])):
        last = parts.pop()
        start = random.randrange(len(last) + 1)
        end = min(len(last), start + random.choice([0, 1, 3, 6, 12, 40]))
        name = f"H{len(values)}"
        values[name] = last[start:end]
        parts += [last[:start], f"${{{name}}}", last[end:]]
    held = "".join(parts)
    return Unresolved(held) if len(parts) > 1 else held


def filled(value: Any, values: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: filled(each, values) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, values) for each in value]
    if isinstance(value, Unresolved):
        text = str(value)
        for name, each in values.items():
            text = text.replace(f"${{{name}}}", each)
        return text
    return value


def key(finding: Finding, code: str | None = None) -> tuple[object, str]:
    """Return the statement that a finding is about, with its code or another one."""
    code = code or finding.code
    whole = code in OF_POLICIES or len(finding.path) < 2
    return None if whole else finding.path[1], code


def missing(found: list[Finding], known: list[Finding]) -> list[Finding]:
    """Return the findings about an open policy that are not found in one that is filled in.

    What AWS refuses is looked at no further, and is not compared with other statements.
    """
    if any(each.severity == "error" or each.code in CONCLUSIVE for each in known):
        return []
    held = {key(each) for each in known}
    return [
        each
        for each in found
        if each.code not in MAY
        and not any(key(each, code) in held for code in {each.code, *INSTEAD.get(each.code, ())})
    ]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_found_in_an_open_policy_is_found_whatever_fills_it(
    catalog: Catalog, facts: Facts, seed: int
) -> None:
    dice = random.Random(seed)
    wrong, number = [], 0
    named = sorted(set(facts.formats) & set(facts.actions))
    for _ in range(POLICIES):
        services = dice.sample(named, 2)
        statements = [a_statement(dice, facts, services) for _ in range(dice.choice([1, 2, 3]))]
        values: dict[str, str] = {}
        for each in statements:
            for element, texts in each.items():
                if element == "Resource" or (element == "Action" and dice.random() < 0.3):
                    each[element] = [opened(dice, text, values) for text in texts]
        policy = {"Version": "2012-10-17", "Statement": statements}
        found = catalog.check_policy(policy)
        number += len([each for each in found if each.code in UNFIT])
        for fill in (values, *[{name: dice.choice(FILLINGS) for name in values} for _ in range(3)]):
            whole = filled(policy, fill)
            left = missing(found, catalog.check_policy(whole))
            wrong += [
                (each.code, each.text, policy["Statement"][each.path[1]], whole["Statement"])
                for each in left
            ]

    assert wrong[:3] == []
    assert number > 5


def some_types(types: ArnTypes, pattern: str, *names: str) -> set[str]:
    """Return which of the resource types an open ARN can be."""
    return set(types.types(pattern)) & set(names)


S3 = ("s3:bucket", "s3:object")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (f"arn:aws:s3:::{ANY}", {"s3:bucket", "s3:object"}),
        (f"arn:aws:s3:::{ANY}/*", {"s3:object"}),
        (f"arn:aws:s3:::logs-{WORD}", {"s3:bucket"}),
        (f"arn:aws:s3:::logs-{PART}", {"s3:bucket", "s3:object"}),
        (f"arn:{WORD}:s3:::{ANY}/*", {"s3:object"}),
        (f"arn:aws:sqs:{WORD}:{WORD}:{ANY}", set()),
        (opening("s3:bucket Logs.Arn", "arn"), {"s3:bucket"}),
        (opening("s3:bucket Logs.Arn", "arn") + "/*", {"s3:object"}),
        (opening("nosuch:thing X.Arn", "arn") + "/*", {"s3:object"}),
        (f"{ANY}", {"s3:bucket", "s3:object"}),
    ],
)
def test_the_types_of_an_open_arn_are_those_of_all_that_it_can_become(
    types: ArnTypes, pattern: str, expected: set[str]
) -> None:
    assert some_types(types, pattern, *S3) == expected
