"""Which resources an action takes: one answer from check, explain, complete, write and match-arn.

`match_arn` gives the resource types that an ARN can be, and an action takes the ARN if one of
those is a type of it. Every other door must agree, for every ARN format of a catalog, filled, with
wildcards, and broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from arn_shapes import (
    COLON,
    OF_ANY_SERVICE,
    OTHER,
    OWN_STAR,
    PARTITION,
    fill,
    kind_of,
    numbered,
    shapes,
)
from built_catalogs import build, write_pages
from doors import doors
from page_texts import Row, Service, Type, act, as_table

from iam_catalog import Catalog, CatalogError, Finding, MalformedArn, UnknownServicePrefix
from iam_catalog.policy.check.registry import RULES
from iam_catalog.records import ResourceType

SMALL = """
apigateway  Api         arn:${Partition}:apigateway:${Region}::/apis/${ApiId}
apigateway  Stage       arn:${Partition}:apigateway:${Region}::/apis/${ApiId}/stages/${StageName}
backup      point       arn:${Partition}:${Vendor}:${Region}:*:${ResourceType}:${RecoveryPointId}
backup      vault       arn:${Partition}:backup:${Region}:${Account}:backup-vault:${VaultName}
codes       pipeline    arn:${Partition}:codes:${Region}:${Account}:${PipelineName}
codes       stage       arn:${Partition}:codes:${Region}:${Account}:${PipelineName}/${StageName}
codes       webhook     arn:${Partition}:codes:${Region}:${Account}:webhook:${WebhookName}
ec2         image       arn:${Partition}:ec2:${Region}::image/${ImageId}
ec2         role        arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}
iam         role        arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}
lambda      function    arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}
lambda      alias       arn:${Partition}:lambda:${Region}:${Account}:function:${Function}:${Alias}
s3          bucket      arn:${Partition}:s3:::${BucketName}
s3          object      arn:${Partition}:s3:::${BucketName}/${ObjectName}
sqs         queue       arn:${Partition}:sqs:${Region}:${Account}:${QueueName}
targeting   app         arn:${Partition}:targeting:${Region}:${Account}:apps/${AppId}
targeting   apps        arn:${Partition}:targeting:${Region}:${Account}:apps/*
targeting   user        arn:${Partition}:targeting:${Region}:${Account}:apps/${AppId}/users/${Id}
"""
"""Service, resource type and ARN format: the forms that AWS's formats have."""

KINDS = (OF_ANY_SERVICE, OWN_STAR, COLON, PARTITION, OTHER)


@dataclass(frozen=True)
class Case:
    """An ARN, and actions of which each takes other types."""

    shape: str
    arn: str
    resource_type: str
    """Of the format that the ARN is made from."""
    good: str
    """The format filled."""
    actions: dict[str, frozenset[str]]
    """With their resource types."""
    formats: tuple[str, ...]
    """All ARN formats of their services."""


@dataclass(frozen=True)
class Answer:
    """Which actions take an ARN."""

    takes: frozenset[str]
    asked: frozenset[str]
    """Those of which the engine says it."""
    malformed: bool | None = False
    """It is not an ARN at all; None where the engine never says so."""


class Types:
    """The resource types of a catalog, and the actions that take them."""

    def __init__(self, types: list[ResourceType]) -> None:
        self.types = types
        self.formats = {each.resource_type: each.arn_formats for each in types}

    @property
    def formats_of_types(self) -> list[tuple[ResourceType, str]]:
        return [(each, text) for each in self.types for text in each.arn_formats]

    @cached_property
    def actions(self) -> dict[str, dict[str, frozenset[str]]]:
        """Choose by service one action for each set of types, where all have a format."""
        taken: dict[str, set[str]] = {}
        for each in self.types:
            for action in each.actions:
                taken.setdefault(action, set()).add(each.resource_type)
        found: dict[str, dict[str, frozenset[str]]] = {}
        for action, types in sorted(taken.items(), key=lambda pair: (len(pair[1]), pair[0])):
            of_service = found.setdefault(action.partition(":")[0], {})
            if all(map(self.formats.get, types)) and types not in of_service.values():
                of_service[action] = frozenset(types)
        return found

    def naming(self, service: str) -> set[str]:
        """Return the services with a format that names *service*, or has a variable there."""
        return {
            each.service_prefix
            for each in self.types
            for text in each.arn_formats
            if text.split(":")[2] == service or "${" in text.split(":")[2]
        }

    @cached_property
    def of_service(self) -> dict[str, tuple[str, ...]]:
        """Return all ARN formats of each service."""
        found: dict[str, tuple[str, ...]] = {}
        for each in self.types:
            found[each.service_prefix] = (*found.get(each.service_prefix, ()), *each.arn_formats)
        return found


IDLE = ("action-without-resource", "action-on-every-arn")
CONCLUSIVE = {rule.code for rule in RULES if getattr(rule, "conclusive", False)}
CONCLUSIVE |= {"placeholder-in-arn", "placeholder-left"}
CONCLUSIVE -= {"malformed-arn"}
"""Of an ARN with one of these, check says nothing else: it is refused, or not filled in yet."""
MOST_ACTIONS = 30
"""Of one service: the others take larger sets of the same types."""


def cases(catalog: Catalog, step: int) -> Iterator[Case]:
    """Yield every format filled, and every *step*-th of all ARNs made from formats."""
    types = Types(catalog.resource_types())
    naming: dict[str, set[str]] = {}
    seen: set[str] = set()
    number = 0
    for each, arn_format in types.formats_of_types:
        for shape, arn in shapes(arn_format).items():
            number += 1
            if arn in seen or (number % step and shape != "filled"):
                continue
            seen.add(arn)
            service = (*arn.split(":"), "", "")[2]
            if service not in naming:
                naming[service] = types.naming(service)
            prefixes = sorted({each.service_prefix, *naming[service]})
            actions = {
                action: taken
                for prefix in prefixes
                for action, taken in list(types.actions.get(prefix, {}).items())[:MOST_ACTIONS]
            }
            formats = tuple(text for prefix in prefixes for text in types.of_service[prefix])
            if actions:
                good = fill(arn_format, numbered)
                yield Case(shape, arn, each.resource_type, good, actions, formats)


def statement(actions: Iterable[str], *resources: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


# --- the engines


def match_arn(catalog: Catalog, case: Case) -> Answer:
    malformed, types = False, set()
    try:
        types = {each.resource_type for each in catalog.match_arn(case.arn)}
    except MalformedArn:
        malformed = True
    except UnknownServicePrefix:
        pass
    takes = {action for action, taken in case.actions.items() if taken & types}
    return Answer(frozenset(takes), frozenset(case.actions), malformed)


def check(catalog: Catalog, case: Case) -> Answer:
    names = list(case.actions)
    found = catalog.check_policy(policy(*[statement([name], case.arn) for name in names]))
    if any(each.code == "malformed-arn" for each in found):
        return Answer(frozenset(), frozenset(names), malformed=True)
    if says_no_more(found):
        return Answer(frozenset(), frozenset(), None)
    idle = {names[int(each.path[1])] for each in found if each.code in IDLE}
    return Answer(frozenset(names) - idle, frozenset(names))


def says_no_more(found: Iterable[Finding]) -> bool:
    """Return True if check refuses an ARN for its form, and does not look what could take it."""
    return any(each.code in CONCLUSIVE and "Resource" in each.path for each in found)


def unused_arn(catalog: Catalog, case: Case) -> Answer:
    """Ask check about the ARN beside a good one, for an action that takes the good one."""
    names = [name for name, types in case.actions.items() if case.resource_type in types][:1]
    if not names or case.good == case.arn:
        return Answer(frozenset(), frozenset(), None)
    found = catalog.check_policy(policy(statement(names, case.good, case.arn)))
    path = ("Statement", 0, "Resource", 1)
    if says_no_more(found):
        return Answer(frozenset(), frozenset(), None)
    unused = any(each.code == "resource-without-action" and each.path == path for each in found)
    malformed = any(each.code == "malformed-arn" for each in found)
    return Answer(frozenset([] if unused or malformed else names), frozenset(names), malformed)


def explain(catalog: Catalog, case: Case) -> Answer:
    (explained,) = catalog.explain_policy(policy(statement(case.actions, case.arn))).statements
    idle = {name for each in explained.without_effect for name in each.names}
    return Answer(frozenset(case.actions) - idle, frozenset(case.actions), None)


def complete(catalog: Catalog, case: Case) -> Answer:
    """Ask complete which dependent actions a policy already allows on the ARN."""
    needing = {
        action: others[0]
        for action in case.actions
        if (others := sorted({*catalog.required_by(action)} - {*case.actions}))
    }
    asked = policy(statement(sorted({*needing.values()}), "*"), statement(needing, case.arn))
    missing = {each.dependent_action for each in catalog.complete_policy(asked).missing}
    return Answer(frozenset(needing) - missing, frozenset(needing), None)


def write(catalog: Catalog, case: Case) -> Answer:
    names = frozenset(case.actions)
    if "${" in case.arn:  # where no ARN is given, the format itself is written
        return Answer(frozenset(), frozenset(), None)
    try:
        written = catalog.write_policy(sorted(names), arns=[case.arn])
    except MalformedArn:
        return Answer(frozenset(), names, malformed=True)
    except CatalogError:  # it is of no type, or of a service that the catalog does not hold
        return Answer(frozenset(), names)
    takes = [each.action for each in written.actions if case.arn in each.resources]
    return Answer(names.intersection(takes), names)


def actions_for_arn(catalog: Catalog, case: Case) -> Answer:
    names = frozenset(case.actions)
    try:
        return Answer(names.intersection(catalog.actions_for_arn(case.arn)), names)
    except MalformedArn:
        return Answer(frozenset(), names, malformed=True)
    except UnknownServicePrefix:
        return Answer(frozenset(), names)


ASK: dict[str, Callable[[Catalog, Case], Answer]] = {
    "check": check,
    "check: unused ARN": unused_arn,
    "explain": explain,
    "complete": complete,
    "write": write,
    "actions_for_arn": actions_for_arn,
}


# --- the comparison


def difference(expected: Answer, found: Answer) -> str:
    """Say how an answer differs from that of match-arn; nothing where it does not."""
    if found.malformed not in (None, expected.malformed):
        return "malformed" if found.malformed else "not malformed"
    wanted = expected.takes & found.asked
    more, fewer = sorted(found.takes - wanted), sorted(wanted - found.takes)
    return "; ".join(
        f"{word}: {', '.join(names)}" for word, names in (("more", more), ("fewer", fewer)) if names
    )


def disputed(types: Types, case: Case, expected: Answer, found: Answer) -> list[str]:
    """Return the formats of the types of actions on which the engines differ."""
    names = (expected.takes & found.asked) ^ found.takes
    names = {name for action in names for name in case.actions[action]}
    return [text for name in sorted(names) for text in types.formats[name]]


Differences = dict[tuple[str, str], list[str]]
"""By engine and kind, what differs, in words."""


def differences(path: str, step: int, engines: dict[str, int]) -> Differences:
    """Ask each engine of every n-th case, as *engines* say."""
    found: Differences = {}
    with Catalog(path) as catalog:
        types = Types(catalog.resource_types())
        for number, case in enumerate(cases(catalog, step)):
            expected = match_arn(catalog, case)
            for engine, nth in engines.items():
                if number % nth:
                    continue
                answer = ASK[engine](catalog, case)
                if text := difference(expected, answer):
                    formats = disputed(types, case, expected, answer)
                    kind = kind_of(case.arn, formats, case.formats)
                    found.setdefault((engine, kind), []).append(f"{case.arn} ({case.shape}) {text}")
    return found


@pytest.fixture(scope="module")
def small_catalog(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("small")
    pages = write_pages(folder / "2025-07-01", dict(small_pages()))
    return build([pages], folder / "catalog.db")


@pytest.fixture(scope="module")
def small(small_catalog: str) -> Differences:
    """Ask every engine about every ARN, over services of our own."""
    return differences(small_catalog, 1, dict.fromkeys(ASK, 1))


def small_pages() -> Iterator[tuple[str, str]]:
    """Yield a page of each service, and one with an action that needs all of theirs."""
    rows = [line.split() for line in SMALL.splitlines() if line]
    needs = []
    for prefix in dict.fromkeys(row[0] for row in rows):
        types = [Type(name, text) for service, name, text in rows if service == prefix]
        actions = [act(f"Use{each.name.title()}", "Read", Row(each.name)) for each in types]
        needs += [f"{prefix}:{each.name}" for each in actions]
        actions.append(act("UseAll", "Read", *[Row(each.name) for each in types]))
        service = Service(actions, types, name=f"Example {prefix}", prefix=prefix, slug=prefix)
        yield f"{prefix}.md", as_table(service)
    all_of_it = act("DoAll", "Write", Row(needs=" ".join(needs)))
    yield "need.md", as_table(Service([all_of_it], name="Example need", prefix="need", slug="need"))


OF_ALL = {"check": 1, "explain": 10, "complete": 50, "write": 50, "actions_for_arn": 10}
"""Of how many cases of all of AWS an engine is asked one: some are slow."""


@pytest.fixture(scope="module")
def real(real_catalog: str) -> Differences:
    """Ask about every format filled and a sample of other shapes, over all of AWS."""
    return differences(real_catalog, 13, OF_ALL)


def pairs(engines: Iterable[str]) -> list[Any]:
    return [
        pytest.param(engine, kind, id=f"{engine}, {kind}") for engine in engines for kind in KINDS
    ]


@pytest.mark.parametrize(("engine", "kind"), pairs(ASK))
def test_an_engine_says_of_small_services_what_match_arn_says(
    engine: str, kind: str, small: Differences
) -> None:
    assert small.get((engine, kind), []) == []


@pytest.mark.corpora
@pytest.mark.parametrize(("engine", "kind"), pairs(OF_ALL))
def test_an_engine_says_of_all_of_aws_what_match_arn_says(
    engine: str, kind: str, real: Differences
) -> None:
    assert real.get((engine, kind), []) == []


def test_some_actions_take_an_arn_and_others_do_not(small_catalog: str) -> None:
    """So that engines that all know nothing are not taken for engines that agree."""
    with Catalog(small_catalog) as catalog:
        asked = list(cases(catalog, 1))
        taken = [match_arn(catalog, case).takes for case in asked if case.shape == "filled"]
        formats = [text for each in catalog.resource_types() for text in each.arn_formats]

    assert {case.shape for case in asked} == {name for each in formats for name in shapes(each)}
    assert all(taken)
    assert min(map(len, taken)) == 2  # the action of its type, and the one of all types


async def test_every_door_matches_an_arn_alike(small_catalog: str) -> None:
    """The command and the tool of the site, with the actions that take the ARN."""
    with doors(small_catalog) as door:
        formats = [text for each in door.catalog.resource_types() for text in each.arn_formats]
        arns = [arn for each in formats for arn in list(shapes(each).values())[::7]]
        for arn in arns:
            try:
                types = [each.resource_type for each in door.catalog.match_arn(arn)]
            except CatalogError:
                continue
            actions = door.catalog.actions_for_arn(arn)
            tool = await door.page("tools/arn", arn=arn)

            found = [each["resource_type"] for each in tool["resource_types"]]
            assert (found, [each["action"] for each in tool["actions"]]) == (types, actions)
            assert [each["resource_type"] for each in door.cli("match-arn", arn)] == types
            assert door.cli("actions-for-arn", arn) == actions
